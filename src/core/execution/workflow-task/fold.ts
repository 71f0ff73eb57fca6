import { TaskQueueKind, TimeoutType, WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import type {
  HistoryEvent,
  WorkflowTaskCompletedEventAttributes,
  WorkflowTaskScheduledEventAttributes,
  WorkflowTaskStartedEventAttributes,
} from "../../../proto/gen/history.ts";
import { advance } from "../advance.ts";
import { durationMs, timestampMs } from "../duration.ts";
import type { Op } from "../operation.ts";
import type { ExecutionState, WorkflowTaskState } from "../state.ts";
import { foldUnsendUpdates } from "../update/fold.ts";
import { foldVersioningCompleted } from "../versioning/fold.ts";
import { foldAssignedBuild, foldBuildId } from "./fold-build-id.ts";
import { foldNoProblem, foldProblem, taskFailedProblem, taskTimedOutProblem } from "./fold-problem.ts";
import { type WorkflowTaskInput, workflowTaskMachine } from "./machine.ts";

function next(state: ExecutionState, kind: WorkflowTaskInput["kind"]): WorkflowTaskState["phase"] {
  return advance(workflowTaskMachine, state.workflowTask?.phase ?? "none", kind);
}

/** A scheduled event: of a new task, or of a transient or speculative one that becomes part of history after all. */
export function foldWorkflowTaskScheduled(
  state: ExecutionState,
  event: HistoryEvent,
  attributes: WorkflowTaskScheduledEventAttributes,
): void {
  const phase = next(state, "schedule");
  const before = state.workflowTask;
  const scheduledMs = timestampMs(event.eventTime);
  const sticky = attributes.taskQueue?.kind === TaskQueueKind.STICKY;
  state.workflowTaskAttempt = attributes.attempt;
  state.workflowTask = {
    phase,
    kind: "normal",
    scheduledEventId: event.eventId,
    startedEventId: before?.startedEventId ?? 0,
    attempt: attributes.attempt,
    timeoutMs: durationMs(attributes.startToCloseTimeout),
    scheduledMs,
    originalScheduledMs: before?.originalScheduledMs ?? scheduledMs,
    startedMs: before?.startedMs ?? 0,
    scheduleToStartDeadlineMs: sticky ? stickyDeadline(state, scheduledMs) : undefined,
    taskQueue: attributes.taskQueue?.name ?? "",
    sticky,
    requestId: before?.requestId ?? "",
    suggestContinueAsNewReasons: before?.suggestContinueAsNewReasons ?? [],
    historySizeBytes: before?.historySizeBytes ?? 0,
  };
}

function stickyDeadline(state: ExecutionState, scheduledMs: number): number | undefined {
  const timeoutMs = state.sticky?.scheduleToStartMs ?? 0;
  return timeoutMs === 0 ? undefined : scheduledMs + timeoutMs;
}

/** Speculative tasks are given up soon on any queue, because an update waits for them. */
export const SPECULATIVE_SCHEDULE_TO_START_MS = 5000;

/** A task that has no scheduled event: a transient one, after a failure, or a speculative one. */
export function foldScheduleWorkflowTask(state: ExecutionState, op: Extract<Op, { op: "scheduleWorkflowTask" }>): void {
  const { sticky } = state;
  const speculativeDeadlineMs = op.kind === "speculative" ? op.atMs + SPECULATIVE_SCHEDULE_TO_START_MS : undefined;
  state.workflowTask = {
    phase: next(state, "schedule"),
    kind: op.kind,
    scheduledEventId: state.nextEventId,
    startedEventId: 0,
    attempt: state.workflowTaskAttempt,
    timeoutMs: op.timeoutMs,
    scheduledMs: op.atMs,
    originalScheduledMs: op.atMs,
    startedMs: 0,
    scheduleToStartDeadlineMs: sticky === undefined ? speculativeDeadlineMs : stickyDeadline(state, op.atMs),
    taskQueue: sticky?.queue ?? state.taskQueue,
    sticky: sticky !== undefined,
    requestId: "",
    suggestContinueAsNewReasons: [],
    historySizeBytes: 0,
  };
}

/** The first task of a chain of heartbeats was scheduled then. */
export function foldProlonged(state: ExecutionState, op: Extract<Op, { op: "prolongWorkflowTask" }>): void {
  if (state.workflowTask === undefined) return;
  state.workflowTask = { ...state.workflowTask, originalScheduledMs: op.originalScheduledMs };
}

/** A started event. */
export function foldWorkflowTaskStarted(
  state: ExecutionState,
  event: HistoryEvent,
  attributes: WorkflowTaskStartedEventAttributes,
): void {
  const phase = next(state, "start");
  if (attributes.workerVersion?.useVersioning === true) foldAssignedBuild(state, attributes.workerVersion.buildId);
  if (state.workflowTask === undefined) return;
  state.workflowTask = {
    ...state.workflowTask,
    phase,
    startedEventId: event.eventId,
    startedMs: timestampMs(event.eventTime),
    requestId: attributes.requestId,
    suggestContinueAsNewReasons: attributes.suggestContinueAsNewReasons,
    historySizeBytes: attributes.historySizeBytes,
  };
}

/** A start without an event, of a task that has no scheduled event either. */
export function foldStartWorkflowTask(state: ExecutionState, op: Extract<Op, { op: "startWorkflowTask" }>): void {
  const phase = next(state, "start");
  if (state.workflowTask === undefined) return;
  state.workflowTask = {
    ...state.workflowTask,
    phase,
    startedEventId: state.workflowTask.scheduledEventId + 1,
    startedMs: op.atMs,
    requestId: op.requestId,
    suggestContinueAsNewReasons: op.reasons,
    historySizeBytes: op.historySizeBytes,
  };
}

/** The task is done: the next one is a first attempt again. */
export function foldWorkflowTaskCompleted(
  state: ExecutionState,
  attributes: WorkflowTaskCompletedEventAttributes,
): void {
  next(state, "complete");
  end(state);
  state.workflowTaskAttempt = 1;
  state.previousStartedEventId = attributes.startedEventId;
  foldNoProblem(state);
  foldBuildId(state, attributes);
  foldVersioningCompleted(state, attributes);
}

/** The task failed, with an event or (a transient one) without. */
export function foldWorkflowTaskFailed(state: ExecutionState, cause: WorkflowTaskFailedCause): void {
  next(state, "fail");
  end(state);
  countAttempt(state, !blameless.has(cause));
  if (blameless.has(cause)) state.workflowTaskAttempt = 1;
  else foldProblem(state, taskFailedProblem(cause));
  if (cause === WorkflowTaskFailedCause.UNHANDLED_COMMAND) state.closeAttempted = true;
}

/** The task timed out, with an event or (a transient one) without. */
export function foldWorkflowTaskTimedOut(state: ExecutionState, type: TimeoutType): void {
  next(state, "timeOut");
  end(state);
  countAttempt(state, type !== TimeoutType.SCHEDULE_TO_START);
  if (type !== TimeoutType.SCHEDULE_TO_START) foldProblem(state, taskTimedOutProblem(type));
}

/** Causes that do not speak against the next attempt. */
const blameless: ReadonlySet<WorkflowTaskFailedCause> = new Set([
  WorkflowTaskFailedCause.RESET_WORKFLOW,
  WorkflowTaskFailedCause.FAILOVER_CLOSE_COMMAND,
  WorkflowTaskFailedCause.WORKFLOW_PAUSE_REQUESTED_BEFORE_TASK_STARTED,
]);

/** A speculative task vanishes. */
export function foldDiscardWorkflowTask(state: ExecutionState): void {
  next(state, "discard");
  end(state);
  state.workflowTaskAttempt = 1;
}

function end(state: ExecutionState): void {
  if (state.workflowTask?.phase === "started") state.closeAttempted = false;
  state.workflowTask = undefined;
}

/** What went wrong on a sticky queue is tried on the normal one first, and counts only there. */
function countAttempt(state: ExecutionState, counts: boolean): void {
  foldUnsendUpdates(state);
  const counted = counts && state.sticky === undefined;
  state.workflowTaskAttempt = counted ? state.workflowTaskAttempt + 1 : 1;
  if (counted) state.workflowTaskFailures++;
  state.sticky = undefined;
}
