import { ContinueAsNewInitiator } from "../../../proto/gen/enums.ts";
import type { Duration } from "../../../proto/gen/google/protobuf.ts";
import { WorkflowExecutionStartedEventAttributes } from "../../../proto/gen/history.ts";
import type { StartWorkflowExecutionRequest } from "../../../proto/gen/workflowservice.ts";
import { withRetryDefaults } from "../../schedule/retry.ts";
import type { ExecutionRequest, StartOrigin, StepReply } from "../contract.ts";
import { durationMs, toDuration, toTimestamp } from "../duration.ts";
import { ExecutionError } from "../execution-error.ts";
import { filledMemo, filledSearchAttributes } from "../payload-map.ts";
import { addSignaled } from "../signal.ts";
import type { Transition } from "../transition.ts";
import { scheduleWorkflowTask } from "../workflow-task/schedule.ts";
import { startScheduledTask } from "../workflow-task/start.ts";

/** Workflow tasks may not be given more than this. */
const WORKFLOW_TASK_TIMEOUT_MAX_MS = 120_000;

/**
 * Begins a run.
 *
 * @throws {ExecutionError} If it has begun already.
 */
export function startRun(t: Transition, command: Extract<ExecutionRequest, { kind: "start" }>): StepReply {
  const { state } = t;
  const { origin, request } = command;
  if (state.phase !== "absent") throw new ExecutionError("ALREADY_EXISTS", "Workflow execution is already running");
  const eager = command.eagerIdentity !== undefined && origin.firstWorkflowTaskBackoffMs === 0;
  t.do({
    op: "begin",
    namespace: origin.namespace,
    namespaceId: origin.namespaceId,
    runId: origin.runId,
    requestId: request.requestId,
  });
  t.add(
    {
      case: "workflowExecutionStartedEventAttributes",
      value: startedAttributes(origin, request, eager, t.context.limits.defaultWorkflowTaskTimeoutMs),
    },
    {
      userMetadata: request.userMetadata,
      links: request.links,
      atMs: t.context.nowMs + durationMs(origin.time?.initialSkippedDuration),
    },
  );
  if (command.signal !== undefined) addSignaled(t, command.signal);
  if (origin.firstWorkflowTaskBackoffMs > 0) return {};
  scheduleWorkflowTask(t, { startsAtOnce: eager });
  if (!eager || command.eagerIdentity === undefined) return {};
  return {
    startedWorkflowTask: startScheduledTask(t, {
      identity: command.eagerIdentity,
      requestId: request.requestId,
    }),
  };
}

function startedAttributes(
  origin: StartOrigin,
  request: StartWorkflowExecutionRequest,
  eager: boolean,
  defaultTaskTimeoutMs: number,
): WorkflowExecutionStartedEventAttributes {
  const timeouts = runTimeouts(request, defaultTaskTimeoutMs);
  return {
    ...WorkflowExecutionStartedEventAttributes.create(),
    workflowType: request.workflowType,
    parentWorkflowNamespace: origin.parent?.namespace ?? "",
    parentWorkflowNamespaceId: origin.parent?.namespaceId ?? "",
    parentWorkflowExecution: origin.parent?.execution,
    parentInitiatedEventId: origin.parent?.initiatedEventId ?? 0,
    taskQueue: request.taskQueue,
    input: request.input,
    workflowExecutionTimeout: request.workflowExecutionTimeout,
    workflowRunTimeout: inForce(request.workflowRunTimeout, timeouts.runMs),
    workflowTaskTimeout: inForce(request.workflowTaskTimeout, timeouts.taskMs),
    continuedExecutionRunId: origin.continuedFromRunId ?? "",
    initiator: (origin.initiator ?? ContinueAsNewInitiator.UNSPECIFIED) as ContinueAsNewInitiator,
    continuedFailure: origin.continuedFailure,
    lastCompletionResult: origin.lastCompletionResult,
    originalExecutionRunId: origin.originalExecutionRunId,
    identity: request.identity,
    firstExecutionRunId: origin.firstExecutionRunId,
    retryPolicy: request.retryPolicy === undefined ? undefined : withRetryDefaults(request.retryPolicy),
    attempt: origin.attempt,
    workflowExecutionExpirationTime:
      origin.executionExpirationMs === undefined ? undefined : toTimestamp(origin.executionExpirationMs),
    cronSchedule: request.cronSchedule,
    firstWorkflowTaskBackoff: toDuration(origin.firstWorkflowTaskBackoffMs),
    memo: filledMemo(request.memo),
    searchAttributes: filledSearchAttributes(request.searchAttributes),
    header: request.header,
    workflowId: request.workflowId,
    completionCallbacks: request.completionCallbacks,
    rootWorkflowExecution: origin.root,
    versioningOverride: request.versioningOverride,
    inheritedBuildId: origin.versioning?.inheritedBuildId ?? "",
    sourceVersionStamp: origin.versioning?.sourceVersionStamp,
    inheritedPinnedVersion: origin.versioning?.inheritedPinnedVersion,
    inheritedAutoUpgradeInfo: origin.versioning?.inheritedAutoUpgradeInfo,
    declinedTargetVersionUpgrade: origin.versioning?.declinedTargetVersionUpgrade,
    priority: request.priority,
    eagerExecutionAccepted: eager,
    timeSkippingConfig: request.timeSkippingConfig,
    timeSkippingStatePropagation: origin.time,
  };
}

/** What was asked for, if it is in force: a timeout that is not set stays so. */
function inForce(asked: Duration | undefined, ms: number): Duration | undefined {
  return durationMs(asked) === ms ? asked : toDuration(ms);
}

/** A run may not outlast its chain, nor a workflow task its run. */
export function runTimeouts(
  request: Pick<
    StartWorkflowExecutionRequest,
    "workflowExecutionTimeout" | "workflowRunTimeout" | "workflowTaskTimeout"
  >,
  defaultTaskTimeoutMs: number,
): { readonly runMs: number; readonly taskMs: number } {
  const executionMs = durationMs(request.workflowExecutionTimeout);
  const askedMs = durationMs(request.workflowRunTimeout);
  const runMs = executionMs === 0 ? askedMs : Math.min(askedMs || executionMs, executionMs);
  const taskMs = Math.min(
    durationMs(request.workflowTaskTimeout) || defaultTaskTimeoutMs,
    WORKFLOW_TASK_TIMEOUT_MAX_MS,
  );
  return { runMs, taskMs: runMs === 0 ? taskMs : Math.min(taskMs, runMs) };
}
