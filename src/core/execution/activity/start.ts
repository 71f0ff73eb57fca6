import type { RetryPolicy } from "../../../proto/gen/common.ts";
import type { ExecutionRequest, StartedActivityTask, StepReply } from "../contract.ts";
import { toDuration } from "../duration.ts";
import type { ActivityState, ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { movesRun } from "../versioning/activity.ts";
import { mergePriorities } from "./offer.ts";

/** A poller got the attempt that it was offered, if that is still the one. */
export function startActivityTask(
  t: Transition,
  request: Extract<ExecutionRequest, { kind: "startActivityTask" }>,
): StepReply {
  const { state } = t;
  const activity = state.activities.get(request.scheduledEventId);
  if (state.phase !== "running" || activity === undefined) return { stale: true };
  if (activity.phase === "started") {
    return activity.requestId === request.requestId
      ? { startedActivityTask: describeStarted(state, activity) }
      : { stale: true };
  }
  if (
    activity.attempt !== request.attempt ||
    activity.stamp !== request.stamp ||
    activity.paused !== undefined ||
    state.paused !== undefined
  )
    return { stale: true };
  if (request.route !== undefined && movesRun(t, request.route)) return { stale: true };
  return { startedActivityTask: startAttempt(t, request.scheduledEventId, request) };
}

/** Starts the current attempt. */
export function startAttempt(
  t: Transition,
  scheduledEventId: number,
  starter: { readonly identity: string; readonly requestId: string },
): StartedActivityTask {
  t.do({
    op: "startActivity",
    id: scheduledEventId,
    atMs: t.nowMs,
    requestId: starter.requestId,
    identity: starter.identity,
  });
  const activity = t.state.activities.get(scheduledEventId);
  if (activity === undefined) throw new Error(`Cannot start activity ${scheduledEventId}: there is none`);
  return describeStarted(t.state, activity);
}

function describeStarted(state: ExecutionState, activity: ActivityState): StartedActivityTask {
  const { scheduled, options } = activity;
  return {
    scheduledEventId: activity.scheduledEventId,
    scheduled: {
      ...scheduled,
      scheduleToCloseTimeout: toDuration(options.scheduleToCloseMs),
      scheduleToStartTimeout: toDuration(options.scheduleToStartMs),
      startToCloseTimeout: toDuration(options.startToCloseMs),
      heartbeatTimeout: toDuration(options.heartbeatMs),
      retryPolicy: toRetryPolicy(activity),
      priority: mergePriorities(state.priority, options.priority),
    },
    attempt: activity.attempt,
    startedEventId: 0,
    scheduledTimeMs: activity.firstScheduledMs,
    currentAttemptScheduledTimeMs: activity.scheduledMs,
    startedTimeMs: activity.startedMs ?? 0,
    heartbeatDetails: activity.heartbeatDetails,
    heartbeatTimeoutMs: options.heartbeatMs,
    activityId: activity.activityId,
    activityType: scheduled.activityType?.name ?? "",
  };
}

/** The retry policy in force, as the protocol has it. */
export function toRetryPolicy({ options: { retry } }: ActivityState): RetryPolicy {
  return {
    initialInterval: toDuration(retry.initialIntervalMs),
    backoffCoefficient: retry.backoffCoefficient,
    maximumInterval: toDuration(retry.maximumIntervalMs),
    maximumAttempts: retry.maximumAttempts,
    nonRetryableErrorTypes: [...retry.nonRetryableErrorTypes],
  };
}
