import { activityDispatch } from "./activity/offer.ts";
import type { Effect } from "./contract.ts";
import type { ExecutionState } from "./state.ts";

/** What was asked of matching and is not done yet: to be asked again when the run comes back from disk. */
export function outstandingEffects(state: ExecutionState): Effect[] {
  const effects: Effect[] = [];
  state.callbacks.forEach(({ phase, attempt }, index) => {
    if (phase === "scheduled") effects.push({ kind: "invokeCallback", index, attempt });
  });
  if (state.phase !== "running") return effects;
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
  for (const { phase, attempt, scheduledEventId, cancel } of state.nexusOperations.values()) {
    if (phase === "scheduled") effects.push({ kind: "dispatchNexusStart", scheduledEventId, attempt });
    if (cancel?.phase === "scheduled")
      effects.push({ kind: "dispatchNexusCancel", scheduledEventId, attempt: cancel.attempt });
  }
  return effects;
}
