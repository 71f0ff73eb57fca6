import { TimeoutType, WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { WorkflowTaskToken } from "../contract.ts";
import { SERVER_IDENTITY } from "../server-identity.ts";
import type { ExecutionState, WorkflowTaskState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { writeDownTask } from "./start.ts";

/** The started task that a token names, or undefined if it names another or none. */
export function taskOfToken(state: ExecutionState, token: WorkflowTaskToken): WorkflowTaskState | undefined {
  const task = state.workflowTask;
  if (state.phase !== "running" || task?.phase !== "started") return undefined;
  const same = task.scheduledEventId === token.scheduledEventId && task.attempt === token.attempt;
  return same && (token.startedEventId === 0 || token.startedEventId === task.startedEventId) ? task : undefined;
}

/** Why a task failed. */
export interface TaskFailure {
  readonly cause: WorkflowTaskFailedCause;
  readonly failure: Failure | undefined;
  readonly identity: string;
  readonly binaryChecksum?: string;
}

/** Ends the started task as failed. Only the first attempt's failure is an event; those of later ones would say the same again and again. */
export function addFailed(t: Transition, why: TaskFailure): void {
  const { state } = t;
  if (state.workflowTask?.kind === "speculative") writeDownTask(t, why.identity);
  const task = state.workflowTask;
  if (task === undefined) return;
  if (task.attempt > 1) {
    t.do({ op: "failWorkflowTask", cause: why.cause });
    return;
  }
  t.add({
    case: "workflowTaskFailedEventAttributes",
    value: {
      scheduledEventId: task.scheduledEventId,
      startedEventId: task.startedEventId,
      cause: why.cause,
      failure: why.failure,
      identity: why.identity,
      baseRunId: "",
      newRunId: "",
      forkEventVersion: 0,
      binaryChecksum: why.binaryChecksum ?? "",
      workerVersion: undefined,
    },
  });
}

/** Ends the started task, if there is one, because the run is closed from outside. What waited goes into history. */
export function failForClose(t: Transition): void {
  if (t.state.workflowTask?.phase !== "started") return;
  addFailed(t, {
    cause: WorkflowTaskFailedCause.FORCE_CLOSE_COMMAND,
    failure: undefined,
    identity: SERVER_IDENTITY,
  });
  t.flush();
}

/** The worker did not complete the started task in time. */
export function timeOutStarted(t: Transition): void {
  const { state } = t;
  if (state.workflowTask?.kind === "speculative") writeDownTask(t, "");
  const task = state.workflowTask;
  if (task === undefined) return;
  if (task.attempt > 1) t.do({ op: "timeOutWorkflowTask" });
  else addTimedOut(t, task, TimeoutType.START_TO_CLOSE);
}

/** Nobody came for the scheduled task in time, so that another queue is tried. */
export function timeOutScheduled(t: Transition): void {
  const { state } = t;
  if (state.workflowTask?.kind === "speculative") writeDownTask(t, "");
  const task = state.workflowTask;
  if (task !== undefined) addTimedOut(t, task, TimeoutType.SCHEDULE_TO_START);
}

function addTimedOut(t: Transition, task: WorkflowTaskState, timeoutType: TimeoutType): void {
  t.add({
    case: "workflowTaskTimedOutEventAttributes",
    value: {
      scheduledEventId: task.scheduledEventId,
      startedEventId: timeoutType === TimeoutType.SCHEDULE_TO_START ? 0 : task.startedEventId,
      timeoutType,
    },
  });
}
