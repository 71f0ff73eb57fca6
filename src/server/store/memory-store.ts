import assert from "node:assert";
import { cutEvents, firstRecordFor } from "./event-range.ts";
import { IdPairs } from "./id-pairs.ts";
import { compareListPositions, decodeListPosition, encodeListPosition, listPosition } from "./list-order.ts";
import { StoreClosedError } from "./store-error.ts";
import type {
  BlobWrite,
  Commit,
  EventRange,
  RunAddress,
  RunKey,
  RunRecord,
  RunWrite,
  Store,
  StoredRun,
  VisibilityField,
  VisibilityPage,
  VisibilityQuery,
  VisibilityRow,
} from "./store.ts";
import { compareText } from "./text-order.ts";
import { checkFilter } from "./visibility-check.ts";
import { fieldValue } from "./visibility-field.ts";
import { compareScalars, matchFilter } from "./visibility-match.ts";

interface MemoryRun {
  readonly address: RunAddress;
  readonly records: RunRecord[];
  snapshot: Uint8Array | null;
  /** How many records the snapshot stands for. */
  snapshotRecords: number;
  visibility: VisibilityRow | null;
  open: boolean;
}

/** All that a {@link MemoryStore} holds, as plain data. */
export interface MemoryContents {
  readonly lastRunKey: RunKey;
  readonly runs: readonly Readonly<MemoryRun>[];
  /** Runs that their workflow ids stand for. */
  readonly current: readonly RunKey[];
  readonly blobs: readonly BlobWrite[];
}

/** A {@link Store} that forgets everything when it is dropped: for tests, demos and servers without a file. */
export class MemoryStore implements Store {
  readonly #runs = new Map<RunKey, MemoryRun>();
  readonly #open = new Set<RunKey>();
  readonly #current = new IdPairs<RunKey>();
  readonly #byRunId = new IdPairs<RunKey>();
  readonly #blobs = new Map<string, Map<string, Uint8Array>>();
  #lastRunKey = 0;
  #closed = false;

  // eslint-disable-next-line typescript/require-await -- A commit that fails must reject, not throw.
  async commit(commit: Commit): Promise<void> {
    this.apply(commit);
  }

  /** Makes a commit visible at once. */
  apply(commit: Commit): void {
    this.#assertOpen();
    for (const write of commit.runs) this.#applyRun(write);
    for (const write of commit.blobs ?? []) this.#applyBlob(write);
  }

