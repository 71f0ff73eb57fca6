import { StoreQueryError } from "./store-error.ts";
import type { VisibilityField, VisibilityRow } from "./store.ts";

/** A value of a filtered field: absent, single, or a list of which any element may match. */
export type FieldValue = string | number | boolean | readonly string[] | null;

interface Column {
  /** SQL expression over table `runs`. */
  readonly sql: string;
  readonly read: (row: VisibilityRow) => FieldValue;
}

/** What lists filter and group by besides custom search attributes. */
const columns: Readonly<Record<string, Column>> = {
  workflowId: { sql: "workflow_id", read: (row) => row.workflowId },
  runId: { sql: "run_id", read: (row) => row.runId },
  workflowType: { sql: "workflow_type", read: (row) => row.workflowType },
  taskQueue: { sql: "task_queue", read: (row) => row.taskQueue },
  status: { sql: "status", read: (row) => row.status },
  startTimeMs: { sql: "start_time_ms", read: (row) => row.startTimeMs },
  executionTimeMs: { sql: "execution_time_ms", read: (row) => row.executionTimeMs },
  closeTimeMs: { sql: "close_time_ms", read: (row) => row.closeTimeMs },
  executionDurationMs: {
    sql: "(close_time_ms - execution_time_ms)",
    read: (row) => (row.closeTimeMs === null ? null : row.closeTimeMs - row.executionTimeMs),
  },
  historyLength: onceClosed("history_length", (row) => row.historyLength),
  historySizeBytes: onceClosed("history_size_bytes", (row) => row.historySizeBytes),
  stateTransitionCount: onceClosed("state_transition_count", (row) => row.stateTransitionCount),
  parentWorkflowId: { sql: "parent_workflow_id", read: (row) => row.parentWorkflowId },
  parentRunId: { sql: "parent_run_id", read: (row) => row.parentRunId },
  rootWorkflowId: { sql: "root_workflow_id", read: (row) => row.rootWorkflowId },
  rootRunId: { sql: "root_run_id", read: (row) => row.rootRunId },
};

/** What filters know of a run only after its end, as in the service's lists. */
function onceClosed(column: string, read: (row: VisibilityRow) => number): Column {
  return {
    sql: `iif(close_time_ms IS NULL, NULL, ${column})`,
    read: (row) => (row.closeTimeMs === null ? null : read(row)),
  };
}

/**
 * Finds the column of a field that is no custom search attribute.
 *
 * @throws {StoreQueryError} If there is no such column.
 */
export function visibilityColumn(field: VisibilityField): Column {
  const column = Object.hasOwn(columns, field.name) ? columns[field.name] : undefined;
  if (column === undefined) {
    throw new StoreQueryError(
      `Cannot filter by "${field.name}": it is no column of the list, expected one of ${Object.keys(columns).join(", ")}`,
    );
  }
  return column;
}

/** The value that a row has for a field; `null` where it has none. */
export function fieldValue(field: VisibilityField, row: VisibilityRow): FieldValue {
  if (field.attribute !== true) return visibilityColumn(field).read(row);
  const attributes = row.searchAttributes;
  return Object.hasOwn(attributes, field.name) ? (attributes[field.name] ?? null) : null;
}
