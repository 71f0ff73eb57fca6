import type { TaskQueue } from "../../../proto/gen/taskqueue.ts";
import { TaskQueueKind } from "../../../proto/gen/enums.ts";
import { durationMs, toDuration } from "../duration.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";

/** Up to this attempt, a workflow task keeps its usual timeout. */
const BACKOFF_ATTEMPTS_MIN = 3;
const BACKOFF_INITIAL_MS = 5000;
const BACKOFF_MAXIMUM_MS = 10 * 60_000;

/** How a workflow task is to be scheduled. */
export interface ScheduleOptions {
  /** Started in the same step, so nobody else is offered it. */
  readonly startsAtOnce?: boolean;
  /** Of the first task of a chain of heartbeats. */
  readonly originalScheduledMs?: number;
  /** For an update only: leaves no trace if that is rejected. */
  readonly speculative?: boolean;
}

/** The queue where the next workflow task goes. */
export function currentTaskQueue(state: ExecutionState): TaskQueue {
  return state.sticky === undefined
    ? { name: state.taskQueue, kind: TaskQueueKind.NORMAL, normalName: "" }
    : { name: state.sticky.queue, kind: TaskQueueKind.STICKY, normalName: state.taskQueue };
}

/**
 * Schedules a workflow task; there must be none. While the run is paused, it does nothing.
 *
 * What waits goes into history first. It is news, so the task is an ordinary first attempt even after failures.
 */
export function scheduleWorkflowTask(t: Transition, options: ScheduleOptions = {}): void {
  const { state } = t;
  if (state.paused !== undefined) return;
  const news = t.hasBuffered;
  if (news) t.flush();
  const attempt = news ? 1 : state.workflowTaskAttempt;
  const timeoutMs = startToCloseMs(state, attempt);
  if (attempt === 1 && (news || options.speculative !== true))
    addScheduledEvent(t, { attempt, timeoutMs, atMs: t.nowMs });
  else
    t.do({
      op: "scheduleWorkflowTask",
      kind: attempt > 1 ? "transient" : "speculative",
      timeoutMs,
      atMs: t.nowMs,
    });
  if (options.originalScheduledMs !== undefined)
    t.do({ op: "prolongWorkflowTask", originalScheduledMs: options.originalScheduledMs });
  if (options.startsAtOnce !== true) offerWorkflowTask(t);
}

/** Schedules a workflow task unless there is one. */
export function ensureWorkflowTask(t: Transition): void {
  if (t.state.workflowTask === undefined && t.state.phase === "running") scheduleWorkflowTask(t);
}

/** Writes the scheduled event of a task, on the queue where the next one goes. */
export function addScheduledEvent(
  t: Transition,
  task: { readonly attempt: number; readonly timeoutMs: number; readonly atMs: number },
): void {
  t.add(
    {
      case: "workflowTaskScheduledEventAttributes",
      value: {
        taskQueue: currentTaskQueue(t.state),
        startToCloseTimeout: toDuration(task.timeoutMs),
        attempt: task.attempt,
      },
    },
    { atMs: task.atMs },
  );
}

/** Offers the scheduled task to matching. */
export function offerWorkflowTask(t: Transition): void {
  const { state } = t;
  const task = state.workflowTask;
  if (task === undefined) return;
  // The queue where the task was scheduled may have been given up since.
  const sticky = task.sticky && state.sticky !== undefined;
  t.effect({
    kind: "dispatchWorkflowTask",
    taskQueue: sticky ? task.taskQueue : state.taskQueue,
    sticky,
    normalTaskQueue: state.taskQueue,
    scheduledEventId: task.scheduledEventId,
    attempt: task.attempt,
  });
}

/** Attempts that follow failures get more and more time, which slows down those that fail by timing out. */
function startToCloseMs(state: ExecutionState, attempt: number): number {
  const usualMs = durationMs(state.started?.workflowTaskTimeout);
  if (attempt <= BACKOFF_ATTEMPTS_MIN) return usualMs;
  return usualMs + Math.min(BACKOFF_INITIAL_MS * 2 ** (attempt - BACKOFF_ATTEMPTS_MIN - 1), BACKOFF_MAXIMUM_MS);
}
