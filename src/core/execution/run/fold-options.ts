import { EventType } from "../../../proto/gen/enums.ts";
import type { WorkflowExecutionOptionsUpdatedEventAttributes } from "../../../proto/gen/history.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { attachCallbacks } from "../callback/fold.ts";
import { timestampMs } from "../duration.ts";
import { foldSkippingUpdated } from "../time-skipping/fold.ts";
import { BUFFERED_EVENT_ID, type ExecutionState } from "../state.ts";
import { foldOverride } from "../versioning/fold.ts";

/** An options-updated event, in history or in the buffer. */
export function foldOptionsUpdated(
  state: ExecutionState,
  { eventId, eventTime }: HistoryEvent,
  attributes: WorkflowExecutionOptionsUpdatedEventAttributes,
): void {
  const { attachedRequestId, attachedCompletionCallbacks, priority, versioningOverride } = attributes;
  if (attributes.unsetVersioningOverride) foldOverride(state, undefined);
  else if (versioningOverride !== undefined) foldOverride(state, versioningOverride);
  if (priority !== undefined) state.priority = priority;
  const atMs = timestampMs(eventTime);
  if (attributes.timeSkippingConfigUpdated) foldSkippingUpdated(state, attributes.timeSkippingConfig, atMs);
  attachCallbacks(state, attachedCompletionCallbacks, { requestId: attachedRequestId, atMs });
  if (attachedRequestId !== "") attachRequestId(state, attachedRequestId, eventId);
  for (const {
    updateId,
    attachedRequestId: requestId,
    attachedCompletionCallbacks: callbacks,
  } of attributes.workflowUpdateOptions) {
    attachCallbacks(state, callbacks, { requestId, updateId, atMs });
    if (requestId !== "") attachRequestId(state, requestId, eventId);
  }
}

function attachRequestId(state: ExecutionState, requestId: string, eventId: number): void {
  const eventType = EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED;
  state.attachedRequests = [...state.attachedRequests, { requestId, eventId, eventType }];
}

/** An options-updated event that was in the buffer has got its id. */
export function foldOptionsUpdatedId(
  state: ExecutionState,
  eventId: number,
  { attachedRequestId, workflowUpdateOptions }: WorkflowExecutionOptionsUpdatedEventAttributes,
): void {
  const ids = new Set([attachedRequestId, ...workflowUpdateOptions.map((each) => each.attachedRequestId)]);
  state.attachedRequests = state.attachedRequests.map((attached) =>
    ids.has(attached.requestId) && attached.eventId === BUFFERED_EVENT_ID ? { ...attached, eventId } : attached,
  );
}
