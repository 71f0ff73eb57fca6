import { HistoryEvent } from "../../proto/gen/history.ts";
import { foldActivityCancelRequested, foldActivityClosed, foldActivityScheduled } from "./activity/fold.ts";
import { foldChildEnded, foldChildInitiated, foldChildStarted, foldChildStartedId } from "./child/fold.ts";
import type { StepRecord } from "./contract.ts";
import type { EventAttributes } from "./event.ts";
import { foldExternalCancelInitiated, foldExternalCancelResolved, foldExternalSignalInitiated, foldExternalSignalResolved } from "./external/fold.ts";
import { foldOperation } from "./fold-operation.ts";
import { put } from "./journal.ts";
import type { PlacedOp } from "./operation.ts";
import { mergePayloads } from "./payload-map.ts";
import { closeOf, foldClosed, foldStarted } from "./run/fold.ts";
import { BUFFERED_EVENT_ID, type ExecutionState } from "./state.ts";
import { foldTimerEnded, foldTimerStarted } from "./timer/fold.ts";
import { foldUpdateAccepted, foldUpdateAdmittedEvent, foldUpdateCompleted } from "./update/fold.ts";
import { foldWorkflowTaskCompleted, foldWorkflowTaskFailed, foldWorkflowTaskScheduled, foldWorkflowTaskStarted, foldWorkflowTaskTimedOut } from "./workflow-task/fold.ts";

/** Applies one record of the log. After all of them, the state is what it was when the last was made. */
export function fold(state: ExecutionState, record: StepRecord): void {
  const ops = record.ops as readonly PlacedOp[];
  const folded = new Set<number>();
  let opIndex = 0;
  record.events.forEach(({ event, bytes }, index) => {
    for (let op = ops[opIndex]; op?.at === index; op = ops[++opIndex]) {
      if (op.op === "flush") for (const place of op.folded) folded.add(index + place);
      foldOp(state, op);
    }
    foldEvent(state, event, bytes.length, folded.has(index));
  });
  for (const op of ops.slice(opIndex)) foldOp(state, op);
  state.stateTransitionCount++;
}

function foldOp(state: ExecutionState, op: PlacedOp): void {
  if (op.op !== "buffer") {
    foldOperation(state, op);
    return;
  }
  const event = { ...HistoryEvent.decode(op.event), eventId: BUFFERED_EVENT_ID };
  applyEvent(state, event);
  state.buffered = [...state.buffered, { event, sizeBytes: op.event.length }];
}

/** Puts an event into history. With `applied`, what it does was done when it went into the buffer. */
export function foldEvent(state: ExecutionState, event: HistoryEvent, sizeBytes: number, applied: boolean): void {
  state.nextEventId = event.eventId + 1;
  state.historySizeBytes += sizeBytes;
  if (!applied) applyEvent(state, event);
  else if (event.attributes?.case === "childWorkflowExecutionStartedEventAttributes") {
    foldChildStartedId(state, event.eventId, event.attributes.value.initiatedEventId);
  }
}

/** What an event does to the state, in history or in the buffer. */
export function applyEvent(state: ExecutionState, event: HistoryEvent): void {
  const { attributes } = event;
  if (attributes === undefined) return;
  const close = closeOf(attributes);
  if (close !== undefined) foldClosed(state, event, close);
  else if (!applyTaskEvent(state, event, attributes) && !applyChildEvent(state, event, attributes)) applyRunEvent(state, event, attributes);
}

