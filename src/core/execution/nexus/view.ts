import {
  CallbackState as State,
  NexusOperationCancellationState as CancelState,
  PendingNexusOperationState as OperationState,
} from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import {
  CallbackInfo,
  NexusOperationCancellationInfo,
  PendingNexusOperationInfo,
} from "../../../proto/gen/workflow.ts";
import type { CallbackState } from "../callback/callback-state.ts";
import { toTimestamp } from "../duration.ts";
import type { ExecutionState } from "../state.ts";
import type { NexusAttempts, NexusCancelState, NexusOperationState } from "./nexus-state.ts";

const BLOCKED_REASON = "The circuit breaker is open.";

/** Answers whether requests of a sort to an endpoint are held back because too many have failed. */
export type IsEndpointBlocked = (sort: "start" | "cancel", endpoint: string) => boolean;

/** The same of callbacks to an address. */
export type IsCallbackBlocked = (url: string) => boolean;

/** Nexus operations that have not ended. */
export function pendingNexusOperations(
  state: ExecutionState,
  isBlocked: IsEndpointBlocked,
): PendingNexusOperationInfo[] {
  return [...state.nexusOperations.values()].map((operation) => pendingOperation(operation, isBlocked));
}

const operationStates = {
  scheduled: OperationState.SCHEDULED,
  backingOff: OperationState.BACKING_OFF,
  started: OperationState.STARTED,
} as const;

function pendingOperation(operation: NexusOperationState, isBlocked: IsEndpointBlocked): PendingNexusOperationInfo {
  const { scheduled, operationToken, phase, cancel } = operation;
  const blocked = phase === "scheduled" && isBlocked("start", scheduled.endpoint);
  return {
    ...PendingNexusOperationInfo.create(),
    endpoint: scheduled.endpoint,
    service: scheduled.service,
    operation: scheduled.operation,
    operationId: operationToken,
    operationToken,
    scheduledEventId: operation.scheduledEventId,
    scheduleToCloseTimeout: scheduled.scheduleToCloseTimeout,
    scheduleToStartTimeout: scheduled.scheduleToStartTimeout,
    startToCloseTimeout: scheduled.startToCloseTimeout,
    scheduledTime: toTimestamp(operation.scheduledMs),
    state: blocked ? OperationState.BLOCKED : operationStates[phase],
    ...attempts(operation),
    cancellationInfo: cancel === undefined ? undefined : cancellation(cancel, isBlocked("cancel", scheduled.endpoint)),
    blockedReason: blocked ? BLOCKED_REASON : "",
  };
}

const cancelStates = {
  waiting: CancelState.UNSPECIFIED,
  scheduled: CancelState.SCHEDULED,
  backingOff: CancelState.BACKING_OFF,
  succeeded: CancelState.SUCCEEDED,
  failed: CancelState.FAILED,
} as const;

function cancellation(cancel: NexusCancelState, isBlocked: boolean): NexusOperationCancellationInfo {
  const blocked = cancel.phase === "scheduled" && isBlocked;
  return {
    ...NexusOperationCancellationInfo.create(),
    requestedTime: cancel.requestedMs === undefined ? undefined : toTimestamp(cancel.requestedMs),
    state: blocked ? CancelState.BLOCKED : cancelStates[cancel.phase],
    ...attempts(cancel),
    blockedReason: blocked ? BLOCKED_REASON : "",
  };
}

function attempts({ attempt, lastAttemptCompleteMs, lastFailure, nextAttemptMs }: NexusAttempts): {
  attempt: number;
  lastAttemptCompleteTime: ReturnType<typeof toTimestamp> | undefined;
  lastAttemptFailure: Failure | undefined;
  nextAttemptScheduleTime: ReturnType<typeof toTimestamp> | undefined;
} {
  return {
    attempt,
    lastAttemptCompleteTime: lastAttemptCompleteMs === undefined ? undefined : toTimestamp(lastAttemptCompleteMs),
    lastAttemptFailure: lastFailure,
    nextAttemptScheduleTime: nextAttemptMs === undefined ? undefined : toTimestamp(nextAttemptMs),
  };
}

const callbackStates = {
  standby: State.STANDBY,
  scheduled: State.SCHEDULED,
  backingOff: State.BACKING_OFF,
  succeeded: State.SUCCEEDED,
  failed: State.FAILED,
} as const;

/** Those who want to be told of the end of the workflow or of an update. */
export function callbackInfos(state: ExecutionState, isBlocked: IsCallbackBlocked): CallbackInfo[] {
  return state.callbacks.map((each) => callbackInfo(each, isBlocked));
}

function callbackInfo(each: CallbackState, isBlocked: IsCallbackBlocked): CallbackInfo {
  const { callback, phase, updateId, registeredMs, lastFailureMessage: message } = each;
  const url = callback.variant?.case === "nexus" ? callback.variant.value.url : "";
  const blocked = phase === "scheduled" && isBlocked(url);
  return {
    ...CallbackInfo.create(),
    callback,
    trigger: {
      variant:
        updateId === undefined
          ? { case: "workflowClosed", value: {} }
          : { case: "updateWorkflowExecutionCompleted", value: { updateId } },
    },
    registrationTime: toTimestamp(registeredMs),
    state: blocked ? State.BLOCKED : callbackStates[phase],
    ...attempts({
      ...each,
      lastFailure:
        message === undefined
          ? undefined
          : Failure.create({
              message,
              failureInfo: { case: "applicationFailureInfo", value: { nonRetryable: phase === "failed" } },
            }),
    }),
    blockedReason: blocked ? BLOCKED_REASON : "",
  };
}
