import type { Priority } from "../../../proto/gen/common.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import type { Effect } from "../contract.ts";

/** The effect that offers an activity's current attempt to matching; undefined while the run is paused. */
export function activityDispatch(state: ExecutionState, scheduledEventId: number): Effect | undefined {
  const activity = state.activities.get(scheduledEventId);
  if (activity === undefined || state.paused !== undefined) return undefined;
  const { options, attempt, stamp } = activity;
  const priority = mergePriorities(state.priority, options.priority)?.priorityKey ?? 0;
  return {
    kind: "dispatchActivityTask",
    taskQueue: options.taskQueue,
    scheduledEventId,
    attempt,
    stamp,
    priority,
  };
}

/** Offers an activity's current attempt to matching. */
export function offerActivity(t: Transition, scheduledEventId: number): void {
  const effect = activityDispatch(t.state, scheduledEventId);
  if (effect !== undefined) t.effect(effect);
}

/** An activity's priority over its workflow's, field by field. */
export function mergePriorities(workflow: Priority | undefined, own: Priority | undefined): Priority | undefined {
  if (workflow === undefined || own === undefined) return own ?? workflow;
  return {
    priorityKey: own.priorityKey || workflow.priorityKey,
    fairnessKey: own.fairnessKey || workflow.fairnessKey,
    fairnessWeight: own.fairnessWeight || workflow.fairnessWeight,
  };
}
