import { RetryState, TimeoutType } from "../../../proto/gen/enums.ts";
import { timeoutTypeName } from "../../schedule/retry.ts";
import { timeoutFailure } from "../failure.ts";
import type { ActivityState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { addStarted } from "./report.ts";
import { retryActivity } from "./retry.ts";

/**
 * The service's timers are exact from a second on; shorter ones may take up to that second. Clients count on it: attempts
 * that may take no time at all get some here too, for their task's way to the worker and the report's way back.
 */
const EXACT_FROM_MS = 1_000;
const DELIVERY_MS = 100;

/**
 * Calls `visit` for each timeout that an activity is subject to now, those that come first of several of one instant before
 * the others. Asked of all pending activities at every step: it makes nothing.
 */
export function visitActivityDeadlines(
  activity: ActivityState,
  visit: (activity: ActivityState, atMs: number, type: TimeoutType) => void,
): void {
  const { options, startedMs } = activity;
  if (activity.paused !== undefined) return;
  const started = activity.phase === "started" && startedMs !== undefined;
  if (started && options.startToCloseMs > 0)
    visit(activity, startedMs + withDelivery(options.startToCloseMs), TimeoutType.START_TO_CLOSE);
  if (!started && options.scheduleToStartMs > 0)
    visit(activity, activity.scheduledMs + options.scheduleToStartMs, TimeoutType.SCHEDULE_TO_START);
  if (options.scheduleToCloseMs > 0)
    visit(activity, activity.firstScheduledMs + options.scheduleToCloseMs, TimeoutType.SCHEDULE_TO_CLOSE);
  if (started && options.heartbeatMs > 0) {
    const aliveMs = Math.max(startedMs, activity.lastHeartbeatMs ?? 0);
    visit(activity, aliveMs + options.heartbeatMs, TimeoutType.HEARTBEAT);
  }
}

function withDelivery(timeoutMs: number): number {
  return Math.max(timeoutMs, Math.min(EXACT_FROM_MS, timeoutMs + DELIVERY_MS));
}

/** Time is up for an activity: there will be another attempt, or it has timed out. Answers whether the workflow has news. */
export function timeOutActivity(t: Transition, activity: ActivityState, type: TimeoutType): boolean {
  const id = activity.scheduledEventId;
  const timedOut = timeoutFailure(`activity ${timeoutTypeName(type)} timeout`, type);
  const retryState = retryActivity(t, activity, timedOut, undefined);
  if (retryState === RetryState.IN_PROGRESS) return false;
  // That no time is left for another attempt counts as a timeout of the schedule.
  const noTimeLeft = retryState === RetryState.TIMEOUT && type !== TimeoutType.SCHEDULE_TO_START;
  const failure = noTimeLeft
    ? timeoutFailure(
        "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying",
        TimeoutType.SCHEDULE_TO_CLOSE,
      )
    : timedOut;
  failure.cause = activity.lastFailure;
  if (failure.failureInfo?.case === "timeoutFailureInfo")
    failure.failureInfo.value.lastHeartbeatDetails = activity.heartbeatDetails;
  addStarted(t, id);
  t.add({
    case: "activityTaskTimedOutEventAttributes",
    value: { failure, scheduledEventId: id, startedEventId: 0, retryState },
  });
  return true;
}
