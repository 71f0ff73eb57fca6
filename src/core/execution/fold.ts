import { HistoryEvent } from "../../proto/gen/history.ts";
import { varintSize } from "../../proto/wire.ts";
import { foldActivityCancelRequested, foldActivityClosed, foldActivityScheduled } from "./activity/fold.ts";
import { foldChildEnded, foldChildInitiated, foldChildStarted, foldChildStartedId } from "./child/fold.ts";
import type { StepRecord } from "./contract.ts";
import type { EventAttributes } from "./event.ts";
import {
  foldExternalCancelInitiated,
  foldExternalCancelResolved,
  foldExternalSignalInitiated,
  foldExternalSignalResolved,
} from "./external/fold.ts";
import {
  foldNexusCancelEnded,
  foldNexusCancelRequested,
  foldNexusEnded,
  foldNexusScheduled,
  foldNexusStarted,
} from "./nexus/fold.ts";
import { timestampMs } from "./duration.ts";
import { foldOperation } from "./fold-operation.ts";
import { put } from "./journal.ts";
import type { PlacedOp } from "./operation.ts";
import { mergePayloads } from "./payload-map.ts";
import { closeOf, foldClosed, foldStarted } from "./run/fold.ts";
import { foldOptionsUpdated, foldOptionsUpdatedId } from "./run/fold-options.ts";
import { foldPaused, foldUnpaused } from "./run/fold-pause.ts";
import { BUFFERED_EVENT_ID, type ExecutionState } from "./state.ts";
import { foldSkippingTransitioned } from "./time-skipping/fold.ts";
import { foldTimerEnded, foldTimerStarted } from "./timer/fold.ts";
import { foldUpdateAccepted, foldUpdateAdmittedEvent, foldUpdateCompleted } from "./update/fold.ts";
import {
  foldWorkflowTaskCompleted,
  foldWorkflowTaskFailed,
  foldWorkflowTaskScheduled,
  foldWorkflowTaskStarted,
  foldWorkflowTaskTimedOut,
} from "./workflow-task/fold.ts";

// As in the service, a history is as large as its events in one message, which gives each a tag and a length.
const TAG_BYTES = 1;

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
  state.buffered.push({ event, sizeBytes: op.event.length });
}

/** Puts an event into history. With `applied`, what it does was done when it went into the buffer. */
export function foldEvent(state: ExecutionState, event: HistoryEvent, sizeBytes: number, applied: boolean): void {
  state.nextEventId = event.eventId + 1;
  state.historySizeBytes += TAG_BYTES + varintSize(sizeBytes) + sizeBytes;
  if (!applied) applyEvent(state, event);
  else foldEventId(state, event);
}

/** An event that was in the buffer has got its id. */
function foldEventId(state: ExecutionState, { eventId, attributes }: HistoryEvent): void {
  if (attributes?.case === "childWorkflowExecutionStartedEventAttributes")
    foldChildStartedId(state, eventId, attributes.value.initiatedEventId);
  else if (attributes?.case === "workflowExecutionOptionsUpdatedEventAttributes")
    foldOptionsUpdatedId(state, eventId, attributes.value);
  else if (attributes?.case === "workflowExecutionSignaledEventAttributes" && attributes.value.requestId !== "")
    put(state, state.signalRequestIds, attributes.value.requestId, eventId);
}

/** What an event does to the state, in history or in the buffer. */
export function applyEvent(state: ExecutionState, event: HistoryEvent): void {
  const { attributes } = event;
  if (attributes === undefined) return;
  const close = closeOf(attributes);
  if (close !== undefined) foldClosed(state, event, close);
  else (folds[attributes.case] as Fold<EventAttributes["case"]> | undefined)?.(state, event, attributes.value);
}

type Fold<C extends EventAttributes["case"]> = (
  state: ExecutionState,
  event: HistoryEvent,
  value: Extract<EventAttributes, { case: C }>["value"],
) => void;

