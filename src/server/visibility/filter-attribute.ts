import { IndexedValueType } from "../../proto/gen/enums.ts";
import { systemSearchAttributes } from "../namespaces/namespace.ts";
import type { VisibilityField } from "../store/store.ts";
import { invalidFilter } from "./filter-error.ts";
import { workflowStatuses } from "./status-name.ts";
import type { FilterVocabulary } from "./vocabulary.ts";

/** Types of custom search attributes by name. */
export type AttributeTypes = Readonly<Record<string, IndexedValueType>>;

/** A search attribute that a filter names. */
export interface FilterAttribute {
  /** As the filter has it. */
  readonly alias: string;
  /** As the server has it. */
  readonly name: string;
  readonly type: IndexedValueType;
  readonly field: VisibilityField;
  /** What else may be named beside it. */
  readonly vocabulary: FilterVocabulary;
}

/** Columns of the attributes that runs of workflows have by themselves. */
export const workflowColumns: Readonly<Record<string, string>> = {
  CloseTime: "closeTimeMs",
  ExecutionDuration: "executionDurationMs",
  ExecutionStatus: "status",
  ExecutionTime: "executionTimeMs",
  HistoryLength: "historyLength",
  HistorySizeBytes: "historySizeBytes",
  ParentRunId: "parentRunId",
  ParentWorkflowId: "parentWorkflowId",
  RootRunId: "rootRunId",
  RootWorkflowId: "rootWorkflowId",
  RunId: "runId",
  StartTime: "startTimeMs",
  StateTransitionCount: "stateTransitionCount",
  TaskQueue: "taskQueue",
  WorkflowId: "workflowId",
  WorkflowType: "workflowType",
};

/** Filters of lists of workflows. */
export const workflowVocabulary: FilterVocabulary = {
  attributes: systemSearchAttributes,
  columns: workflowColumns,
  statuses: workflowStatuses,
  refusesUnknownStatus: true,
};

const PREFIX = "Temporal";

/**
 * Finds the search attribute that a name in a filter stands for: a custom one, one of the system's, or one of the system's
 * with its prefix added or left out.
 *
 * @throws {RPCError} `INVALID_ARGUMENT` if there is none.
 */
export function resolveAttribute(
  alias: string,
  custom: AttributeTypes,
  vocabulary: FilterVocabulary = workflowVocabulary,
): FilterAttribute {
  const { attributes, columns } = vocabulary;
  if (!Object.hasOwn(attributes, alias) && Object.hasOwn(custom, alias)) {
    const type = custom[alias] ?? IndexedValueType.UNSPECIFIED;
    return { alias, name: alias, type, field: { name: alias, attribute: true }, vocabulary };
  }
  const bare = alias.startsWith(PREFIX) ? alias.slice(PREFIX.length) : alias;
  // Schedules are named by the id of the workflow that runs them.
  const names = [alias, PREFIX + alias, bare === "ScheduleId" ? "WorkflowId" : bare];
  const name = names.find((each) => Object.hasOwn(attributes, each));
  const type = name === undefined ? undefined : attributes[name];
  if (name === undefined || type === undefined) {
    throw invalidFilter(`invalid search attribute: ${alias}`);
  }
  const column = columns[name];
  const field: VisibilityField = column === undefined ? { name, attribute: true } : { name: column };
  return { alias, name, type, field, vocabulary };
}
