import assert from "node:assert";
import { listPosition } from "../list-order.ts";
import type { BlobWrite, Commit, RunKey, RunRecord, RunWrite, VisibilityRow } from "../store.ts";
import type { SqliteDriver, SqliteStatement } from "./driver.ts";
import { joinEvents } from "./event-bytes.ts";
import type { NamespaceNumbers } from "./namespace-numbers.ts";
import { attributeEntries, INSERT_ENTRY } from "./attribute-index.ts";
import { toSqlText } from "./sql-text.ts";
import { VISIBILITY_COLUMNS, visibilityValues } from "./visibility-row.ts";

const noBytes = new Uint8Array(0);

/** Turns commits into rows, inside whatever transaction is open. */
export class RunWriter {
  readonly #driver: SqliteDriver;
  readonly #namespaces: NamespaceNumbers;
  readonly #statements: Readonly<Record<keyof typeof statements, SqliteStatement>>;
  #nextSeq: number;
  #lastRunKey: RunKey;

  constructor(driver: SqliteDriver, namespaces: NamespaceNumbers) {
    this.#driver = driver;
    this.#namespaces = namespaces;
    this.#statements = prepareAll(driver);
    // Rows with the highest numbers may have been deleted, and numbers are never used again: `meta` remembers those.
    this.#nextSeq = 1 + this.#highest("SELECT max(seq) AS value FROM log", "seq");
    this.#lastRunKey = this.#highest("SELECT max(run_key) AS value FROM runs", "run_key");
  }

  lastRunKey(): RunKey {
    return this.#lastRunKey;
  }

  /** Notes the number of the newest commit that the tables have. */
  putApplied(number: number): void {
    this.#statements.putMeta.run("applied", number);
  }

  /** Writes all rows of one commit. */
  apply(commit: Commit): void {
    for (const write of commit.runs) this.#applyRun(write);
    for (const write of commit.blobs ?? []) this.#applyBlob(write);
  }

  #applyRun(write: RunWrite): void {
    const { key } = write;
    if (write.create !== undefined) this.#createRun(key, write.create, write);
    for (const record of write.records ?? []) this.#appendRecord(key, record);
    if (write.snapshot !== undefined) {
      this.#statements.putSnapshot.run(key, this.#nextSeq - 1, key, write.snapshot);
    }
    if (write.visibility !== undefined && write.create === undefined) {
      this.#statements.updateVisibility.run(...visibilityValues(write.visibility), key);
      this.#statements.deleteEntries.run(key);
      this.#insertEntries(key, write.visibility);
    }
    if (write.closed === true && write.create === undefined) this.#statements.closeRun.run(key);
    if (write.deleted === true) this.#deleteRun(key);
  }

  #createRun(key: RunKey, create: NonNullable<RunWrite["create"]>, { visibility, closed }: RunWrite): void {
    const namespace = this.#namespaces.numberOf(create.namespaceId);
    const workflowId = toSqlText(create.workflowId);
    const values = visibilityValues(visibility);
    this.#statements.insertRun.run(
      key,
      namespace,
      workflowId,
      toSqlText(create.runId),
      closed === true ? 0 : 1,
      ...values,
    );
    if (create.current) this.#statements.putCurrent.run(namespace, workflowId, key);
    if (visibility !== undefined) this.#insertEntries(key, visibility);
    this.#lastRunKey = Math.max(this.#lastRunKey, key);
  }

  #insertEntries(key: RunKey, row: VisibilityRow): void {
    const entries = attributeEntries(row);
    if (entries.length === 0) return;
    const namespace = this.#namespaces.numberOf(row.namespaceId);
    const { closeKey, startTimeMs } = listPosition(row);
    for (const { name, value } of entries) {
      this.#statements.insertEntry.run(namespace, name, value, closeKey, startTimeMs, key);
    }
  }

  #appendRecord(key: RunKey, record: RunRecord): void {
    const { firstEventId, events, ops } = record;
    const joined = events.length === 0 ? noBytes : joinEvents(events);
    this.#statements.appendRecord.run(this.#nextSeq, key, firstEventId, events.length, joined, ops);
    this.#nextSeq += 1;
  }

  #deleteRun(key: RunKey): void {
    const { deleteCurrent, deleteLog, deleteSnapshot, deleteEntries, deleteRun, putMeta } = this.#statements;
    for (const statement of [deleteCurrent, deleteLog, deleteSnapshot, deleteEntries, deleteRun]) {
      statement.run(key);
    }
    putMeta.run("seq", this.#nextSeq - 1);
    putMeta.run("run_key", this.#lastRunKey);
  }

  #applyBlob(write: BlobWrite): void {
    const { kind, id, value } = write;
    if (value === null) this.#statements.deleteBlob.run(toSqlText(kind), toSqlText(id));
    else this.#statements.putBlob.run(toSqlText(kind), toSqlText(id), value);
  }

  #highest(query: string, name: "seq" | "run_key"): number {
    const [inTable] = this.#driver.query(query, []);
    const [inMeta] = this.#driver.query("SELECT value FROM meta WHERE name = ?", [name]);
    const values = [inTable?.["value"] ?? 0, inMeta?.["value"] ?? 0];
    assert(values.every((value) => typeof value === "number"));
    return Math.max(...values);
  }
}