/** By kind; what is not here changes nothing that later requests depend on. */
const folds: { readonly [C in EventAttributes["case"]]?: Fold<C> } = {
  workflowExecutionStartedEventAttributes: foldStarted,
  workflowExecutionSignaledEventAttributes: (state, { eventId }, { requestId }) => {
    state.signalCount++;
    if (requestId !== "") put(state, state.signalRequestIds, requestId, eventId);
  },
  workflowExecutionCancelRequestedEventAttributes: (state) => {
    state.cancelRequested = true;
  },
  upsertWorkflowSearchAttributesEventAttributes: (state, _event, { searchAttributes }) => {
    state.searchAttributes = mergePayloads(state.searchAttributes, searchAttributes?.indexedFields);
  },
  workflowPropertiesModifiedEventAttributes: (state, _event, { upsertedMemo }) => {
    state.memo = mergePayloads(state.memo, upsertedMemo?.fields);
  },

  workflowExecutionPausedEventAttributes: foldPaused,
  workflowExecutionUnpausedEventAttributes: foldUnpaused,
  workflowExecutionOptionsUpdatedEventAttributes: foldOptionsUpdated,
  workflowExecutionTimeSkippingTransitionedEventAttributes: foldSkippingTransitioned,

  workflowTaskScheduledEventAttributes: foldWorkflowTaskScheduled,
  workflowTaskStartedEventAttributes: foldWorkflowTaskStarted,
  workflowTaskCompletedEventAttributes: (state, _event, value) => foldWorkflowTaskCompleted(state, value),
  workflowTaskFailedEventAttributes: (state, _event, { cause }) => foldWorkflowTaskFailed(state, cause),
  workflowTaskTimedOutEventAttributes: (state, _event, { timeoutType }) => foldWorkflowTaskTimedOut(state, timeoutType),

  activityTaskScheduledEventAttributes: foldActivityScheduled,
  activityTaskCancelRequestedEventAttributes: (state, { eventId }, { scheduledEventId }) =>
    foldActivityCancelRequested(state, eventId, scheduledEventId),
  activityTaskCompletedEventAttributes: (state, _event, { scheduledEventId }) =>
    foldActivityClosed(state, scheduledEventId),
  activityTaskFailedEventAttributes: (state, _event, { scheduledEventId }) =>
    foldActivityClosed(state, scheduledEventId),
  activityTaskTimedOutEventAttributes: (state, _event, { scheduledEventId }) =>
    foldActivityClosed(state, scheduledEventId),
  activityTaskCanceledEventAttributes: (state, _event, { scheduledEventId }) =>
    foldActivityClosed(state, scheduledEventId),

  timerStartedEventAttributes: foldTimerStarted,
  timerFiredEventAttributes: (state, _event, { timerId, startedEventId }) =>
    foldTimerEnded(state, timerId, startedEventId, "fire"),
  timerCanceledEventAttributes: (state, _event, { timerId, startedEventId }) =>
    foldTimerEnded(state, timerId, startedEventId, "cancel"),

  startChildWorkflowExecutionInitiatedEventAttributes: foldChildInitiated,
  startChildWorkflowExecutionFailedEventAttributes: (state, _event, { initiatedEventId }) =>
    foldChildEnded(state, initiatedEventId, "failToStart"),
  childWorkflowExecutionStartedEventAttributes: (state, { eventId }, value) => foldChildStarted(state, eventId, value),
  childWorkflowExecutionCompletedEventAttributes: (state, _event, { initiatedEventId }) =>
    foldChildEnded(state, initiatedEventId, "close"),
  childWorkflowExecutionFailedEventAttributes: (state, _event, { initiatedEventId }) =>
    foldChildEnded(state, initiatedEventId, "close"),
  childWorkflowExecutionCanceledEventAttributes: (state, _event, { initiatedEventId }) =>
    foldChildEnded(state, initiatedEventId, "close"),
  childWorkflowExecutionTimedOutEventAttributes: (state, _event, { initiatedEventId }) =>
    foldChildEnded(state, initiatedEventId, "close"),
  childWorkflowExecutionTerminatedEventAttributes: (state, _event, { initiatedEventId }) =>
    foldChildEnded(state, initiatedEventId, "close"),

  signalExternalWorkflowExecutionInitiatedEventAttributes: foldExternalSignalInitiated,
  externalWorkflowExecutionSignaledEventAttributes: (state, _event, { initiatedEventId }) =>
    foldExternalSignalResolved(state, initiatedEventId, "succeed"),
  signalExternalWorkflowExecutionFailedEventAttributes: (state, _event, { initiatedEventId }) =>
    foldExternalSignalResolved(state, initiatedEventId, "fail"),
  requestCancelExternalWorkflowExecutionInitiatedEventAttributes: foldExternalCancelInitiated,
  externalWorkflowExecutionCancelRequestedEventAttributes: (state, _event, { initiatedEventId }) =>
    foldExternalCancelResolved(state, initiatedEventId, "succeed"),
  requestCancelExternalWorkflowExecutionFailedEventAttributes: (state, _event, { initiatedEventId }) =>
    foldExternalCancelResolved(state, initiatedEventId, "fail"),

  nexusOperationScheduledEventAttributes: foldNexusScheduled,
  nexusOperationStartedEventAttributes: foldNexusStarted,
  nexusOperationCompletedEventAttributes: (state, _event, { scheduledEventId }) =>
    foldNexusEnded(state, scheduledEventId),
  nexusOperationFailedEventAttributes: (state, _event, { scheduledEventId }) => foldNexusEnded(state, scheduledEventId),
  nexusOperationCanceledEventAttributes: (state, _event, { scheduledEventId }) =>
    foldNexusEnded(state, scheduledEventId),
  nexusOperationTimedOutEventAttributes: (state, _event, { scheduledEventId }) =>
    foldNexusEnded(state, scheduledEventId),
  nexusOperationCancelRequestedEventAttributes: (state, event, { scheduledEventId }) =>
    foldNexusCancelRequested(state, event, scheduledEventId),
  nexusOperationCancelRequestCompletedEventAttributes: (state, { eventTime }, { scheduledEventId }) =>
    foldNexusCancelEnded(state, scheduledEventId, timestampMs(eventTime), undefined),
  nexusOperationCancelRequestFailedEventAttributes: (state, { eventTime }, { scheduledEventId, failure }) =>
    foldNexusCancelEnded(state, scheduledEventId, timestampMs(eventTime), failure),

  workflowExecutionUpdateAdmittedEventAttributes: foldUpdateAdmittedEvent,
  workflowExecutionUpdateAcceptedEventAttributes: foldUpdateAccepted,
  workflowExecutionUpdateCompletedEventAttributes: (state, { eventId }, value) =>
    foldUpdateCompleted(state, eventId, value),
};
