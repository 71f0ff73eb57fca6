import type { ExecutionRequest, StepReply } from "../contract.ts";
import { ExecutionError } from "../execution-error.ts";
import type { Transition } from "../transition.ts";
import { scheduledOptions } from "./fold.ts";
import { isWaiting, rescheduleActivity } from "./reschedule.ts";
import { selectActivities } from "./select.ts";

type Request<Kind extends ExecutionRequest["kind"]> = Extract<ExecutionRequest, { kind: Kind }>;

/**
 * Keeps activities from being started (again). One that runs may finish its attempt.
 *
 * @throws {ExecutionError} If there is no such activity, or another request has paused it.
 */
export function pauseActivity(t: Transition, request: Request<"pauseActivity">): StepReply {
  for (const activity of selectActivities(t.state, request.activities)) {
    if (activity.paused !== undefined) {
      if (activity.paused.requestId === request.requestId) continue;
      throw new ExecutionError("FAILED_PRECONDITION", "activity is already paused");
    }
    const { identity, reason, requestId } = request;
    const paused = { atMs: t.nowMs, identity, reason, requestId };
    // What was offered to matching becomes void; what runs goes on.
    const stamp = isWaiting(activity) ? activity.stamp + 1 : activity.stamp;
    t.do({ op: "changeActivity", id: activity.scheduledEventId, change: { paused, stamp } });
  }
  return {};
}

/**
 * Lets paused activities go on; those that do not run are offered at once.
 *
 * @throws {ExecutionError} If there is no such activity.
 */
export function unpauseActivity(t: Transition, request: Request<"unpauseActivity">): StepReply {
  for (const activity of selectActivities(t.state, request.activities)) {
    if (activity.paused === undefined) continue;
    const id = activity.scheduledEventId;
    t.do({
      op: "changeActivity",
      id,
      change: {
        paused: null,
        stamp: activity.stamp + 1,
        ...(request.resetAttempts ? { attempt: 1 } : {}),
        ...(request.resetHeartbeat ? { heartbeat: null } : {}),
      },
    });
    if (isWaiting(activity)) rescheduleActivity(t, id, t.nowMs, request.jitterMs);
  }
  return {};
}

/**
 * Begins activities anew with their first attempt. One that runs is told so, and the first attempt is its next.
 *
 * @throws {ExecutionError} If there is no such activity.
 */
export function resetActivity(t: Transition, request: Request<"resetActivity">): StepReply {
  for (const activity of selectActivities(t.state, request.activities)) {
    const id = activity.scheduledEventId;
    const wasPaused = activity.paused !== undefined;
    const staysPaused = wasPaused && request.keepPaused;
    const waits = isWaiting(activity);
    const goesOn = !staysPaused && (wasPaused || waits);
    const restamped = Number(request.restoreOriginalOptions) + Number(goesOn);
    t.do({
      op: "changeActivity",
      id,
      change: {
        attempt: 1,
        reset: true,
        stamp: activity.stamp + restamped,
        ...(request.resetHeartbeat ? { resetHeartbeats: true } : {}),
        ...(request.restoreOriginalOptions ? { options: scheduledOptions(activity.scheduled) } : {}),
        ...(wasPaused && !staysPaused ? { paused: null } : {}),
      },
    });
    if (waits && !staysPaused) rescheduleActivity(t, id, t.nowMs, request.jitterMs);
  }
  return {};
}
