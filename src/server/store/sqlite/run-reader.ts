import { cutEvents } from "../event-range.ts";
import type { EventRange, RunAddress, RunKey, RunRecord, StoredRun } from "../store.ts";
import type { SqliteDriver, SqliteStatement, SqlRow } from "./driver.ts";
import { splitEvents } from "./event-bytes.ts";
import type { NamespaceNumbers } from "./namespace-numbers.ts";
import { fromSqlText, toSqlText } from "./sql-text.ts";

/** Open runs read at a time, so that not all of them are in memory at once. */
const OPEN_RUNS_PER_READ = 64;

/** Reads runs, histories and blobs back. Never leaves a query half done. */
export class RunReader {
  readonly #namespaces: NamespaceNumbers;
  readonly #statements: Readonly<Record<keyof typeof statements, SqliteStatement>>;

  constructor(driver: SqliteDriver, namespaces: NamespaceNumbers) {
    this.#namespaces = namespaces;
    const prepared = Object.entries(statements).map(([name, sql]) => [name, driver.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof statements, SqliteStatement>;
  }

  readRun(key: RunKey): StoredRun | undefined {
    const [row] = this.#statements.run.all(key);
    if (row === undefined) return undefined;
    const after = [row["through_seq"] ?? 0, row["next_event_id"] ?? 0];
    const records = this.#statements.recordsAfter.all(key, ...after).map(toRecord);
    return this.#storedRun(row, records);
  }

  /** The next open runs in key order after a key; none when there are no more. */
  openRunsAfter(key: RunKey): readonly StoredRun[] {
    const rows = this.#statements.openRuns.all(key, OPEN_RUNS_PER_READ);
    const last = rows.at(-1)?.["run_key"];
    if (last === undefined) return [];
    const records = new Map<RunKey, RunRecord[]>();
    for (const row of this.#statements.openRecords.all(key, last)) {
      const runKey = row["run_key"] as number;
      const known = records.get(runKey);
      if (known === undefined) records.set(runKey, [toRecord(row)]);
      else known.push(toRecord(row));
    }
    return rows.map((row) => this.#storedRun(row, records.get(row["run_key"] as number) ?? []));
  }

  findCurrentRun(namespaceId: string, workflowId: string): RunAddress | undefined {
    const namespace = this.#namespaces.find(namespaceId);
    if (namespace === undefined) return undefined;
    const [row] = this.#statements.currentRun.all(namespace, toSqlText(workflowId));
    return row === undefined ? undefined : this.toAddress(row);
  }

  findRun(namespaceId: string, workflowId: string, runId: string): RunAddress | undefined {
    const namespace = this.#namespaces.find(namespaceId);
    if (namespace === undefined) return undefined;
    const [row] = this.#statements.runByIds.all(namespace, toSqlText(runId), toSqlText(workflowId));
    return row === undefined ? undefined : this.toAddress(row);
  }

  /** Sizes first, then only the rows that fit: a row may hold megabytes. */
  readEvents(key: RunKey, range: EventRange): readonly Uint8Array[] {
    const sizes = this.#statements.recordSizes.all(
      key,
      range.fromEventId,
      range.toEventId,
      Math.max(range.maxEvents, 1) + 1,
    );
    const [first] = sizes;
    if (first === undefined) return [];
    let last = first;
    let bytes = 0;
    for (const row of sizes) {
      if (bytes > range.maxBytes) break;
      last = row;
      bytes += row["bytes"] as number;
    }
    const rows = this.#statements.records.all(key, first["first_event_id"] ?? 0, last["first_event_id"] ?? 0);
    return cutEvents(rows.map(toRecord), range);
  }

  blobs(kind: string): readonly { readonly id: string; readonly value: Uint8Array }[] {
    return this.#statements.blobs
      .all(toSqlText(kind))
      .map((row) => ({ id: fromSqlText(row["id"] as string), value: row["value"] as Uint8Array }));
  }

  /** Reads the address columns of table `runs`. */
  toAddress(row: SqlRow): RunAddress {
    return {
      key: row["run_key"] as number,
      namespaceId: this.#namespaces.idOf(row["namespace"] as number),
      workflowId: fromSqlText(row["workflow_id"] as string),
      runId: fromSqlText(row["run_id"] as string),
    };
  }

  #storedRun(row: SqlRow, records: readonly RunRecord[]): StoredRun {
    return { ...this.toAddress(row), snapshot: row["state"] as Uint8Array | null, records };
  }
}

const address = "runs.run_key, runs.namespace, runs.workflow_id, runs.run_id";
const snapshot = "snapshots.through_seq, snapshots.next_event_id, snapshots.state";
const inLogOrder = "ORDER BY log.run_key, log.first_event_id, log.seq";

const statements = {
  run: `SELECT ${address}, ${snapshot} FROM runs LEFT JOIN snapshots USING (run_key) WHERE run_key = ?`,
  recordsAfter: `SELECT first_event_id, events, ops FROM log
    WHERE run_key = ? AND seq > ? AND first_event_id >= ? ${inLogOrder}`,
  openRuns: `SELECT ${address}, ${snapshot} FROM runs LEFT JOIN snapshots USING (run_key)
    WHERE is_open = 1 AND run_key > ? ORDER BY run_key LIMIT ?`,
  openRecords: `SELECT log.run_key, log.first_event_id, log.events, log.ops
    FROM runs LEFT JOIN snapshots USING (run_key) CROSS JOIN log ON log.run_key = runs.run_key
      AND log.first_event_id >= coalesce(snapshots.next_event_id, 0) AND log.seq > coalesce(snapshots.through_seq, 0)
    WHERE runs.is_open = 1 AND runs.run_key > ? AND runs.run_key <= ? ORDER BY runs.run_key, log.first_event_id, log.seq`,
  currentRun: `SELECT ${address} FROM current_runs JOIN runs USING (run_key)
    WHERE current_runs.namespace = ? AND current_runs.workflow_id = ?`,
  runByIds: `SELECT ${address} FROM runs WHERE namespace = ? AND run_id = ? AND workflow_id = ?`,
  recordSizes: `SELECT first_event_id, length(events) AS bytes FROM log
    WHERE run_key = ?1 AND first_event_id < ?3 AND event_count > 0 AND first_event_id >= coalesce((
      SELECT max(first_event_id) FROM log WHERE run_key = ?1 AND first_event_id <= ?2 AND event_count > 0
    ), 0) ${inLogOrder} LIMIT ?4`,
  records: `SELECT first_event_id, events, ops FROM log
    WHERE run_key = ? AND first_event_id BETWEEN ? AND ? AND event_count > 0 ${inLogOrder}`,
  blobs: "SELECT id, value FROM blobs WHERE kind = ? ORDER BY id",
};

function toRecord(row: SqlRow): RunRecord {
  return {
    firstEventId: row["first_event_id"] as number,
    events: splitEvents(row["events"] as Uint8Array),
    ops: row["ops"] as Uint8Array,
  };
}
