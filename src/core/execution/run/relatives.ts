import type { StartOrigin } from "../contract.ts";
import type { ExecutionState } from "../state.ts";

/** The workflow that waits for this one. */
export function parentOf(state: ExecutionState): StartOrigin["parent"] {
  const started = state.started;
  if (started?.parentWorkflowExecution === undefined) return undefined;
  return {
    namespace: started.parentWorkflowNamespace,
    namespaceId: started.parentWorkflowNamespaceId,
    execution: started.parentWorkflowExecution,
    initiatedEventId: started.parentInitiatedEventId,
  };
}

/** The workflow at the top of the tree of parents. */
export function rootOf(state: ExecutionState): { workflowId: string; runId: string } {
  return state.started?.rootWorkflowExecution ?? { workflowId: state.workflowId, runId: state.runId };
}