const statements = {
  insertRun: `INSERT INTO runs (run_key, namespace, workflow_id, run_id, is_open, ${VISIBILITY_COLUMNS.join(", ")})
    VALUES (?, ?, ?, ?, ?, ${VISIBILITY_COLUMNS.map(() => "?").join(", ")})`,
  updateVisibility: `UPDATE runs SET ${VISIBILITY_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE run_key = ?`,
  closeRun: "UPDATE runs SET is_open = 0 WHERE run_key = ?",
  putCurrent: `INSERT INTO current_runs (namespace, workflow_id, run_key) VALUES (?, ?, ?)
    ON CONFLICT (namespace, workflow_id) DO UPDATE SET run_key = excluded.run_key`,
  appendRecord: "INSERT INTO log (seq, run_key, first_event_id, event_count, events, ops) VALUES (?, ?, ?, ?, ?, ?)",
  putSnapshot: `INSERT INTO snapshots (run_key, through_seq, next_event_id, state) VALUES (?, ?, coalesce((
      SELECT first_event_id + event_count FROM log WHERE run_key = ? ORDER BY first_event_id DESC, seq DESC LIMIT 1
    ), 1), ?) ON CONFLICT (run_key) DO UPDATE
    SET through_seq = excluded.through_seq, next_event_id = excluded.next_event_id, state = excluded.state`,
  putBlob: `INSERT INTO blobs (kind, id, value) VALUES (?, ?, ?)
    ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value`,
  deleteBlob: "DELETE FROM blobs WHERE kind = ? AND id = ?",
  deleteCurrent: `DELETE FROM current_runs WHERE run_key = ?1 AND (namespace, workflow_id) =
    (SELECT namespace, workflow_id FROM runs WHERE run_key = ?1)`,
  deleteLog: "DELETE FROM log WHERE run_key = ?",
  deleteSnapshot: "DELETE FROM snapshots WHERE run_key = ?",
  insertEntry: INSERT_ENTRY,
  deleteEntries: "DELETE FROM run_attributes WHERE of_run = ?",
  deleteRun: "DELETE FROM runs WHERE run_key = ?",
  putMeta: `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
};

function prepareAll(driver: SqliteDriver): Record<keyof typeof statements, SqliteStatement> {
  const prepared = Object.entries(statements).map(([name, sql]) => [name, driver.prepare(sql)]);
  return Object.fromEntries(prepared) as Record<keyof typeof statements, SqliteStatement>;
}
