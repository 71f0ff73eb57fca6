import { toDuration } from "../../core/execution/duration.ts";
import type { TaskQueueStats } from "../../proto/gen/taskqueue.ts";
import type { Init } from "../../proto/message.ts";
import type { TaskQueue } from "../matching/task-queue.ts";
import { PRIORITY_DEFAULT, PRIORITY_MAX, type Task } from "../matching/task.ts";

/** How much waits in queues, and how fast tasks come and go. */
export function totalStats(queues: readonly TaskQueue<Task>[], nowMs: number): Init<TaskQueueStats> {
  let count = 0;
  let oldestMs = nowMs;
  let addRate = 0;
  let dispatchRate = 0;
  for (const { backlog, added, dispatched } of queues) {
    count += backlog.size;
    oldestMs = Math.min(oldestMs, backlog.oldestMs ?? nowMs);
    addRate += added.perSecond(nowMs);
    dispatchRate += dispatched.perSecond(nowMs);
  }
  return {
    approximateBacklogCount: count,
    approximateBacklogAge: toDuration(nowMs - oldestMs),
    tasksAddRate: addRate,
    tasksDispatchRate: dispatchRate,
  };
}

/** The same for each priority: the default one always, others where they hold something. */
export function totalStatsByPriority(
  queues: readonly TaskQueue<Task>[],
  nowMs: number,
): Record<string, Init<TaskQueueStats>> {
  const stats: Record<string, Init<TaskQueueStats>> = {};
  for (let priority = 1; priority <= PRIORITY_MAX; priority++) {
    const size = queues.reduce((sum, { backlog }) => sum + backlog.sizeOf(priority), 0);
    if (size > 0 || priority === PRIORITY_DEFAULT)
      stats[priority] = { ...totalStats(queues, nowMs), approximateBacklogCount: size };
  }
  return stats;
}
