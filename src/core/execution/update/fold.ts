import type {
  HistoryEvent,
  WorkflowExecutionUpdateAcceptedEventAttributes,
  WorkflowExecutionUpdateAdmittedEventAttributes,
  WorkflowExecutionUpdateCompletedEventAttributes,
} from "../../../proto/gen/history.ts";
import type { Request } from "../../../proto/gen/update.ts";
import { advance } from "../advance.ts";
import { attachCallbacks, triggerCallbacks } from "../callback/fold.ts";
import { timestampMs } from "../duration.ts";
import { put, remove } from "../journal.ts";
import type { Op } from "../operation.ts";
import type { ExecutionState } from "../state.ts";
import { updateMachine } from "./machine.ts";

/** The request for an update has come. */
export function foldAdmitUpdate(state: ExecutionState, op: Extract<Op, { op: "admitUpdate" }>): void {
  admit(state, op.updateId, op.request);
}

/** An update admitted by an event, as a reset makes of updates whose answer it undoes. */
export function foldUpdateAdmittedEvent(
  state: ExecutionState,
  event: HistoryEvent,
  attributes: WorkflowExecutionUpdateAdmittedEventAttributes,
): void {
  const { request } = attributes;
  const updateId = request?.meta?.updateId ?? "";
  // The event tells the worker, so that no message has to.
  admit(state, updateId, undefined);
  if (request !== undefined) attachRequest(state, event, request, updateId);
}

/** Attaches the callbacks of an update's request, and lets the request be found by its id. */
function attachRequest(state: ExecutionState, event: HistoryEvent, request: Request, updateId: string): void {
  const { requestId, completionCallbacks } = request;
  if (requestId !== "" && !state.attachedRequests.some((each) => each.requestId === requestId)) {
    const { eventId, eventType } = event;
    state.attachedRequests = [...state.attachedRequests, { requestId, eventId, eventType }];
  }
  attachCallbacks(state, completionCallbacks, { requestId, updateId, atMs: timestampMs(event.eventTime) });
}

/** Another caller wants to hear of an update that the worker has not taken on yet. */
export function foldHoldUpdateCallbacks(
  state: ExecutionState,
  { updateId, requestId, callbacks }: Extract<Op, { op: "holdUpdateCallbacks" }>,
): void {
  const before = state.updates.get(updateId);
  if (before === undefined) return;
  put(state, state.updates, updateId, {
    ...before,
    heldCallbacks: [...before.heldCallbacks, { requestId, callbacks }],
  });
}

function admit(state: ExecutionState, updateId: string, request: Request | undefined): void {
  const phase = advance(updateMachine, state.updates.get(updateId)?.phase ?? "absent", "admit");
  const order = state.updateOrder++;
  put(state, state.updates, updateId, {
    updateId,
    phase,
    order,
    request,
    heldCallbacks: [],
    acceptedEventId: 0,
    completedEventId: 0,
  });
}

/** Updates go to the worker. */
export function foldSendUpdates(state: ExecutionState, op: Extract<Op, { op: "sendUpdates" }>): void {
  for (const updateId of op.updateIds) {
    const before = state.updates.get(updateId);
    if (before !== undefined)
      put(state, state.updates, updateId, {
        ...before,
        phase: advance(updateMachine, before.phase, "send"),
      });
  }
}

/** The workflow task that carried updates has ended without an answer to them: the next one carries them again. */
export function foldUnsendUpdates(state: ExecutionState): void {
  for (const before of state.updates.values()) {
    if (before.phase === "sent")
      put(state, state.updates, before.updateId, {
        ...before,
        phase: advance(updateMachine, before.phase, "unsend"),
      });
  }
}

/** The workflow takes the update on. */
export function foldUpdateAccepted(
  state: ExecutionState,
  event: HistoryEvent,
  attributes: WorkflowExecutionUpdateAcceptedEventAttributes,
): void {
  const updateId = attributes.protocolInstanceId;
  const before = state.updates.get(updateId);
  const phase = advance(updateMachine, before?.phase ?? "absent", "accept");
  const order = before?.order ?? state.updateOrder++;
  put(state, state.updates, updateId, {
    updateId,
    phase,
    order,
    request: undefined,
    heldCallbacks: [],
    acceptedEventId: event.eventId,
    completedEventId: 0,
  });
  if (attributes.acceptedRequest !== undefined) attachRequest(state, event, attributes.acceptedRequest, updateId);
}

/** The workflow has answered. */
export function foldUpdateCompleted(
  state: ExecutionState,
  eventId: number,
  attributes: WorkflowExecutionUpdateCompletedEventAttributes,
): void {
  const updateId = attributes.meta?.updateId ?? "";
  const before = state.updates.get(updateId);
  if (before === undefined) return;
  put(state, state.updates, updateId, {
    ...before,
    phase: advance(updateMachine, before.phase, "complete"),
    completedEventId: eventId,
  });
  triggerCallbacks(state, updateId, attributes.outcome);
}

/** The workflow refuses the update, or the run cannot take it any more: nothing is left of it. */
export function foldRejectUpdate(state: ExecutionState, op: Extract<Op, { op: "rejectUpdate" }>): void {
  const before = state.updates.get(op.updateId);
  if (before === undefined) return;
  advance(updateMachine, before.phase, "reject");
  remove(state, state.updates, op.updateId);
}
