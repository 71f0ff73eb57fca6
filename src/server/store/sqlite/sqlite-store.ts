import { StoreClosedError, StoreFailedError, StoreQueryError } from "../store-error.ts";
import type {
  Commit,
  EventRange,
  RunAddress,
  RunKey,
  Store,
  StoredRun,
  VisibilityField,
  VisibilityPage,
  VisibilityQuery,
} from "../store.ts";
import { rollBack, type SqliteDriver, type SqliteStatement } from "./driver.ts";
import type { LogSync } from "./log-sync.ts";
import { NamespaceNumbers } from "./namespace-numbers.ts";
import { RunReader } from "./run-reader.ts";
import { RunWriter } from "./run-writer.ts";
import { VisibilityReader } from "./visibility-reader.ts";

/** Holds the database file against other processes. */
export interface FileOwnership {
  /** @throws {StoreError} If another process has taken the file over. */
  assertHeld(): void;
  /** Idempotent. */
  release(): void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What a store works with, opened and checked. */
export interface SqliteParts {
  readonly path: string;
  readonly driver: SqliteDriver;
  readonly ownership: FileOwnership;
  readonly logSync: LogSync;
}

/**
 * A {@link Store} in one SQLite file.
 *
 * The first commit begins a transaction and every commit writes its rows at once, so that reads, which use the same
 * connection, see what is not durable yet. At the end of the next turn of the event loop, or when the sync before it is done, the
 * transaction goes to the write-ahead log and the log is synced; only then the commits resolve. While another thread
 * waits for a slow disk, the next transaction grows. SQLite itself syncs the log before it copies from it (`synchronous = NORMAL`), so a power cut costs what was not synced yet.
 */
export class SqliteStore implements Store {
  readonly #parts: SqliteParts;
  readonly #writer: RunWriter;
  readonly #reader: RunReader;
  readonly #visibility: VisibilityReader;
  readonly #begin: SqliteStatement;
  readonly #end: SqliteStatement;
  /** Commits in the open transaction. */
  #written: Waiter[] = [];
  /** Commits in the log whose sync is under way. */
  #syncing: readonly Waiter[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #failure: StoreFailedError | undefined;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
    const { driver } = parts;
    const namespaces = new NamespaceNumbers(driver);
    this.#writer = new RunWriter(driver, namespaces);
    this.#reader = new RunReader(driver, namespaces);
    this.#visibility = new VisibilityReader(driver, namespaces);
    this.#begin = driver.prepare("BEGIN IMMEDIATE");
    this.#end = driver.prepare("COMMIT");
  }

  commit(commit: Commit): Promise<void> {
    try {
      this.#assertUsable();
      if (this.#written.length === 0) this.#beginTransaction();
      this.#writer.apply(commit);
    } catch (error) {
      return Promise.reject(this.#fail(error));
    }
    return new Promise((resolve, reject) => {
      this.#written.push({ resolve, reject });
    });
  }

  lastRunKey(): RunKey {
    return this.#read(() => this.#writer.lastRunKey());
  }

  *openRuns(): Iterable<StoredRun> {
    let key = 0;
    for (;;) {
      const runs = this.#read(() => this.#reader.openRunsAfter(key));
      const last = runs.at(-1);
      if (last === undefined) return;
      yield* runs;
      key = last.key;
    }
  }

  readRun(key: RunKey): StoredRun | undefined {
    return this.#read(() => this.#reader.readRun(key));
  }

  findCurrentRun(namespaceId: string, workflowId: string): RunAddress | undefined {
    return this.#read(() => this.#reader.findCurrentRun(namespaceId, workflowId));
  }

  findRun(namespaceId: string, workflowId: string, runId: string): RunAddress | undefined {
    return this.#read(() => this.#reader.findRun(namespaceId, workflowId, runId));
  }

  readEvents(key: RunKey, range: EventRange): readonly Uint8Array[] {
    return this.#read(() => this.#reader.readEvents(key, range));
  }

  blobs(kind: string): readonly { readonly id: string; readonly value: Uint8Array }[] {
    return this.#read(() => this.#reader.blobs(kind));
  }

  listRuns(query: VisibilityQuery): VisibilityPage {
    return this.#read(() => this.#visibility.listRuns(query));
  }

  countRuns(
    query: Pick<VisibilityQuery, "namespaceId" | "where">,
    groupBy?: VisibilityField,
  ): readonly { readonly group: string | number | boolean | null; readonly count: number }[] {
    return this.#read(() => this.#visibility.countRuns(query, groupBy));
  }

  closedRunsBefore(namespaceId: string, closeTimeMs: number, limit: number): readonly RunAddress[] {
    return this.#read(() => this.#visibility.closedRunsBefore(namespaceId, closeTimeMs, limit));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#unschedule();
    this.#endTransaction();
    if (this.#syncing.length > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    try {
      this.#parts.logSync.close();
      this.#parts.driver.close();
    } finally {
      this.#parts.ownership.release();
    }
  }

  #beginTransaction(): void {
    this.#parts.ownership.assertHeld();
    this.#begin.run();
    if (this.#syncing.length > 0) return;
    // The turn after this one: until then answers that wait for no commit are on their way, and what callers send
    // meanwhile joins the transaction.
    this.#scheduled = setImmediate(() => {
      this.#scheduled = setImmediate(() => this.#endTransaction());
    });
  }

  /** While a sync is under way the transaction stays open and grows: the next sync would wait for it anyway. */
  #endTransaction(): void {
    this.#scheduled = undefined;
    if (this.#written.length === 0 || this.#syncing.length > 0) return;
    try {
      this.#end.run();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#syncing = this.#written;
    this.#written = [];
    this.#parts.logSync.sync((error) => this.#synced(error));
  }

  #synced(error: Error | null): void {
    const durable = this.#syncing;
    this.#syncing = [];
    if (error === null) {
      for (const waiter of durable) waiter.resolve();
      this.#endTransaction();
    } else {
      // What a failed sync left on the disk is unknown, and a second try may report success without it.
      const failure = this.#fail(error);
      for (const waiter of durable) waiter.reject(failure);
    }
    if (this.#syncing.length === 0) this.#drained?.();
  }

  #read<T>(read: () => T): T {
    this.#assertUsable();
    try {
      return read();
    } catch (error) {
      if (error instanceof StoreQueryError) throw error;
      throw this.#fail(error);
    }
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) {
      throw new StoreClosedError(`Cannot use database "${this.#parts.path}": it is closed, open it again`);
    }
  }

  /** What is in memory is now ahead of the disk, so nothing more is read or written. */
  #fail(error: unknown): Error {
    if (error instanceof StoreClosedError || error instanceof StoreFailedError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    const failure = new StoreFailedError(
      `Cannot use database "${this.#parts.path}": ${reason}; close it, see to the cause and open it again`,
      { cause: error },
    );
    this.#failure = failure;
    rollBack(this.#parts.driver);
    this.#unschedule();
    for (const waiter of this.#written.splice(0)) waiter.reject(failure);
    return failure;
  }

  #unschedule(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
  }
}
