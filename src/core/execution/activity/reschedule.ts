import type { ActivityState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { uuidFraction } from "../uuid-fraction.ts";
import { offerActivity } from "./offer.ts";

/** Whether the activity waits to be started, and nobody has asked for its cancellation. */
export function isWaiting({ phase, cancelRequestedEventId }: ActivityState): boolean {
  return phase !== "started" && cancelRequestedEventId === 0;
}

/** Has the current attempt offered at a time, spread over the jitter; the past means now. */
export function rescheduleActivity(t: Transition, id: number, atMs: number, jitterMs = 0): void {
  const scheduledMs = jitterMs > 0 ? atMs + uuidFraction(t.context.newId()) * jitterMs : atMs;
  const forgets = t.state.activities.get(id)?.resetHeartbeats === true;
  t.do({
    op: "changeActivity",
    id,
    change: {
      scheduledMs,
      backOff: true,
      reset: false,
      resetHeartbeats: false,
      lastFailure: null,
      ...(forgets ? { heartbeat: null } : {}),
    },
  });
  if (scheduledMs > t.nowMs) return;
  t.do({ op: "dispatchActivity", id });
  offerActivity(t, id);
}
