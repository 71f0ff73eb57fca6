import { VersioningBehavior, WorkerVersioningMode, WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import type { RespondWorkflowTaskCompletedRequest } from "../../../proto/gen/workflowservice.ts";
import { startAttempt } from "../activity/start.ts";
import type { CommandBatch } from "../command/batch.ts";
import { carryOut, checkSequence } from "../command/carry-out.ts";
import type { CommandFault } from "../command/fault.ts";
import type { ExecutionRequest, StartedActivityTask, StepReply } from "../contract.ts";
import { durationMs } from "../duration.ts";
import { ExecutionError, invalidArgument, notFound } from "../execution-error.ts";
import { serverFailure } from "../failure.ts";
import { closeRun } from "../run/close.ts";
import { SERVER_IDENTITY } from "../server-identity.ts";
import type { WorkflowTaskState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { abortSentUpdates, rejectUnprocessedUpdates } from "../update/abort.ts";
import { withRerouting } from "../versioning/move.ts";
import { hasWaitingUpdates } from "../update/send.ts";
import { discardsTask } from "../update/speculative.ts";
import { causeName } from "./cause-name.ts";
import { addFailed, taskOfToken, timeOutStarted } from "./end.ts";
import { scheduleWorkflowTask } from "./schedule.ts";
import { startScheduledTask, writeDownTask } from "./start.ts";

type Request = Extract<ExecutionRequest, { kind: "completeWorkflowTask" }>;

/** Request id of a task that is answered with the completion of the one before it. */
const INLINE_REQUEST_ID = "request-from-RespondWorkflowTaskCompleted";

/** A completion that went through, or why its commands cannot be carried out (then all it did has to be taken back). */
export type Completion = { readonly reply: StepReply } | { readonly fault: CommandFault };

/**
 * The worker has done the task: writes it down, carries out its commands and schedules the next task if there is news.
 *
 * @throws {ExecutionError} If the token is stale or the list of commands makes no sense.
 */
export function completeWorkflowTask(t: Transition, { token, request }: Request): Completion {
  const { state } = t;
  const task = taskOfToken(state, token);
  if (task === undefined) throw notFound("Workflow task not found.");
  if (request.intermediatePage || request.pageNumber > 0) {
    throw new ExecutionError(
      "FAILED_PRECONDITION",
      `workflow task completion pagination is disabled for this namespace ${state.namespace}`,
    );
  }
  const isVersioned = request.deploymentOptions?.workerVersioningMode === WorkerVersioningMode.VERSIONED;
  if (request.versioningBehavior !== VersioningBehavior.UNSPECIFIED && request.deployment === undefined && !isVersioned)
    throw invalidArgument(
      "versioning behavior cannot be specified without deployment options being set with versioned mode",
    );
  if (state.paused !== undefined && request.forceCreateNewWorkflowTask) {
    throw new ExecutionError(
      "FAILED_PRECONDITION",
      "Workflow is paused and force create new workflow task is not allowed.",
    );
  }
  const beatsOnly =
    request.forceCreateNewWorkflowTask && request.commands.length === 0 && request.messages.length === 0;
  if (beatsOnly && t.nowMs > task.originalScheduledMs + t.context.limits.workflowTaskHeartbeatTimeoutMs)
    return { reply: timeOutHeartbeats(t) };
  let completed: HistoryEvent | undefined;
  withRerouting(t, () => {
    completed = addCompleted(t, request);
  });
  if (state.versioning.transition === undefined) setSticky(t, request);
  const batch: CommandBatch = {
    t,
    state,
    identity: request.identity,
    completedEventId: completed?.eventId ?? 0,
    messages: new Map(request.messages.map((message) => [message.id, message])),
    unseenNews: state.buffered.length > 0,
    canceledUnstarted: false,
    initiatedChildren: new Set(),
    eagerActivities: [],
  };
  checkSequence(request.commands);
  const wrong = carryOut(batch, request.commands);
  if (wrong !== undefined) return { fault: wrong };
  const eagerActivityTasks = startEagerActivities(batch);
  if (state.phase !== "running") return { reply: {} };
  if (!request.forceCreateNewWorkflowTask) rejectUnprocessedUpdates(t);
  const reply: StepReply = {
    ...(completed === undefined ? { resetHistoryEventId: state.previousStartedEventId } : {}),
    ...(eagerActivityTasks.length === 0 ? {} : { eagerActivityTasks }),
  };
  return { reply: { ...reply, ...scheduleNext(batch, request, beatsOnly ? task : undefined) } };
}

/** A chain of heartbeats without progress has become too long. */
function timeOutHeartbeats(t: Transition): StepReply {
  timeOutStarted(t);
  t.do({ op: "clearSticky" });
  scheduleWorkflowTask(t);
  return { error: notFound("workflow task heartbeat timeout") };
}

/** Writes the completed event, unless the task can vanish because it brought nothing but refusals of updates. */
function addCompleted(t: Transition, request: RespondWorkflowTaskCompletedRequest): HistoryEvent | undefined {
  if (discardsTask(t.state, request)) {
    t.do({ op: "discardWorkflowTask" });
    return undefined;
  }
  writeDownTask(t, request.identity);
  const task = t.state.workflowTask;
  if (task === undefined) throw notFound("Workflow task not found.");
  const options = request.deploymentOptions;
  const versioned = options === undefined || options.workerVersioningMode === WorkerVersioningMode.VERSIONED;
  return t.add({
    case: "workflowTaskCompletedEventAttributes",
    value: {
      scheduledEventId: task.scheduledEventId,
      startedEventId: task.startedEventId,
      identity: request.identity,
      binaryChecksum: request.binaryChecksum,
      workerVersion: request.workerVersionStamp,
      sdkMetadata: request.sdkMetadata,
      meteringMetadata: request.meteringMetadata,
      deployment: undefined,
      versioningBehavior: versioned ? request.versioningBehavior : VersioningBehavior.UNSPECIFIED,
      workerDeploymentVersion: "",
      workerDeploymentName: options?.deploymentName ?? "",
      deploymentVersion:
        options === undefined || !versioned || options.deploymentName === ""
          ? undefined
          : { deploymentName: options.deploymentName, buildId: options.buildId },
    },
  });
}

function setSticky(t: Transition, { stickyAttributes }: RespondWorkflowTaskCompletedRequest): void {
  const { sticky } = t.state;
  const queue = stickyAttributes?.workerTaskQueue?.name;
  if (queue === undefined) {
    if (sticky !== undefined) t.do({ op: "clearSticky" });
    return;
  }
  const scheduleToStartMs = durationMs(stickyAttributes?.scheduleToStartTimeout);
  if (sticky?.queue !== queue || sticky.scheduleToStartMs !== scheduleToStartMs)
    t.do({ op: "setSticky", queue, scheduleToStartMs });
}

function startEagerActivities({ t, state, identity, eagerActivities }: CommandBatch): StartedActivityTask[] {
  if (state.phase !== "running" || state.paused !== undefined) return [];
  return eagerActivities
    .filter((id) => state.activities.has(id))
    .map((id) => startAttempt(t, id, { identity, requestId: t.context.newId() }));
}

/** Schedules the next task if the worker wants one or the workflow has to hear of something. */
function scheduleNext(
  batch: CommandBatch,
  request: RespondWorkflowTaskCompletedRequest,
  beaten: WorkflowTaskState | undefined,
): StepReply {
  const { t } = batch;
  if (t.state.paused !== undefined) return {};
  const moving = t.state.versioning.transition !== undefined;
  const wanted = request.forceCreateNewWorkflowTask || batch.unseenNews || batch.canceledUnstarted || moving;
  const forUpdates = !wanted && hasWaitingUpdates(t.state);
  if (!wanted && !forUpdates) return {};
  // A run on its way to another version has to meet a worker of that one.
  const startsAtOnce = request.returnNewWorkflowTask && !moving;
  scheduleWorkflowTask(t, {
    startsAtOnce,
    speculative: forUpdates && startsAtOnce,
    ...(beaten === undefined ? {} : { originalScheduledMs: beaten.originalScheduledMs }),
  });
  if (!startsAtOnce) return {};
  return {
    startedWorkflowTask: {
      ...startScheduledTask(t, { identity: request.identity, requestId: INLINE_REQUEST_ID }),
      stickyExecution: true,
    },
  };
}

/**
 * Fails the task because its commands cannot be carried out. All they did has been taken back.
 *
 * @throws {ExecutionError} If the task failed before: it is left to time out, so that a worker that cannot do it is slowed down.
 */
export function failForFault(t: Transition, { token, request }: Request, fault: CommandFault): StepReply {
  const message = fault.message === undefined ? causeName(fault.cause) : `${causeName(fault.cause)}: ${fault.message}`;
  const error = invalidArgument(message);
  const task = taskOfToken(t.state, token);
  if (task === undefined || (task.attempt > 1 && fault.cause !== WorkflowTaskFailedCause.UNHANDLED_COMMAND))
    throw error;
  abortSentUpdates(t);
  addFailed(t, {
    cause: fault.cause,
    failure: serverFailure(message),
    identity: request.identity,
    binaryChecksum: request.binaryChecksum,
  });
  if (fault.terminates === true) {
    t.flush();
    closeRun(t, {
      case: "workflowExecutionTerminatedEventAttributes",
      value: { reason: message, details: undefined, identity: SERVER_IDENTITY },
    });
  } else scheduleWorkflowTask(t);
  return { error };
}
