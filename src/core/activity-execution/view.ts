import { ActivityExecutionInfo } from "../../proto/gen/activity.ts";
import type { Link } from "../../proto/gen/common.ts";
import { PendingActivityState } from "../../proto/gen/enums.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf.ts";
import type { StartActivityExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { toDuration, toTimestamp } from "../execution/duration.ts";
import type { ActivityExecutionPhase } from "./machine.ts";
import { expirationMs, firstDispatchMs, isClosed, isRunning, statusOf, type ActivityExecutionState } from "./state.ts";

const runStates: Readonly<Partial<Record<ActivityExecutionPhase, PendingActivityState>>> = {
  scheduled: PendingActivityState.SCHEDULED,
  started: PendingActivityState.STARTED,
  cancelRequested: PendingActivityState.CANCEL_REQUESTED,
  paused: PendingActivityState.PAUSED,
  pauseRequested: PendingActivityState.PAUSE_REQUESTED,
};

/** What a caller wants to see besides what everybody does. */
export interface ViewOptions {
  readonly includeHeartbeatDetails: boolean;
  readonly includeLastFailure: boolean;
}

/** Which activity a view is of, and what its start said. */
export interface ViewedActivity {
  readonly activityId: string;
  readonly runId: string;
  readonly start: StartActivityExecutionRequest;
}

/** What there is to know about an activity, as callers are told. */
export function activityExecutionInfo(
  state: ActivityExecutionState,
  { activityId, runId, start }: ViewedActivity,
  nowMs: number,
  { includeHeartbeatDetails, includeLastFailure }: ViewOptions,
): ActivityExecutionInfo {
  const { options, attempt, scheduleMs, closeMs, searchAttributes } = state;
  const nextMs = nextDispatchMs(state, nowMs);
  const waitsForRetry = state.phase === "scheduled" && nextMs !== undefined && attempt.retryIntervalMs !== undefined;
  const { taskQueue, ...limits } = options;
  const { header, userMetadata } = start;
  return {
    ...ActivityExecutionInfo.create({ ...limits }),
    activityId,
    runId,
    activityType: { name: state.activityType },
    taskQueue: taskQueue?.name ?? "",
    status: statusOf(state),
    runState: runStateOf(state),
    attempt: attempt.count,
    scheduleTime: toTimestamp(scheduleMs),
    executionTime: toTimestamp(firstDispatchMs(state)),
    expirationTime: optionalTime(expirationMs(state)),
    closeTime: optionalTime(closeMs),
    executionDuration: closeMs === undefined ? undefined : toDuration(closeMs - scheduleMs),
    lastStartedTime: optionalTime(attempt.startedMs),
    lastAttemptCompleteTime: optionalTime(attempt.completeMs),
    lastHeartbeatTime: optionalTime(state.heartbeatMs),
    totalHeartbeatCount: state.heartbeats,
    lastWorkerIdentity: attempt.workerIdentity,
    lastDeploymentVersion: attempt.deploymentVersion,
    sdkName: attempt.sdkName,
    sdkVersion: attempt.sdkVersion,
    nextAttemptScheduleTime: optionalTime(nextMs),
    currentRetryInterval: waitsForRetry ? toDuration(attempt.retryIntervalMs) : undefined,
    canceledReason: state.cancelReason,
    stateTransitionCount: state.transitions,
    searchAttributes: { indexedFields: { ...searchAttributes } },
    header,
    userMetadata,
    links: linksOf(state),
    heartbeatDetails: includeHeartbeatDetails ? state.heartbeatDetails : undefined,
    lastFailure: includeLastFailure ? attempt.lastFailure : undefined,
  };
}

/** All links that requests attached to the activity. */
export function linksOf({ links }: ActivityExecutionState): Link[] {
  return links.flatMap((attached) => attached.links);
}

function runStateOf({ phase, pendingReset }: ActivityExecutionState): PendingActivityState {
  if (phase === "resetRequested") {
    return pendingReset?.pause === true ? PendingActivityState.PAUSE_REQUESTED : PendingActivityState.STARTED;
  }
  return runStates[phase] ?? PendingActivityState.UNSPECIFIED;
}

/** When the attempt that is waited for is offered, if that is still to come. */
function nextDispatchMs(state: ActivityExecutionState, nowMs: number): number | undefined {
  const { dispatchMs } = state.attempt;
  if (isRunning(state) || isClosed(state) || state.phase === "paused") return undefined;
  return dispatchMs !== undefined && dispatchMs > nowMs ? dispatchMs : undefined;
}

function optionalTime(ms: number | undefined): Timestamp | undefined {
  return ms === undefined ? undefined : toTimestamp(ms);
}
