import type { WorkflowExecutionOptionsUpdatedEventAttributes } from "../../../proto/gen/history.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { attachCallbacks } from "../callback/fold.ts";
import { timestampMs } from "../duration.ts";
import type { ExecutionState } from "../state.ts";

/** An options-updated event, in history or in the buffer. */
export function foldOptionsUpdated(
  state: ExecutionState,
  { eventId, eventTime }: HistoryEvent,
  attributes: WorkflowExecutionOptionsUpdatedEventAttributes,
): void {
  const { attachedRequestId, attachedCompletionCallbacks, priority, versioningOverride } = attributes;
  if (attributes.unsetVersioningOverride) state.versioningOverride = undefined;
  else if (versioningOverride !== undefined) state.versioningOverride = versioningOverride;
  if (priority !== undefined) state.priority = priority;
  const atMs = timestampMs(eventTime);
  attachCallbacks(state, attachedCompletionCallbacks, { requestId: attachedRequestId, atMs });
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
