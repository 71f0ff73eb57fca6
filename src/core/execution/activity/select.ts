import type { ActivitySelector } from "../administration.ts";
import { notFound } from "../execution-error.ts";
import { requireRunning } from "../run/running.ts";
import type { ActivityState, ExecutionState } from "../state.ts";

/**
 * The pending activities that an operator means.
 *
 * @throws {ExecutionError} If there are none, or the run is closed.
 */
export function selectActivities(state: ExecutionState, selector: ActivitySelector): ActivityState[] {
  requireRunning(state);
  const found = [...state.activities.values()].filter((activity) => isMeant(activity, selector));
  if (found.length === 0)
    throw notFound("Can't find pending activity with such ID. Invalid activityID or activity already completed");
  return found;
}

function isMeant({ activityId, scheduled }: ActivityState, selector: ActivitySelector): boolean {
  if (selector.by === "all") return true;
  return selector.by === "id"
    ? activityId === selector.activityId
    : scheduled.activityType?.name === selector.activityType;
}
