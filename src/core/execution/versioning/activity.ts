import { VersioningBehavior } from "../../../proto/gen/enums.ts";
import type { Transition } from "../transition.ts";
import { ensureWorkflowTask } from "../workflow-task/schedule.ts";
import { effectiveBehavior, effectiveVersion, isSameVersion } from "./effective.ts";
import { beginTransition } from "./move.ts";
import type { PollerRoute } from "./versioning-state.ts";

/**
 * Whether an activity may not start yet, because its run has to get to the worker's version first.
 *
 * While the run is on its way nothing starts: all is offered again when it has arrived. An activity that was routed to
 * another version than its run's sets the run off if its workflow tasks would go there too; if they would not, the
 * activity's queue has a version of its own.
 */
export function movesRun(t: Transition, route: PollerRoute): boolean {
  const { state } = t;
  if (state.versioning.transition !== undefined) return true;
  const behavior = effectiveBehavior(state);
  if (
    behavior !== VersioningBehavior.AUTO_UPGRADE ||
    isSameVersion(effectiveVersion(state), route.version) ||
    !isSameVersion(route.target?.version, route.version)
  )
    return false;
  beginTransition(t, route);
  ensureWorkflowTask(t);
  return true;
}
