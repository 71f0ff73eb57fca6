import { TimeoutType } from "../../proto/gen/enums.ts";
import { visitActivityDeadlines } from "./activity/time-out.ts";
import { nexusDeadlines } from "./nexus/time-out.ts";
import { isBackingOff } from "./run/backoff.ts";
import { pendingFastForwardMs, skippedMs } from "./time-skipping/skipping-state.ts";
import type { ActivityState, ExecutionState } from "./state.ts";

/** Something that comes about with time alone. */
export type Deadline =
  | {
      readonly kind: "timer";
      readonly atMs: number;
      readonly eventId: number;
      readonly timerId: string;
    }
  | {
      readonly kind: "activityTimeout";
      readonly atMs: number;
      readonly eventId: number;
      readonly type: TimeoutType;
      readonly attempt: number;
    }
  | { readonly kind: "activityBackoff"; readonly atMs: number; readonly eventId: number }
  | {
      readonly kind: "nexusTimeout";
      readonly atMs: number;
      readonly eventId: number;
      readonly type: TimeoutType;
    }
  | {
      readonly kind: "nexusBackoff";
      readonly atMs: number;
      readonly eventId: number;
      readonly of: "start" | "cancel";
    }
  | { readonly kind: "callbackBackoff"; readonly atMs: number; readonly eventId: number; readonly index: number }
  | {
      readonly kind: "workflowTaskTimeout";
      readonly atMs: number;
      readonly eventId: number;
      readonly type: TimeoutType;
    }
  | {
      readonly kind: "runBackoff" | "runTimeout" | "executionTimeout" | "fastForward";
      readonly atMs: number;
      readonly eventId: number;
    };

/** When the run next needs a `tick`, in milliseconds since the epoch by the clock; undefined while it waits for nothing but requests. */
export function nextDeadlineMs(state: ExecutionState): number | undefined {
  let nextMs = Infinity;
  visitDeadlines(state, (atMs) => {
    if (atMs < nextMs) nextMs = atMs;
  });
  return nextMs === Infinity ? undefined : nextMs - skippedMs(state);
}

/** Everything due by `nowMs` of the run's own time, in the order in which it should have come about. */
export function dueDeadlines(state: ExecutionState, nowMs: number): Deadline[] {
  const due: Deadline[] = [];
  visitDeadlines(state, (atMs, describe) => {
    if (atMs <= nowMs) due.push(describe());
  });
  return due.toSorted((a, b) => a.atMs - b.atMs || a.eventId - b.eventId);
}

type Visit = (atMs: number, describe: () => Deadline) => void;

/** Calls `visit` for each deadline. Only those that matter are made into objects. */
function visitDeadlines(state: ExecutionState, visit: Visit): void {
  visitCallbackDeadlines(state, visit);
  if (state.phase !== "running") return;
  for (const { fireMs: atMs, startedEventId: eventId, timerId } of state.timers.values())
    visit(atMs, () => ({ kind: "timer", atMs, eventId, timerId }));
  const visitTimeout = (activity: ActivityState, atMs: number, type: TimeoutType): void => {
    visit(atMs, () => {
      const { scheduledEventId: eventId, attempt } = activity;
      return { kind: "activityTimeout", atMs, eventId, type, attempt };
    });
  };
  for (const activity of state.activities.values()) {
    const { scheduledEventId: eventId, scheduledMs } = activity;
    visitActivityDeadlines(activity, visitTimeout);
    const waits = activity.paused === undefined && state.paused === undefined;
    if (activity.phase === "backingOff" && waits) {
      visit(scheduledMs, () => ({ kind: "activityBackoff", atMs: scheduledMs, eventId }));
    }
  }
  visitNexusDeadlines(state, visit);
  visitRunDeadlines(state, visit);
}

function visitNexusDeadlines(state: ExecutionState, visit: Visit): void {
  for (const operation of state.nexusOperations.values()) {
    const { scheduledEventId: eventId, nextAttemptMs, cancel } = operation;
    for (const { atMs, type } of nexusDeadlines(operation))
      visit(atMs, () => ({ kind: "nexusTimeout", atMs, eventId, type }));
    if (nextAttemptMs !== undefined)
      visit(nextAttemptMs, () => ({ kind: "nexusBackoff", atMs: nextAttemptMs, eventId, of: "start" }));
    const cancelMs = cancel?.nextAttemptMs;
    if (cancelMs !== undefined)
      visit(cancelMs, () => ({ kind: "nexusBackoff", atMs: cancelMs, eventId, of: "cancel" }));
  }
}

/** Callbacks are told even after the run has closed. */
function visitCallbackDeadlines({ callbacks }: ExecutionState, visit: Visit): void {
  callbacks.forEach(({ nextAttemptMs: atMs }, index) => {
    if (atMs !== undefined) visit(atMs, () => ({ kind: "callbackBackoff", atMs, eventId: LAST_EVENT_ID, index }));
  });
}

/** Order of what concerns the run as a whole: after all else of the same instant. */
const LAST_EVENT_ID = Infinity;

function visitRunDeadlines(state: ExecutionState, visit: Visit): void {
  const { workflowTask: task, runExpirationMs, executionExpirationMs, executionTimeMs } = state;
  if (task?.phase === "started") {
    const atMs = task.startedMs + task.timeoutMs;
    visit(atMs, () => ({
      kind: "workflowTaskTimeout",
      atMs,
      eventId: task.startedEventId,
      type: TimeoutType.START_TO_CLOSE,
    }));
  } else if (task?.scheduleToStartDeadlineMs !== undefined) {
    const atMs = task.scheduleToStartDeadlineMs;
    visit(atMs, () => ({
      kind: "workflowTaskTimeout",
      atMs,
      eventId: task.scheduledEventId,
      type: TimeoutType.SCHEDULE_TO_START,
    }));
  }
  if (isBackingOff(state) && state.paused === undefined)
    visit(executionTimeMs, () => ({ kind: "runBackoff", atMs: executionTimeMs, eventId: 1 }));
  const fastForwardMs = pendingFastForwardMs(state);
  if (fastForwardMs !== undefined)
    visit(fastForwardMs, () => ({ kind: "fastForward", atMs: fastForwardMs, eventId: LAST_EVENT_ID }));
  if (runExpirationMs !== undefined)
    visit(runExpirationMs, () => ({
      kind: "runTimeout",
      atMs: runExpirationMs,
      eventId: LAST_EVENT_ID,
    }));
  if (executionExpirationMs !== undefined) {
    visit(executionExpirationMs, () => ({
      kind: "executionTimeout",
      atMs: executionExpirationMs,
      eventId: LAST_EVENT_ID,
    }));
  }
}
