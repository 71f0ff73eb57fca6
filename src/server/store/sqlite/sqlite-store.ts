import { StoreClosedError, StoreFailedError, StoreQueryError } from "../store-error.ts";
import type {
  Commit,
  CommitOptions,
  EventRange,
  RunAddress,
  RunKey,
  Store,
  StoredRun,
  VisibilityField,
  VisibilityPage,
  VisibilityQuery,
} from "../store.ts";
import { inTransaction, type SqliteDriver } from "./driver.ts";
import type { CommitLog, LoggedCommits } from "./commit-log.ts";
import { NamespaceNumbers } from "./namespace-numbers.ts";
import { PendingCommits } from "./pending-commits.ts";
import { RunReader } from "./run-reader.ts";
import { RunWriter } from "./run-writer.ts";
import { VisibilityReader } from "./visibility-reader.ts";
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from "../../../rpc/host-timers.ts";

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
  readonly log: CommitLog;
  /** What the log had that the tables may not have. */
  readonly found: LoggedCommits;
  /** Makes durable what has been written to the tables. */
  readonly syncTables: () => void;
}

/** So many commits wait for the tables before any is written there: a run that ends meanwhile is written once. */
const PENDING_MIN = 256;
/** Commits written to the tables at a time, so that calls need not wait for long. */
const APPLIED_AT_ONCE = 64;
/** With so many bytes in the log all goes into the tables, and the log starts anew. */
const LOG_BYTES_MAX = 4 * 1024 * 1024;
/** So long a patient commit waits for others. In sequence, the next workflow task's completion comes within it. */
const PATIENCE_MS = 2;
/** When nothing has been committed for so long, what is pending goes into the tables. */
const IDLE_MS = 500;

/**
 * A {@link Store} in one SQLite file with a log of commits beside it.
 *
 * A commit is durable once the log has it: what is handed in up to the end of the next turn of the event loop, or while
 * a sync is under way, is one write and one sync. The tables follow later, many commits at a time, which costs a
 * fraction of writing each into ten B-trees. Reads look into what is pending, or have it written to the tables first.
 * `meta.applied` says in the same transaction how far the tables are, so that an opening after a crash writes the rest.
 */
