import { NexusOperationCancellationState, PendingNexusOperationState } from "../../proto/gen/enums.ts";
import type { Duration, Timestamp } from "../../proto/gen/google/protobuf.ts";
import { NexusOperationExecutionInfo } from "../../proto/gen/nexus.ts";
import type { NexusOperationExecutionCancellationInfo } from "../../proto/gen/nexus.ts";
import type { StartNexusOperationExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { toDuration, toTimestamp } from "../execution/duration.ts";
import type { NexusExecutionPhase } from "./machine.ts";
import { nexusStatusOf, type CancellationState, type NexusExecutionState } from "./state.ts";

const pendingStates: Readonly<Partial<Record<NexusExecutionPhase, PendingNexusOperationState>>> = {
  scheduled: PendingNexusOperationState.SCHEDULED,
  backingOff: PendingNexusOperationState.BACKING_OFF,
  started: PendingNexusOperationState.STARTED,
};

const cancellationStates: Readonly<Record<CancellationState["phase"], NexusOperationCancellationState>> = {
  waiting: NexusOperationCancellationState.UNSPECIFIED,
  scheduled: NexusOperationCancellationState.SCHEDULED,
  backingOff: NexusOperationCancellationState.BACKING_OFF,
  succeeded: NexusOperationCancellationState.SUCCEEDED,
  failed: NexusOperationCancellationState.FAILED,
};

/** What there is to know about an operation, as callers are told. */
export function nexusExecutionInfo(
  state: NexusExecutionState,
  started: StartNexusOperationExecutionRequest,
  runId: string,
  nowMs: number,
): NexusOperationExecutionInfo {
  const { scheduledMs, closeMs, cancellation, scheduleToCloseMs } = state;
  const { nexusHeader, userMetadata, identity, operationId } = started;
  return {
    ...NexusOperationExecutionInfo.create(),
    operationId,
    runId,
    endpoint: state.endpoint,
    service: state.service,
    operation: state.operation,
    status: nexusStatusOf(state),
    state: pendingStates[state.phase] ?? PendingNexusOperationState.UNSPECIFIED,
    scheduleToCloseTimeout: optionalDuration(scheduleToCloseMs),
    scheduleToStartTimeout: optionalDuration(state.scheduleToStartMs),
    startToCloseTimeout: optionalDuration(state.startToCloseMs),
    attempt: state.attempt,
    scheduleTime: toTimestamp(scheduledMs),
    expirationTime: scheduleToCloseMs === 0 ? undefined : toTimestamp(scheduledMs + scheduleToCloseMs),
    closeTime: optionalTime(closeMs),
    executionDuration: toDuration((closeMs ?? nowMs) - scheduledMs),
    lastAttemptCompleteTime: optionalTime(state.lastAttemptCompleteMs),
    lastAttemptFailure: state.lastAttemptFailure,
    nextAttemptScheduleTime: optionalTime(state.nextAttemptMs),
    requestId: state.requestId,
    operationToken: state.operationToken,
    stateTransitionCount: state.transitions,
    searchAttributes: { indexedFields: { ...state.searchAttributes } },
    links: [...state.links],
    cancellationInfo: cancellation === undefined ? undefined : cancellationInfo(cancellation),
    nexusHeader,
    userMetadata,
    identity,
  };
}

function cancellationInfo(cancellation: CancellationState): NexusOperationExecutionCancellationInfo {
  const waiting = cancellation.phase === "waiting";
  return {
    requestedTime: toTimestamp(cancellation.requestedMs),
    state: cancellationStates[cancellation.phase],
    attempt: waiting ? 0 : cancellation.attempt,
    lastAttemptCompleteTime: optionalTime(cancellation.lastAttemptCompleteMs),
    lastAttemptFailure: cancellation.lastAttemptFailure,
    nextAttemptScheduleTime: optionalTime(cancellation.nextAttemptMs),
    blockedReason: "",
    reason: cancellation.reason,
  };
}

function optionalTime(ms: number | undefined): Timestamp | undefined {
  return ms === undefined ? undefined : toTimestamp(ms);
}

function optionalDuration(ms: number): Duration | undefined {
  return ms === 0 ? undefined : toDuration(ms);
}
