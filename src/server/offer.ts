import type { Clock } from "../core/time/clock.ts";
import type { TaskEffect } from "./history/engine-parts.ts";
import type { Run } from "./history/run.ts";
import type { Matching } from "./matching/matching.ts";
import { PRIORITY_DEFAULT, PRIORITY_MAX } from "./matching/task.ts";

/** Puts a run's task into its queue. */
export function offerTask(matching: Matching, clock: Clock, run: Run, effect: TaskEffect): void {
  const { namespaceId, key: runKey } = run;
  const { scheduledEventId, attempt } = effect;
  const offeredMs = clock.now();
  if (effect.kind === "dispatchActivityTask") {
    const { taskQueue: name, stamp } = effect;
    const task = {
      kind: "activity",
      runKey,
      scheduledEventId,
      attempt,
      stamp,
      priority: toPriority(effect.priority),
      offeredMs,
    } as const;
    matching.offer({ namespaceId, type: "activity", name }, task);
    return;
  }
  const { sticky, taskQueue, normalTaskQueue } = effect;
  // A sticky queue without a worker would only cost the run its schedule-to-start timeout.
  const name =
    sticky && !matching.hasRecentPoller({ namespaceId, type: "workflow", name: taskQueue })
      ? normalTaskQueue
      : taskQueue;
  const priority = toPriority(run.state.priority?.priorityKey ?? 0);
  matching.offer(
    { namespaceId, type: "workflow", name },
    { kind: "workflow", runKey, scheduledEventId, attempt, priority, offeredMs },
  );
}

/** A priority key as queues have it. */
export function toPriority(priorityKey: number): number {
  return priorityKey <= 0 ? PRIORITY_DEFAULT : Math.min(priorityKey, PRIORITY_MAX);
}
