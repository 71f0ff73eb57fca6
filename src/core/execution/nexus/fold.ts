import type { Failure } from "../../../proto/gen/failure.ts";
import type {
  HistoryEvent,
  NexusOperationScheduledEventAttributes,
  NexusOperationStartedEventAttributes,
} from "../../../proto/gen/history.ts";
import { advance } from "../advance.ts";
import { timestampMs } from "../duration.ts";
import { put, remove } from "../journal.ts";
import type { ExecutionState } from "../state.ts";
import {
  nexusCancelMachine,
  type NexusCancelPhase,
  nexusOperationMachine,
  type NexusOperationPhase,
} from "./machine.ts";
import { NO_ATTEMPTS, type NexusCancelState, type NexusOperationState } from "./nexus-state.ts";
import type { NexusOp } from "./request.ts";

type Present = Exclude<NexusOperationPhase, "absent">;
type PresentCancel = Exclude<NexusCancelPhase, "absent">;

function set(state: ExecutionState, operation: NexusOperationState): void {
  put(state, state.nexusOperations, operation.scheduledEventId, operation);
}

/** A scheduled event. */
export function foldNexusScheduled(
  state: ExecutionState,
  event: HistoryEvent,
  scheduled: NexusOperationScheduledEventAttributes,
): void {
  const phase = advance(nexusOperationMachine, "absent", "schedule") as Present;
  set(state, {
    ...NO_ATTEMPTS,
    phase,
    scheduledEventId: event.eventId,
    scheduled,
    scheduledMs: timestampMs(event.eventTime),
    startedMs: undefined,
    operationToken: "",
    cancel: undefined,
  });
}

/** A started event, in history or in the buffer: from now on the operation can be cancelled. */
export function foldNexusStarted(
  state: ExecutionState,
  event: HistoryEvent,
  { scheduledEventId, operationToken, operationId }: NexusOperationStartedEventAttributes,
): void {
  const operation = state.nexusOperations.get(scheduledEventId);
  if (operation === undefined) return;
  const startedMs = timestampMs(event.eventTime);
  const { cancel } = operation;
  set(state, {
    ...operation,
    phase: advance(nexusOperationMachine, operation.phase, "start") as Present,
    attempt: operation.attempt + 1,
    lastAttemptCompleteMs: startedMs,
    lastFailure: undefined,
    nextAttemptMs: undefined,
    startedMs,
    operationToken: operationToken || operationId,
    cancel:
      cancel === undefined
        ? undefined
        : {
            ...cancel,
            phase: advance(nexusCancelMachine, cancel.phase, "operationStarted") as PresentCancel,
            requestedMs: startedMs,
          },
  });
}

/** Any event that ends an operation. */
export function foldNexusEnded(state: ExecutionState, scheduledEventId: number): void {
  const operation = state.nexusOperations.get(scheduledEventId);
  if (operation === undefined) return;
  advance(nexusOperationMachine, operation.phase, "end");
  remove(state, state.nexusOperations, scheduledEventId);
}

/** A cancel-requested event. The operation may have ended already without the workflow's knowing. */
export function foldNexusCancelRequested(state: ExecutionState, event: HistoryEvent, scheduledEventId: number): void {
  const operation = state.nexusOperations.get(scheduledEventId);
  if (operation === undefined) return;
  const started = operation.phase === "started";
  const input = started ? "requestStarted" : "request";
  set(state, {
    ...operation,
    cancel: {
      ...NO_ATTEMPTS,
      phase: advance(nexusCancelMachine, "absent", input) as PresentCancel,
      requestedEventId: event.eventId,
      requestedMs: started ? timestampMs(event.eventTime) : undefined,
    },
  });
}

/** A cancel request is over: it was received, or with a failure it was not and never will be. */
export function foldNexusCancelEnded(
  state: ExecutionState,
  scheduledEventId: number,
  atMs: number,
  failure: Failure | undefined,
): void {
  changeCancel(state, scheduledEventId, (cancel) => {
    if (cancel.phase === "succeeded" || cancel.phase === "failed") return cancel;
    return {
      ...cancel,
      phase: advance(nexusCancelMachine, cancel.phase, failure === undefined ? "succeed" : "fail") as PresentCancel,
      attempt: cancel.attempt + 1,
      lastAttemptCompleteMs: atMs,
      lastFailure: failure,
      nextAttemptMs: undefined,
    };
  });
}

/** An attempt has failed and there will be another. */
export function foldFailNexusAttempt(state: ExecutionState, op: Extract<NexusOp, { op: "failNexusAttempt" }>): void {
  const ended = {
    lastAttemptCompleteMs: op.atMs,
    lastFailure: op.failure,
    nextAttemptMs: op.nextMs,
  };
  const operation = state.nexusOperations.get(op.id);
  if (operation === undefined) return;
  if (op.of === "cancel") {
    changeCancel(state, op.id, (cancel) => ({
      ...cancel,
      ...ended,
      attempt: cancel.attempt + 1,
      phase: advance(nexusCancelMachine, cancel.phase, "failAttempt") as PresentCancel,
    }));
    return;
  }
  const phase = advance(nexusOperationMachine, operation.phase, "failAttempt") as Present;
  set(state, { ...operation, ...ended, attempt: operation.attempt + 1, phase });
}

/** The time of the next attempt has come. */
export function foldRescheduleNexus(state: ExecutionState, op: Extract<NexusOp, { op: "rescheduleNexus" }>): void {
  const operation = state.nexusOperations.get(op.id);
  if (operation === undefined) return;
  if (op.of === "cancel") {
    changeCancel(state, op.id, (cancel) => ({
      ...cancel,
      phase: advance(nexusCancelMachine, cancel.phase, "reschedule") as PresentCancel,
      nextAttemptMs: undefined,
    }));
    return;
  }
  const phase = advance(nexusOperationMachine, operation.phase, "reschedule") as Present;
  set(state, { ...operation, phase, nextAttemptMs: undefined });
}

function changeCancel(
  state: ExecutionState,
  scheduledEventId: number,
  change: (cancel: NexusCancelState) => NexusCancelState,
): void {
  const operation = state.nexusOperations.get(scheduledEventId);
  if (operation?.cancel !== undefined) set(state, { ...operation, cancel: change(operation.cancel) });
}