function applyTaskEvent(state: ExecutionState, event: HistoryEvent, attributes: EventAttributes): boolean {
  switch (attributes.case) {
    case "workflowTaskScheduledEventAttributes":
      foldWorkflowTaskScheduled(state, event, attributes.value);
      return true;
    case "workflowTaskStartedEventAttributes":
      foldWorkflowTaskStarted(state, event, attributes.value);
      return true;
    case "workflowTaskCompletedEventAttributes":
      foldWorkflowTaskCompleted(state, attributes.value);
      return true;
    case "workflowTaskFailedEventAttributes":
      foldWorkflowTaskFailed(state, attributes.value.cause);
      return true;
    case "workflowTaskTimedOutEventAttributes":
      foldWorkflowTaskTimedOut(state, attributes.value.timeoutType);
      return true;
    case "activityTaskScheduledEventAttributes":
      foldActivityScheduled(state, event, attributes.value);
      return true;
    case "activityTaskCancelRequestedEventAttributes":
      foldActivityCancelRequested(state, event.eventId, attributes.value.scheduledEventId);
      return true;
    case "activityTaskCompletedEventAttributes":
    case "activityTaskFailedEventAttributes":
    case "activityTaskTimedOutEventAttributes":
    case "activityTaskCanceledEventAttributes":
      foldActivityClosed(state, attributes.value.scheduledEventId);
      return true;
    case "timerStartedEventAttributes":
      foldTimerStarted(state, event, attributes.value);
      return true;
    case "timerFiredEventAttributes":
      foldTimerEnded(state, attributes.value.timerId, attributes.value.startedEventId, "fire");
      return true;
    case "timerCanceledEventAttributes":
      foldTimerEnded(state, attributes.value.timerId, attributes.value.startedEventId, "cancel");
      return true;
    default:
      return false;
  }
}

function applyChildEvent(state: ExecutionState, event: HistoryEvent, attributes: EventAttributes): boolean {
  switch (attributes.case) {
    case "startChildWorkflowExecutionInitiatedEventAttributes":
      foldChildInitiated(state, event, attributes.value);
      return true;
    case "startChildWorkflowExecutionFailedEventAttributes":
      foldChildEnded(state, attributes.value.initiatedEventId, "failToStart");
      return true;
    case "childWorkflowExecutionStartedEventAttributes":
      foldChildStarted(state, event.eventId, attributes.value);
      return true;
    case "childWorkflowExecutionCompletedEventAttributes":
    case "childWorkflowExecutionFailedEventAttributes":
    case "childWorkflowExecutionCanceledEventAttributes":
    case "childWorkflowExecutionTimedOutEventAttributes":
    case "childWorkflowExecutionTerminatedEventAttributes":
      foldChildEnded(state, attributes.value.initiatedEventId, "close");
      return true;
    case "signalExternalWorkflowExecutionInitiatedEventAttributes":
      foldExternalSignalInitiated(state, event, attributes.value);
      return true;
    case "externalWorkflowExecutionSignaledEventAttributes":
      foldExternalSignalResolved(state, attributes.value.initiatedEventId, "succeed");
      return true;
    case "signalExternalWorkflowExecutionFailedEventAttributes":
      foldExternalSignalResolved(state, attributes.value.initiatedEventId, "fail");
      return true;
    case "requestCancelExternalWorkflowExecutionInitiatedEventAttributes":
      foldExternalCancelInitiated(state, event, attributes.value);
      return true;
    case "externalWorkflowExecutionCancelRequestedEventAttributes":
      foldExternalCancelResolved(state, attributes.value.initiatedEventId, "succeed");
      return true;
    case "requestCancelExternalWorkflowExecutionFailedEventAttributes":
      foldExternalCancelResolved(state, attributes.value.initiatedEventId, "fail");
      return true;
    default:
      return false;
  }
}

function applyRunEvent(state: ExecutionState, event: HistoryEvent, attributes: EventAttributes): void {
  switch (attributes.case) {
    case "workflowExecutionStartedEventAttributes":
      foldStarted(state, event, attributes.value);
      break;
    case "workflowExecutionSignaledEventAttributes":
      state.signalCount++;
      if (attributes.value.requestId !== "") put(state, state.signalRequestIds, attributes.value.requestId, true);
      break;
    case "workflowExecutionCancelRequestedEventAttributes":
      state.cancelRequested = true;
      break;
    case "upsertWorkflowSearchAttributesEventAttributes":
      state.searchAttributes = mergePayloads(state.searchAttributes, attributes.value.searchAttributes?.indexedFields);
      break;
    case "workflowPropertiesModifiedEventAttributes":
      state.memo = mergePayloads(state.memo, attributes.value.upsertedMemo?.fields);
      break;
    case "workflowExecutionUpdateAdmittedEventAttributes":
      foldUpdateAdmittedEvent(state, attributes.value);
      break;
    case "workflowExecutionUpdateAcceptedEventAttributes":
      foldUpdateAccepted(state, event.eventId, attributes.value);
      break;
    case "workflowExecutionUpdateCompletedEventAttributes":
      foldUpdateCompleted(state, event.eventId, attributes.value);
      break;
    default:
      break;
  }
}
