import type { QueryResult, TaskOutcome } from "../../core/replay/task.ts";
import { fromMs } from "../../core/replay/proto-time.ts";
import type { Command } from "../../proto/gen/command.ts";
import {
  QueryResultType,
  TaskQueueKind,
  WorkerVersioningMode,
  WorkflowTaskFailedCause,
  type VersioningBehavior,
} from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { WorkflowQueryResult } from "../../proto/gen/query.ts";
import type { StickyExecutionAttributes } from "../../proto/gen/taskqueue.ts";
import {
  RespondQueryTaskCompletedRequest,
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
  type PollWorkflowTaskQueueResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { WorkerIdentity } from "../worker-service.ts";
import type { WorkflowTaskAnswer } from "./workflow-processor.ts";

/** What a worker says of itself in its answers. */
export interface AnswerOptions extends WorkerIdentity {
  readonly taskQueue: string;
  /** Name of the queue of this worker alone; absent when runs are not kept. */
  readonly stickyQueue: string | undefined;
  readonly stickyTimeoutMs: number;
  /** Activities that one completion may ask for at once. */
  readonly eagerActivitiesMax: number;
  /** Of workflows that state none. */
  readonly defaultVersioningBehavior: number;
}

type Completed = Extract<TaskOutcome, { kind: "completed" }>;

/** The request that completes a task. */
export function encodeCompletion(
  options: AnswerOptions,
  task: PollWorkflowTaskQueueResponse,
  outcome: Pick<Completed, "commands"> & Partial<Completed>,
): WorkflowTaskAnswer {
  const { namespace, identity, instanceKey, buildId, deployment } = options;
  const { commands, eagerActivities } = limitEagerActivities(outcome.commands, options);
  const { queryResults = [], versioningBehavior = 0 } = outcome;
  // The service refuses a behavior from a worker without a version.
  const isVersioned = deployment?.workerVersioningMode === WorkerVersioningMode.VERSIONED;
  const body = RespondWorkflowTaskCompletedRequest.encode({
    taskToken: task.taskToken,
    commands,
    messages: outcome.messages,
    identity,
    namespace,
    stickyAttributes: toStickyAttributes(options),
    // Where runs are not kept, only one that heartbeats is still in memory, and only here.
    returnNewWorkflowTask: options.stickyQueue !== undefined || outcome.forceNewTask === true,
    forceCreateNewWorkflowTask: outcome.forceNewTask ?? false,
    queryResults: queryResults.length === 0 ? undefined : toQueryResults(queryResults),
    sdkMetadata: outcome.sdkMetadata,
    meteringMetadata: {},
    capabilities: { discardSpeculativeWorkflowTaskWithEvents: true },
    workerVersionStamp: { buildId, useVersioning: false },
    versioningBehavior: isVersioned
      ? ((versioningBehavior || options.defaultVersioningBehavior) as VersioningBehavior)
      : 0,
    deploymentOptions: deployment,
    workerInstanceKey: instanceKey,
  });
  const { attempt, taskToken } = task;
  return { kind: "complete", body, eagerActivities, attempt, taskToken, workflowType: task.workflowType?.name ?? "" };
}

/** The request that fails a task. */
export function encodeTaskFailure(
  options: WorkerIdentity,
  { taskToken }: { readonly taskToken: Uint8Array },
  { cause, failure }: { readonly cause: number; readonly failure: Failure },
): Uint8Array {
  const { namespace, identity, buildId, deployment } = options;
  return RespondWorkflowTaskFailedRequest.encode({
    taskToken,
    cause: cause as never,
    failure,
    identity,
    namespace,
    workerVersion: { buildId, useVersioning: false },
    deploymentOptions: deployment,
  });
}

/** The request that answers a query that is a task of its own. */
export function encodeQueryAnswer(
  { namespace }: WorkerIdentity,
  { taskToken }: { readonly taskToken: Uint8Array },
  result: QueryResult["result"],
  cause = 0,
): Uint8Array {
  const { resultType, answer, errorMessage, failure } = toQueryResult(result);
  return RespondQueryTaskCompletedRequest.encode({
    taskToken,
    completedType: resultType,
    queryResult: answer,
    errorMessage,
    namespace,
    failure,
    cause: cause as never,
  });
}

function toQueryResults(results: readonly QueryResult[]): Record<string, Init<WorkflowQueryResult>> {
  return Object.fromEntries(results.map(({ queryId, result }) => [queryId, toQueryResult(result)]));
}

function toQueryResult(result: QueryResult["result"]): Init<WorkflowQueryResult> {
  if (result.status === "failed") {
    const { failure } = result;
    return { resultType: QueryResultType.FAILED, errorMessage: failure.message, failure };
  }
  const { response } = result;
  return {
    resultType: QueryResultType.ANSWERED,
    answer: { payloads: response === undefined ? [] : [response] },
  };
}

function toStickyAttributes({
  stickyQueue,
  stickyTimeoutMs,
  taskQueue,
}: AnswerOptions): Init<StickyExecutionAttributes> | undefined {
  if (stickyQueue === undefined) return undefined;
  return {
    workerTaskQueue: { name: stickyQueue, kind: TaskQueueKind.STICKY, normalName: taskQueue },
    scheduleToStartTimeout: fromMs(stickyTimeoutMs),
  };
}

/** Keeps the wish for eager execution on as many activities as there may be at once, all on the worker's own queue. */
function limitEagerActivities(
  commands: readonly Init<Command>[],
  { taskQueue, eagerActivitiesMax }: AnswerOptions,
): { readonly commands: readonly Init<Command>[]; readonly eagerActivities: number } {
  let eagerActivities = 0;
  const limited = commands.map((command): Init<Command> => {
    const { attributes } = command;
    if (attributes?.case !== "scheduleActivityTaskCommandAttributes") return command;
    const { value } = attributes;
    if (value.requestEagerExecution !== true) return command;
    if (eagerActivities < eagerActivitiesMax && value.taskQueue?.name === taskQueue) {
      eagerActivities++;
      return command;
    }
    return { ...command, attributes: { ...attributes, value: { ...value, requestEagerExecution: false } } };
  });
  return { commands: limited, eagerActivities };
}

/** The answer to a task that cannot be worked on: only its first attempt is told of it, later ones run into their timeout. */
export function failedAnswer(
  self: WorkerIdentity,
  { taskToken, query, attempt }: PollWorkflowTaskQueueResponse,
  failure: Failure,
): WorkflowTaskAnswer {
  const cause = WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE;
  if (query !== undefined) {
    return { kind: "answerQuery", body: encodeQueryAnswer(self, { taskToken }, { status: "failed", failure }, cause) };
  }
  if (attempt > 1) return { kind: "drop" };
  return { kind: "fail", body: encodeTaskFailure(self, { taskToken }, { cause, failure }) };
}
