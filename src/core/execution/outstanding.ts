import { activityDispatch } from "./activity/offer.ts";
import type { Effect } from "./contract.ts";
import type { ExecutionState } from "./state.ts";

/** What was asked of matching and is not done yet: to be asked again when the run comes back from disk. */
export function outstandingEffects(state: ExecutionState): Effect[] {
  if (state.phase !== "running") return [];
  const effects: Effect[] = [];
  const { workflowTask: task } = state;
  if (task?.phase === "scheduled") {
    effects.push({
      kind: "dispatchWorkflowTask",
      taskQueue: task.taskQueue,
      sticky: task.sticky,
      normalTaskQueue: state.taskQueue,
      scheduledEventId: task.scheduledEventId,
      attempt: task.attempt,
    });
  }
  for (const { phase, paused, scheduledEventId } of state.activities.values()) {
    const effect =
      phase === "scheduled" && paused === undefined ? activityDispatch(state, scheduledEventId) : undefined;
    if (effect !== undefined) effects.push(effect);
  }
  return effects;
}
