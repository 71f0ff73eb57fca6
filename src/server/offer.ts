import { isSameVersion, versionDirective, type VersionDirective } from "../core/execution/versioning/effective.ts";
import type { Clock } from "../core/time/clock.ts";
import type { TaskEffect } from "./history/engine-parts.ts";
import type { Run } from "./history/run.ts";
import type { Matching } from "./matching/matching.ts";
import { PRIORITY_DEFAULT, PRIORITY_MAX } from "./matching/task.ts";

/** Puts a run's task into its queue. */
export function offerTask(matching: Matching, clock: Clock, run: Run, effect: TaskEffect): void {
  const { namespaceId, key: runKey } = run;
  const { scheduledEventId, attempt } = effect;
  const directive = versionDirective(run.state);
  const offeredMs = clock.now();
  if (effect.kind === "dispatchActivityTask") {
    const { taskQueue: name, stamp } = effect;
    const keepsBuild = run.state.activities.get(scheduledEventId)?.scheduled.useWorkflowBuildId === true;
    const task = {
      kind: "activity",
      runKey,
      scheduledEventId,
      attempt,
      stamp,
      priority: toPriority(effect.priority),
      offeredMs,
      directive: keepsBuild ? directive : ({ ...directive, isIndependent: true } as const),
    } as const;
    matching.offer({ namespaceId, type: "activity", name }, task);
    return;
  }
  const { taskQueue, normalTaskQueue } = effect;
  // A sticky queue without a worker would only cost the run its schedule-to-start timeout.
  const sticky =
    effect.sticky &&
    matching.hasRecentPoller({ namespaceId, type: "workflow", name: taskQueue }) &&
    !leavesVersion(matching, run, directive, normalTaskQueue);
  const name = sticky || !effect.sticky ? taskQueue : normalTaskQueue;
  const priority = toPriority(run.state.priority?.priorityKey ?? 0);
  matching.offer(
    { namespaceId, type: "workflow", name },
    {
      kind: "workflow",
      runKey,
      scheduledEventId,
      attempt,
      priority,
      offeredMs,
      ...(sticky ? {} : { directive }),
    },
  );
}

/** A run that new tasks take to another version has no use for the worker that has it in its cache. */
export function leavesVersion(
  matching: Matching,
  { namespaceId }: Pick<Run, "namespaceId">,
  directive: VersionDirective,
  taskQueue: string,
): boolean {
  const version = matching.route({ namespaceId, type: "workflow", name: taskQueue }, directive);
  if (version === undefined) return false;
  // Builds that are compatible do not take the workflow away from one another.
  return version.isRedirected === true || (version.deploymentName !== "" && !isSameVersion(version, directive.version));
}

/** A priority key as queues have it. */
export function toPriority(priorityKey: number): number {
  return priorityKey <= 0 ? PRIORITY_DEFAULT : Math.min(priorityKey, PRIORITY_MAX);
}
