import {
  firstDispatchMs,
  isClosed,
  statusOf,
  type ActivityExecutionState,
} from "../../core/activity-execution/state.ts";
import { SearchAttributes } from "../../proto/gen/common.ts";
import { decodeAttributes, textsAmong, typedAttributes } from "../history/visibility-row.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { LiveExecution } from "../standalone/live-executions.ts";
import type { VisibilityRow } from "../store/store.ts";

const NOTHING = new Uint8Array(0);

/** What lists show of a standalone activity: its id and type where those of a workflow would be. */
export function toActivityRow(
  { namespaceId, id, runId, state }: LiveExecution<ActivityExecutionState>,
  namespace: Namespace | undefined,
): VisibilityRow {
  const { searchAttributes } = state;
  return {
    namespaceId,
    workflowId: id,
    runId,
    workflowType: state.activityType,
    taskQueue: state.options.taskQueue?.name ?? "",
    status: statusOf(state),
    startTimeMs: state.scheduleMs,
    executionTimeMs: firstDispatchMs(state),
    closeTimeMs: state.closeMs ?? null,
    historyLength: 0,
    historySizeBytes: 0,
    // As the service has it: lists tell of this once the activity is over.
    stateTransitionCount: isClosed(state) ? state.transitions : 0,
    parentWorkflowId: null,
    parentRunId: null,
    rootWorkflowId: id,
    rootRunId: runId,
    searchAttributes: decodeAttributes(searchAttributes, namespace),
    textAttributes: textsAmong(searchAttributes, namespace),
    memo: NOTHING,
    encodedSearchAttributes: SearchAttributes.encode({ indexedFields: typedAttributes(searchAttributes, namespace) }),
  };
}
