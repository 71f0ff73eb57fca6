import { listPosition } from "../list-order.ts";
import type { VisibilityRow } from "../store.ts";
import type { SqlRow, SqlValue } from "./driver.ts";
import { fromAttributeKey, fromSqlText, toAttributeKey, toSqlText } from "./sql-text.ts";

/** The columns of table `runs` that a visibility row fills, in the order of {@link visibilityValues}. */
export const VISIBILITY_COLUMNS = [
  "close_key",
  "start_time_ms",
  "status",
  "workflow_type",
  "task_queue",
  "execution_time_ms",
  "close_time_ms",
  "history_length",
  "history_size_bytes",
  "state_transition_count",
  "parent_workflow_id",
  "parent_run_id",
  "root_workflow_id",
  "root_run_id",
  "attributes",
  "encoded_attributes",
  "memo",
] as const;

/** Values of {@link VISIBILITY_COLUMNS}; ids of namespace, workflow and run are columns of their own. */
export function visibilityValues(row: VisibilityRow | undefined): readonly SqlValue[] {
  if (row === undefined) return VISIBILITY_COLUMNS.map(() => null);
  return [
    listPosition(row).closeKey,
    row.startTimeMs,
    row.status,
    toSqlText(row.workflowType),
    toSqlText(row.taskQueue),
    row.executionTimeMs,
    row.closeTimeMs,
    row.historyLength,
    row.historySizeBytes,
    row.stateTransitionCount,
    row.parentWorkflowId === null ? null : toSqlText(row.parentWorkflowId),
    row.parentRunId === null ? null : toSqlText(row.parentRunId),
    toSqlText(row.rootWorkflowId),
    toSqlText(row.rootRunId),
    attributesToJson(row.searchAttributes),
    row.encodedSearchAttributes,
    row.memo,
  ];
}

/** Reads a row of table `runs` that has visibility. */
export function toVisibilityRow(row: SqlRow, namespaceId: string): VisibilityRow {
  return {
    namespaceId,
    workflowId: text(row, "workflow_id"),
    runId: text(row, "run_id"),
    workflowType: text(row, "workflow_type"),
    taskQueue: text(row, "task_queue"),
    status: row["status"] as number,
    startTimeMs: row["start_time_ms"] as number,
    executionTimeMs: row["execution_time_ms"] as number,
    closeTimeMs: row["close_time_ms"] as number | null,
    historyLength: row["history_length"] as number,
    historySizeBytes: row["history_size_bytes"] as number,
    stateTransitionCount: row["state_transition_count"] as number,
    parentWorkflowId: row["parent_workflow_id"] === null ? null : text(row, "parent_workflow_id"),
    parentRunId: row["parent_run_id"] === null ? null : text(row, "parent_run_id"),
    rootWorkflowId: text(row, "root_workflow_id"),
    rootRunId: text(row, "root_run_id"),
    searchAttributes: attributesFromJson(row["attributes"] as string),
    memo: row["memo"] as Uint8Array,
    encodedSearchAttributes: row["encoded_attributes"] as Uint8Array,
  };
}

function text(row: SqlRow, column: string): string {
  return fromSqlText(row[column] as string);
}

type Attributes = VisibilityRow["searchAttributes"];

function attributesToJson(attributes: Attributes): string {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return "{}";
  return JSON.stringify(
    Object.fromEntries(entries.map(([name, value]) => [toAttributeKey(name), mapText(value, toSqlText)])),
  );
}

/** Reads the column that {@link VISIBILITY_COLUMNS} calls `attributes`. */
export function attributesFromJson(json: string): Attributes {
  if (json === "{}") return {};
  const attributes = JSON.parse(json) as Attributes;
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [fromAttributeKey(key), mapText(value, fromSqlText)]),
  );
}

function mapText(value: Attributes[string], map: (text: string) => string): Attributes[string] {
  if (typeof value === "string") return map(value);
  return typeof value === "object" ? value.map(map) : value;
}
