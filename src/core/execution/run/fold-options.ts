import type { WorkflowExecutionOptionsUpdatedEventAttributes } from "../../../proto/gen/history.ts";
import type { ExecutionState } from "../state.ts";
import { foldOverride } from "../versioning/fold.ts";

/** An options-updated event, in history or in the buffer. */
export function foldOptionsUpdated(
  state: ExecutionState,
  eventId: number,
  attributes: WorkflowExecutionOptionsUpdatedEventAttributes,
): void {
  const { attachedRequestId, attachedCompletionCallbacks, priority, versioningOverride } = attributes;
  if (attributes.unsetVersioningOverride) foldOverride(state, undefined);
  else if (versioningOverride !== undefined) foldOverride(state, versioningOverride);
  if (priority !== undefined) state.priority = priority;
  if (attachedCompletionCallbacks.length > 0)
    state.completionCallbacks = [...state.completionCallbacks, ...attachedCompletionCallbacks];
  if (attachedRequestId !== "")
    state.attachedRequests = [...state.attachedRequests, { requestId: attachedRequestId, eventId }];
}

/** An options-updated event that was in the buffer has got its id. */
export function foldOptionsUpdatedId(state: ExecutionState, eventId: number, requestId: string): void {
  if (requestId === "") return;
  state.attachedRequests = state.attachedRequests.map((attached) =>
    attached.requestId === requestId ? { requestId, eventId } : attached,
  );
}