  /** A store with the same contents that changes on its own. */
  copy(): MemoryStore {
    return MemoryStore.from(this.#take());
  }

  /** What the store holds now, in the order of run keys. Later changes of the store leave it as it is. */
  contents(): MemoryContents {
    this.#assertOpen();
    return this.#take();
  }

  #take(): MemoryContents {
    return {
      lastRunKey: this.#lastRunKey,
      runs: [...this.#runs.values()].map((run) => ({ ...run, records: [...run.records] })),
      current: [...this.#current.values()],
      blobs: [...this.#blobs].flatMap(([kind, blobs]) => [...blobs].map(([id, value]) => ({ kind, id, value }))),
    };
  }

  /** A store with what another one held. */
  static from({ lastRunKey, runs, current, blobs }: MemoryContents): MemoryStore {
    const store = new MemoryStore();
    for (const run of runs) {
      const { key, namespaceId, runId } = run.address;
      store.#runs.set(key, { ...run, records: [...run.records] });
      store.#byRunId.set(namespaceId, runId, key);
      if (run.open) store.#open.add(key);
    }
    for (const key of current) {
      const address = store.#address(key);
      if (address !== undefined) store.#current.set(address.namespaceId, address.workflowId, key);
    }
    for (const blob of blobs) store.#applyBlob(blob);
    store.#lastRunKey = lastRunKey;
    return store;
  }

  lastRunKey(): RunKey {
    this.#assertOpen();
    return this.#lastRunKey;
  }

  *openRuns(): Iterable<StoredRun> {
    this.#assertOpen();
    for (const key of [...this.#open].toSorted((left, right) => left - right)) {
      const run = this.#open.has(key) ? this.readRun(key) : undefined;
      if (run !== undefined) yield run;
    }
  }

  readRun(key: RunKey): StoredRun | undefined {
    this.#assertOpen();
    const run = this.#runs.get(key);
    if (run === undefined) return undefined;
    return {
      ...run.address,
      snapshot: run.snapshot,
      records: run.records.slice(run.snapshotRecords),
    };
  }

  findCurrentRun(namespaceId: string, workflowId: string): RunAddress | undefined {
    this.#assertOpen();
    return this.#address(this.#current.get(namespaceId, workflowId));
  }

  findRun(namespaceId: string, workflowId: string, runId: string): RunAddress | undefined {
    this.#assertOpen();
    const address = this.#address(this.#byRunId.get(namespaceId, runId));
    return address?.workflowId === workflowId ? address : undefined;
  }

  readEvents(key: RunKey, range: EventRange): readonly Uint8Array[] {
    this.#assertOpen();
    const records = this.#runs.get(key)?.records ?? [];
    // Each event fills at least one event id, so that later records cannot be needed.
    const start = firstRecordFor(records, range.fromEventId);
    const end = Math.max(firstRecordFor(records, range.toEventId) + 1, start);
    return cutEvents(records.slice(start, Math.min(end, start + range.maxEvents + 1)), range);
  }

  blobs(kind: string): readonly { readonly id: string; readonly value: Uint8Array }[] {
    this.#assertOpen();
    return [...(this.#blobs.get(kind) ?? [])]
      .map(([id, value]) => ({ id, value }))
      .toSorted((left, right) => compareText(left.id, right.id));
  }

  listRuns(query: VisibilityQuery): VisibilityPage {
    this.#assertOpen();
    const after = query.pageToken === undefined ? undefined : decodeListPosition(query.pageToken);
    const rows = this.#filteredRows(query)
      .filter((row) => after === undefined || compareListPositions(listPosition(row), after) > 0)
      .toSorted((left, right) => compareListPositions(listPosition(left), listPosition(right)));
    const page = rows.slice(0, query.pageSize);
    const last = page.at(-1);
    if (rows.length <= page.length || last === undefined) return { rows: page };
    return { rows: page, nextPageToken: encodeListPosition(listPosition(last)) };
  }

  countRuns(
    query: Pick<VisibilityQuery, "namespaceId" | "where">,
    groupBy?: VisibilityField,
  ): readonly { readonly group: string | number | boolean | null; readonly count: number }[] {
    this.#assertOpen();
    const rows = this.#filteredRows(query);
    if (groupBy === undefined) return [{ group: null, count: rows.length }];
    const counts = new Map<string | number | boolean | null, number>();
    for (const row of rows) {
      const value = fieldValue(groupBy, row);
      const group = value !== null && typeof value === "object" ? JSON.stringify(value) : value;
      counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    return [...counts]
      .map(([group, count]) => ({ group, count }))
      .toSorted((left, right) =>
        left.group === null ? -1 : right.group === null ? 1 : compareScalars(left.group, right.group),
      );
  }

  closedRunsBefore(namespaceId: string, closeTimeMs: number, limit: number): readonly RunAddress[] {
    this.#assertOpen();
    if (this.#open.size === this.#runs.size) return [];
    const closed: { readonly closeTimeMs: number; readonly address: RunAddress }[] = [];
    for (const run of this.#runs.values()) {
      const closedMs = run.visibility?.closeTimeMs ?? null;
      if (run.address.namespaceId !== namespaceId || run.open || closedMs === null) continue;
      if (closedMs < closeTimeMs) closed.push({ closeTimeMs: closedMs, address: run.address });
    }
    return closed
      .toSorted((left, right) => left.closeTimeMs - right.closeTimeMs || left.address.key - right.address.key)
      .slice(0, limit)
      .map((run) => run.address);
  }

  // eslint-disable-next-line typescript/require-await -- Other stores have something to wait for.
  async close(): Promise<void> {
    this.#closed = true;
  }

  #applyRun(write: RunWrite): void {
    if (write.create !== undefined) this.#createRun(write.key, write.create);
    const run = this.#runs.get(write.key);
    assert(run !== undefined, `Cannot write to run ${write.key}: it was never created or is deleted`);
    if (write.records !== undefined) run.records.push(...write.records);
    if (write.snapshot !== undefined) {
      run.snapshot = write.snapshot;
      run.snapshotRecords = run.records.length;
    }
    if (write.visibility !== undefined) run.visibility = write.visibility;
    if (write.closed === true) {
      run.open = false;
      this.#open.delete(write.key);
    }
    if (write.deleted === true) this.#deleteRun(run.address);
  }

  #createRun(key: RunKey, create: NonNullable<RunWrite["create"]>): void {
    assert(!this.#runs.has(key), `Cannot create run ${key}: the key is taken`);
    const { namespaceId, workflowId, runId, current } = create;
    const address = { key, namespaceId, workflowId, runId };
    const taken = this.#byRunId.get(namespaceId, runId);
    assert(taken === undefined, `Cannot create run "${runId}" of workflow "${workflowId}": it exists`);
    this.#runs.set(key, {
      address,
      records: [],
      snapshot: null,
      snapshotRecords: 0,
      visibility: null,
      open: true,
    });
    this.#open.add(key);
    this.#byRunId.set(namespaceId, runId, key);
    if (current) this.#current.set(namespaceId, workflowId, key);
    this.#lastRunKey = Math.max(this.#lastRunKey, key);
  }

  #deleteRun(address: RunAddress): void {
    this.#runs.delete(address.key);
    this.#open.delete(address.key);
    const { namespaceId, workflowId, runId } = address;
    this.#byRunId.delete(namespaceId, runId);
    if (this.#current.get(namespaceId, workflowId) === address.key) this.#current.delete(namespaceId, workflowId);
  }

  #applyBlob(write: BlobWrite): void {
    let blobs = this.#blobs.get(write.kind);
    if (blobs === undefined) {
      blobs = new Map();
      this.#blobs.set(write.kind, blobs);
    }
    if (write.value === null) blobs.delete(write.id);
    else blobs.set(write.id, write.value);
  }

  #filteredRows(query: Pick<VisibilityQuery, "namespaceId" | "where">): VisibilityRow[] {
    checkFilter(query.where);
    const rows: VisibilityRow[] = [];
    for (const { visibility } of this.#runs.values()) {
      if (visibility === null || visibility.namespaceId !== query.namespaceId) continue;
      if (query.where === undefined || matchFilter(query.where, visibility) === true) rows.push(visibility);
    }
    return rows;
  }

  #address(key: RunKey | undefined): RunAddress | undefined {
    return key === undefined ? undefined : this.#runs.get(key)?.address;
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreClosedError("Cannot use the memory store: it is closed, open a new one");
  }
}
