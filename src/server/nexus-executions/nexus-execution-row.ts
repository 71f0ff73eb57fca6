import { isNexusClosed, nexusStatusOf, type NexusExecutionState } from "../../core/nexus-execution/state.ts";
import { SearchAttributes } from "../../proto/gen/common.ts";
import { decodeAttributes, textsAmong, typedAttributes } from "../history/visibility-row.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { LiveExecution } from "../standalone/live-executions.ts";
import type { VisibilityRow } from "../store/store.ts";

const NOTHING = new Uint8Array(0);

/** What lists show of a standalone Nexus operation: its id where that of a workflow would be. */
export function toNexusExecutionRow(
  { namespaceId, id, runId, state }: LiveExecution<NexusExecutionState>,
  namespace: Namespace | undefined,
): VisibilityRow {
  const { searchAttributes, endpoint, service, operation, requestId } = state;
  return {
    namespaceId,
    workflowId: id,
    runId,
    workflowType: "",
    taskQueue: "",
    status: nexusStatusOf(state),
    startTimeMs: state.scheduledMs,
    executionTimeMs: state.scheduledMs,
    closeTimeMs: state.closeMs ?? null,
    historyLength: 0,
    historySizeBytes: 0,
    // As the service has it: lists tell of this once the operation is over.
    stateTransitionCount: isNexusClosed(state) ? state.transitions : 0,
    parentWorkflowId: null,
    parentRunId: null,
    rootWorkflowId: id,
    rootRunId: runId,
    searchAttributes: {
      ...decodeAttributes(searchAttributes, namespace),
      Endpoint: endpoint,
      Service: service,
      Operation: operation,
      RequestId: requestId,
    },
    textAttributes: textsAmong(searchAttributes, namespace),
    memo: NOTHING,
    encodedSearchAttributes: SearchAttributes.encode({ indexedFields: typedAttributes(searchAttributes, namespace) }),
  };
}