export class SqliteStore implements Store {
  readonly #parts: SqliteParts;
  readonly #writer: RunWriter;
  readonly #reader: RunReader;
  readonly #visibility: VisibilityReader;
  readonly #pending = new PendingCommits();
  /** Number of the newest commit that the tables have. */
  #applied: number;
  /** Number of the newest commit in the log. */
  #logged: number;
  /** Commits that the log does not have yet, and those who wait for them. */
  #batch: Commit[] = [];
  #waiting: Waiter[] = [];
  /** Who waits for the sync under way. */
  #syncing: readonly Waiter[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #patience: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #failure: StoreFailedError | undefined;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
    const { driver, found } = parts;
    const namespaces = new NamespaceNumbers(driver);
    this.#writer = new RunWriter(driver, namespaces);
    this.#reader = new RunReader(driver, namespaces);
    this.#visibility = new VisibilityReader(driver, namespaces);
    this.#applied = found.firstNumber - 1;
    this.#logged = this.#applied + found.commits.length;
    for (const commit of found.commits) this.#pending.add(commit);
    this.#settle();
  }

  commit(commit: Commit, { patient = false }: CommitOptions = {}): Promise<void> {
    try {
      this.#assertUsable();
      if (this.#batch.length === 0) this.#parts.ownership.assertHeld();
      this.#schedule(patient);
      this.#pending.add(commit);
      this.#batch.push(commit);
    } catch (error) {
      return Promise.reject(this.#fail(error));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  lastRunKey(): RunKey {
    return this.#read(() => Math.max(this.#writer.lastRunKey(), this.#pending.lastRunKey));
  }

  *openRuns(): Iterable<StoredRun> {
    let key = 0;
    for (;;) {
      const runs = this.#readTables(() => this.#reader.openRunsAfter(key));
      const last = runs.at(-1);
      if (last === undefined) return;
      yield* runs;
      key = last.key;
    }
  }

  readRun(key: RunKey): StoredRun | undefined {
    return this.#read(() => {
      if (this.#pending.has(key)) this.#applyAll();
      return this.#reader.readRun(key);
    });
  }

  findCurrentRun(namespaceId: string, workflowId: string): RunAddress | undefined {
    return this.#read(() => {
      if (this.#pending.deletes) this.#applyAll();
      return (
        this.#pending.findCurrentRun(namespaceId, workflowId) ?? this.#reader.findCurrentRun(namespaceId, workflowId)
      );
    });
  }

  findRun(namespaceId: string, workflowId: string, runId: string): RunAddress | undefined {
    return this.#read(() => {
      if (this.#pending.deletes) this.#applyAll();
      return (
        this.#pending.findRun(namespaceId, workflowId, runId) ?? this.#reader.findRun(namespaceId, workflowId, runId)
      );
    });
  }

  readEvents(key: RunKey, range: EventRange): readonly Uint8Array[] {
    return this.#read(() => {
      const read = this.#pending.deletes ? "in both" : this.#pending.readEvents(key, range);
      if (typeof read !== "string") return read;
      if (read === "in both") this.#applyAll();
      return this.#reader.readEvents(key, range);
    });
  }

  blobs(kind: string): readonly { readonly id: string; readonly value: Uint8Array }[] {
    return this.#readTables(() => this.#reader.blobs(kind));
  }

  listRuns(query: VisibilityQuery): VisibilityPage {
    return this.#readTables(() => this.#visibility.listRuns(query));
  }

  countRuns(
    query: Pick<VisibilityQuery, "namespaceId" | "where">,
    groupBy?: VisibilityField,
  ): readonly { readonly group: string | number | boolean | null; readonly count: number }[] {
    return this.#readTables(() => this.#visibility.countRuns(query, groupBy));
  }

  closedRunsBefore(namespaceId: string, closeTimeMs: number, limit: number): readonly RunAddress[] {
    return this.#readTables(() => this.#visibility.closedRunsBefore(namespaceId, closeTimeMs, limit));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#write();
    if (this.#syncing.length > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    const { log, driver, ownership } = this.#parts;
    try {
      const isWhole = this.#failure === undefined && this.#tryApplyAll();
      // Closing copies the tables' own log into the database and syncs it.
      driver.close();
      if (isWhole) log.remove();
      else log.close();
    } finally {
      ownership.release();
    }
  }

  #schedule(patient: boolean): void {
    if (this.#syncing.length > 0 || this.#scheduled !== undefined) return;
    if (patient) {
      this.#patience ??= setTimeout(() => this.#write(), PATIENCE_MS);
      return;
    }
    // The turn after this one: until then answers that wait for no commit are on their way, and what callers send
    // meanwhile joins the batch.
    this.#scheduled = setImmediate(() => {
      this.#scheduled = setImmediate(() => this.#write());
    });
  }

  /** While a sync is under way the batch grows: the next sync would wait for it anyway. */
  #write(): void {
    this.#unschedule();
    if (this.#batch.length === 0 || this.#syncing.length > 0) return;
    const { log } = this.#parts;
    try {
      log.append(this.#logged + 1, this.#batch);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#logged += this.#batch.length;
    this.#syncing = this.#waiting;
    this.#batch = [];
    this.#waiting = [];
    log.sync((error) => this.#synced(error));
  }

  #synced(error: Error | null): void {
    const durable = this.#syncing;
    this.#syncing = [];
    if (error === null) {
      for (const waiter of durable) waiter.resolve();
      this.#write();
      this.#follow();
    } else {
      // What a failed sync left on the disk is unknown, and a second try may report success without it.
      const failure = this.#fail(error);
      for (const waiter of durable) waiter.reject(failure);
    }
    if (this.#syncing.length === 0) this.#drained?.();
  }

  /** Lets the tables follow the log. */
  #follow(): void {
    if (this.#closing !== undefined || this.#failure !== undefined) return;
    if (this.#idle === undefined) {
      this.#idle = setTimeout(() => this.#tryApplyAll(), IDLE_MS);
      this.#idle.unref();
    } else this.#idle.refresh();
    try {
      if (this.#parts.log.bytes > LOG_BYTES_MAX) this.#settle();
      else if (this.#pending.count > PENDING_MIN) this.#apply(APPLIED_AT_ONCE);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Brings the tables up to date for good, so that the log may start anew. */
  #settle(): void {
    this.#applyAll();
    this.#parts.syncTables();
    this.#parts.log.restart();
  }

  #applyAll(): void {
    this.#apply(this.#pending.count);
  }

  #tryApplyAll(): boolean {
    try {
      this.#applyAll();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #apply(count: number): void {
    if (this.#pending.count === 0) return;
    const applied = this.#applied + Math.min(count, this.#pending.count);
    const commit = this.#pending.take(count);
    inTransaction(this.#parts.driver, () => {
      this.#writer.apply(commit);
      this.#writer.putApplied(applied);
    });
    this.#applied = applied;
  }

  /** Reads what only the tables can tell. */
  #readTables<T>(read: () => T): T {
    return this.#read(() => {
      this.#applyAll();
      return read();
    });
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
    this.#unschedule();
    clearTimeout(this.#idle);
    for (const waiter of this.#waiting.splice(0)) waiter.reject(failure);
    return failure;
  }

  #unschedule(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }
}
