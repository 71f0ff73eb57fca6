import type { ActivityExecutionState } from "../../core/activity-execution/state.ts";
import { toTimestamp } from "../../core/execution/duration.ts";
import type { CallbackInfo } from "../../proto/gen/activity.ts";
import { CallbackState } from "../../proto/gen/enums.ts";
import type { Init } from "../../proto/message.ts";

/** What callers are told of an activity's callbacks. */
export function callbackInfos({ callbacks }: ActivityExecutionState): Init<CallbackInfo>[] {
  return callbacks.map(({ callback, registeredMs }) => ({
    trigger: { variant: { case: "activityClosed", value: {} } },
    info: { callback, registrationTime: toTimestamp(registeredMs), state: CallbackState.STANDBY },
  }));
}
