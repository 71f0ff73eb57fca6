import { RetryState, TimeoutType } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import { decideRetry, isRetryable, requestedDelayMs } from "../../schedule/retry.ts";
import { keptFailure } from "../failure.ts";
import type { ActivityState } from "../state.ts";
import type { Transition } from "../transition.ts";

/** Has a failed attempt followed by another if the policy, the failure and the time permit; answers how that went. */
export function retryActivity(
  t: Transition,
  activity: ActivityState,
  failure: Failure | undefined,
  completedMs: number | undefined,
): RetryState {
  if (activity.cancelRequestedEventId !== 0) return RetryState.CANCEL_REQUESTED;
  // These are deadlines of the whole schedule: the real failure, if there was one, is the last attempt's.
  const info = failure?.failureInfo;
  if (info?.case === "timeoutFailureInfo" && ofSchedule.has(info.value.timeoutType)) return RetryState.TIMEOUT;
  const { retry } = activity.options;
  if (!isRetryable(failure, retry.nonRetryableErrorTypes)) return RetryState.NON_RETRYABLE_FAILURE;
  const id = activity.scheduledEventId;
  const kept = keptFailure(failure);
  if (activity.paused !== undefined) {
    t.do({
      op: "retryActivity",
      id,
      scheduledMs: activity.scheduledMs,
      completedMs,
      failure: kept,
    });
    return RetryState.IN_PROGRESS;
  }
  const delayMs = requestedDelayMs(failure);
  const decision = decideRetry({
    nowMs: t.nowMs,
    attempt: activity.attempt,
    policy: retry,
    expirationMs: retryExpirationMs(activity),
    delayMs,
    ...(delayMs === undefined ? {} : { maximumIntervalMs: delayMs }),
  });
  if (!decision.retry) return decision.state;
  t.do({
    op: "retryActivity",
    id,
    scheduledMs: t.nowMs + decision.delayMs,
    completedMs,
    failure: kept,
  });
  return RetryState.IN_PROGRESS;
}

const ofSchedule: ReadonlySet<TimeoutType> = new Set([TimeoutType.SCHEDULE_TO_START, TimeoutType.SCHEDULE_TO_CLOSE]);

/** After this, no attempt begins. */
export function retryExpirationMs({ firstScheduledMs, options }: ActivityState): number | undefined {
  return options.scheduleToCloseMs > 0 ? firstScheduledMs + options.scheduleToCloseMs : undefined;
}
