import type { ActivityCallback } from "../../core/activity-execution/callback-state.ts";
import type { ActivityExecutionState } from "../../core/activity-execution/state.ts";
import { toTimestamp } from "../../core/execution/duration.ts";
import type { CallbackInfo } from "../../proto/gen/activity.ts";
import { CallbackState } from "../../proto/gen/enums.ts";
import type { Init } from "../../proto/message.ts";

const states: Readonly<Record<ActivityCallback["phase"], CallbackState>> = {
  standby: CallbackState.STANDBY,
  scheduled: CallbackState.SCHEDULED,
  backingOff: CallbackState.BACKING_OFF,
  succeeded: CallbackState.SUCCEEDED,
  failed: CallbackState.FAILED,
};

/** What callers are told of an activity's callbacks. */
export function callbackInfos({ callbacks }: ActivityExecutionState): Init<CallbackInfo>[] {
  return callbacks.map((each) => ({
    trigger: { variant: { case: "activityClosed", value: {} } },
    info: {
      callback: each.callback,
      registrationTime: toTimestamp(each.registeredMs),
      state: states[each.phase],
      attempt: each.attempt,
      ...optionalTime("lastAttemptCompleteTime", each.lastAttemptCompleteMs),
      ...optionalTime("nextAttemptScheduleTime", each.nextAttemptMs),
      ...(each.lastFailureMessage === undefined ? {} : { lastAttemptFailure: failureOf(each) }),
    },
  }));
}

function optionalTime(name: string, ms: number | undefined): Record<string, ReturnType<typeof toTimestamp>> {
  return ms === undefined ? {} : { [name]: toTimestamp(ms) };
}

function failureOf({
  phase,
  lastFailureMessage: message = "",
}: ActivityCallback): NonNullable<NonNullable<Init<CallbackInfo>["info"]>["lastAttemptFailure"]> {
  const nonRetryable = phase === "failed";
  return { message, failureInfo: { case: "applicationFailureInfo", value: { nonRetryable } } };
}
