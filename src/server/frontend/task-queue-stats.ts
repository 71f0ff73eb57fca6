import { toDuration } from "../../core/execution/duration.ts";
import type { TaskQueueStats } from "../../proto/gen/taskqueue.ts";
import type { Init } from "../../proto/message.ts";
import type { TaskQueue } from "../matching/task-queue.ts";
import { PRIORITY_MAX, type Task } from "../matching/task.ts";

/** How much waits in a queue, and how fast tasks come and go. */
export function toStats(queue: TaskQueue<Task> | undefined, nowMs: number): Init<TaskQueueStats> {
  const oldestMs = queue?.backlog.oldestMs;
  return {
    approximateBacklogCount: queue?.backlog.size ?? 0,
    approximateBacklogAge: toDuration(oldestMs === undefined ? 0 : nowMs - oldestMs),
    tasksAddRate: queue?.added.perSecond(nowMs) ?? 0,
    tasksDispatchRate: queue?.dispatched.perSecond(nowMs) ?? 0,
  };
}

/** The same for each priority. */
export function toStatsByPriority(
  queue: TaskQueue<Task> | undefined,
  nowMs: number,
): Record<string, Init<TaskQueueStats>> {
  const stats: Record<string, Init<TaskQueueStats>> = {};
  if (queue === undefined) return stats;
  for (let priority = 1; priority <= PRIORITY_MAX; priority++) {
    const size = queue.backlog.sizeOf(priority);
    // The default priority is always told of, others where they hold something.
    if (size > 0 || priority === 3) {
      stats[priority] = { ...toStats(queue, nowMs), approximateBacklogCount: size };
    }
  }
  return stats;
}
