import type { ActivityTaskScheduledEventAttributes, HistoryEvent } from "../../../proto/gen/history.ts";
import { retryPolicyMs, withRetryDefaults } from "../../schedule/retry.ts";
import { advance } from "../advance.ts";
import { durationMs, timestampMs } from "../duration.ts";
import { put, remove } from "../journal.ts";
import type { ActivityChange, Op } from "../operation.ts";
import { foldPauseInfo } from "../run/fold-pause.ts";
import type { ActivityOptionsMs, ActivityState, ExecutionState } from "../state.ts";
import { type ActivityInput, activityMachine } from "./machine.ts";

/** The options that an activity was scheduled with. */
export function scheduledOptions(scheduled: ActivityTaskScheduledEventAttributes): ActivityOptionsMs {
  return {
    taskQueue: scheduled.taskQueue?.name ?? "",
    scheduleToCloseMs: durationMs(scheduled.scheduleToCloseTimeout),
    scheduleToStartMs: durationMs(scheduled.scheduleToStartTimeout),
    startToCloseMs: durationMs(scheduled.startToCloseTimeout),
    heartbeatMs: durationMs(scheduled.heartbeatTimeout),
    retry: retryPolicyMs(scheduled.retryPolicy ?? withRetryDefaults(undefined)),
    priority: scheduled.priority,
  };
}

/** A scheduled event. */
export function foldActivityScheduled(
  state: ExecutionState,
  event: HistoryEvent,
  scheduled: ActivityTaskScheduledEventAttributes,
): void {
  const atMs = timestampMs(event.eventTime);
  put(state, state.activities, event.eventId, {
    phase: "scheduled",
    scheduledEventId: event.eventId,
    activityId: scheduled.activityId,
    scheduled,
    attempt: 1,
    firstScheduledMs: atMs,
    scheduledMs: atMs,
    startedMs: undefined,
    requestId: "",
    identity: "",
    lastFailure: undefined,
    lastAttemptCompleteMs: undefined,
    lastHeartbeatMs: undefined,
    heartbeatDetails: undefined,
    cancelRequestedEventId: 0,
    stamp: 0,
    paused: undefined,
    reset: false,
    resetHeartbeats: false,
    options: scheduledOptions(scheduled),
  });
  put(state, state.activityIds, scheduled.activityId, event.eventId);
}

/** Any event that ends an activity. */
export function foldActivityClosed(state: ExecutionState, scheduledEventId: number): void {
  const activity = state.activities.get(scheduledEventId);
  if (activity === undefined) return;
  advance(activityMachine, activity.phase, "close");
  remove(state, state.activities, scheduledEventId);
  if (activity.paused !== undefined) foldPauseInfo(state);
  // The id may be another activity's by now.
  if (state.activityIds.get(activity.activityId) === scheduledEventId)
    remove(state, state.activityIds, activity.activityId);
}

/** The workflow asks for the activity's cancellation. */
export function foldActivityCancelRequested(state: ExecutionState, eventId: number, scheduledEventId: number): void {
  // An activity whose end waits in the buffer is gone already.
  if (!state.activities.has(scheduledEventId)) return;
  update(state, scheduledEventId, "requestCancel", { cancelRequestedEventId: eventId });
}

/** An attempt begins; its event is written when it is known to be the last. */
export function foldStartActivity(state: ExecutionState, op: Extract<Op, { op: "startActivity" }>): void {
  update(state, op.id, "start", {
    startedMs: op.atMs,
    requestId: op.requestId,
    identity: op.identity,
  });
}

/** An attempt failed, and there will be another. */
export function foldRetryActivity(state: ExecutionState, op: Extract<Op, { op: "retryActivity" }>): void {
  const activity = state.activities.get(op.id);
  if (activity === undefined) return;
  update(state, op.id, "retry", {
    attempt: activity.attempt + 1,
    scheduledMs: op.scheduledMs,
    startedMs: undefined,
    requestId: "",
    lastFailure: op.failure,
    lastAttemptCompleteMs: op.completedMs ?? activity.lastAttemptCompleteMs,
    reset: false,
    resetHeartbeats: false,
    ...(activity.resetHeartbeats ? { lastHeartbeatMs: undefined, heartbeatDetails: undefined } : {}),
  });
}

/** The time of the next attempt has come. */
export function foldDispatchActivity(state: ExecutionState, op: Extract<Op, { op: "dispatchActivity" }>): void {
  update(state, op.id, "dispatch", {});
}

/** The activity is alive. */
export function foldHeartbeatActivity(state: ExecutionState, op: Extract<Op, { op: "heartbeatActivity" }>): void {
  update(state, op.id, "heartbeat", { lastHeartbeatMs: op.atMs, heartbeatDetails: op.details });
}

/** A pause, an unpause, a reset or new options. */
export function foldChangeActivity(state: ExecutionState, op: Extract<Op, { op: "changeActivity" }>): void {
  const { paused, heartbeat, lastFailure, backOff, ...rest } = op.change;
  update(state, op.id, backOff === true ? "backOff" : "change", {
    ...(rest satisfies Partial<ActivityState> & ActivityChange),
    ...(paused === undefined ? {} : { paused: paused ?? undefined }),
    ...(lastFailure === null ? { lastFailure: undefined } : {}),
    ...(heartbeat === null ? { lastHeartbeatMs: undefined, heartbeatDetails: undefined } : {}),
  });
  if (paused !== undefined) foldPauseInfo(state);
}

function update(state: ExecutionState, id: number, input: ActivityInput["kind"], change: Partial<ActivityState>): void {
  const activity = state.activities.get(id);
  if (activity === undefined) return;
  const phase = advance(activityMachine, activity.phase, input);
  put(state, state.activities, id, { ...activity, ...change, phase });
}
