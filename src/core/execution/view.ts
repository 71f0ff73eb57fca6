import type { WorkflowExecution } from "../../proto/gen/common.ts";
import { ActivityOptions } from "../../proto/gen/activity.ts";
import { EventType, PendingActivityState, PendingWorkflowTaskState, TaskQueueKind } from "../../proto/gen/enums.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf.ts";
import {
  PendingActivityInfo,
  type PendingChildExecutionInfo,
  type PendingWorkflowTaskInfo,
  type RequestIdInfo,
  WorkflowExecutionConfig,
  WorkflowExecutionExtendedInfo,
  WorkflowExecutionInfo,
} from "../../proto/gen/workflow.ts";
import { retryExpirationMs } from "./activity/retry.ts";
import { toRetryPolicy } from "./activity/start.ts";
import { toDuration, toTimestamp } from "./duration.ts";
import { parentOf, rootOf } from "./run/relatives.ts";
import { versioningInfo } from "./versioning/view.ts";
import { type ActivityState, BUFFERED_EVENT_ID, type ExecutionState } from "./state.ts";

// As in the service, which says so of runs that may go on for ever: the first moment of the first year.
const NEVER: Timestamp = { seconds: -62_135_596_800, nanos: 0 };

export { updateStatus } from "./update/admit.ts";
export { unwrittenEvents } from "./workflow-task/start.ts";

/** Workflow and run id. */
export function executionOf(state: ExecutionState): WorkflowExecution {
  return { workflowId: state.workflowId, runId: state.runId };
}

/** What lists and descriptions of runs say. */
export function executionInfo(state: ExecutionState): WorkflowExecutionInfo {
  const { started, closeTimeMs } = state;
  const parent = parentOf(state);
  return {
    ...WorkflowExecutionInfo.create(),
    execution: executionOf(state),
    type: started?.workflowType,
    startTime: toTimestamp(state.startTimeMs),
    closeTime: closeTimeMs === undefined ? undefined : toTimestamp(closeTimeMs),
    status: state.status,
    historyLength: state.nextEventId - 1,
    parentNamespaceId: parent?.namespaceId ?? "",
    parentExecution: parent?.execution,
    executionTime: toTimestamp(state.executionTimeMs),
    memo: { fields: { ...state.memo } },
    searchAttributes: { indexedFields: { ...state.searchAttributes } },
    taskQueue: state.taskQueue,
    stateTransitionCount: state.stateTransitionCount,
    historySizeBytes: state.historySizeBytes,
    executionDuration: closeTimeMs === undefined ? undefined : toDuration(closeTimeMs - state.executionTimeMs),
    rootExecution: rootOf(state),
    firstRunId: started?.firstExecutionRunId ?? "",
    priority: state.priority,
    workerDeploymentName: state.versioning.deploymentName,
    versioningInfo: versioningInfo(state),
    assignedBuildId: state.assignedBuildId,
    inheritedBuildId: started?.inheritedBuildId ?? "",
    mostRecentWorkerVersionStamp: state.workerVersion,
  };
}

/** The settings that the run was started with. */
export function executionConfig(state: ExecutionState): WorkflowExecutionConfig {
  return {
    ...WorkflowExecutionConfig.create(),
    taskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL, normalName: "" },
    workflowExecutionTimeout: state.started?.workflowExecutionTimeout,
    workflowRunTimeout: state.started?.workflowRunTimeout,
    defaultWorkflowTaskTimeout: state.started?.workflowTaskTimeout,
    userMetadata: state.userMetadata,
  };
}

/** What descriptions say beside; where it is wanted, events of signals can be found by their requests, too. */
export function extendedInfo(state: ExecutionState, signalBacklinks = false): WorkflowExecutionExtendedInfo {
  return {
    ...WorkflowExecutionExtendedInfo.create(),
    executionExpirationTime:
      state.executionExpirationMs === undefined ? undefined : toTimestamp(state.executionExpirationMs),
    runExpirationTime: state.runExpirationMs === undefined ? NEVER : toTimestamp(state.runExpirationMs),
    cancelRequested: state.cancelRequested,
    originalStartTime: toTimestamp(state.originalStartTimeMs),
    lastResetTime: state.baseRunId === "" ? undefined : toTimestamp(state.startTimeMs),
    resetRunId: state.resetRunId,
    requestIdInfos: requestIdInfos(state, signalBacklinks),
    pauseInfo:
      state.paused === undefined
        ? undefined
        : {
            identity: state.paused.identity,
            reason: state.paused.reason,
            pausedTime: toTimestamp(state.paused.atMs),
          },
  };
}

/** Events by the request that led to them. */
function requestIdInfos(state: ExecutionState, signalBacklinks: boolean): Record<string, RequestIdInfo> {
  const infos: Record<string, RequestIdInfo> = {
    [state.requestId]: requestIdInfo(EventType.WORKFLOW_EXECUTION_STARTED, 1),
  };
  for (const { requestId, eventId, eventType } of state.attachedRequests)
    infos[requestId] = requestIdInfo(eventType as EventType, eventId);
  if (!signalBacklinks) return infos;
  for (const [requestId, eventId] of state.signalRequestIds)
    infos[requestId] = requestIdInfo(EventType.WORKFLOW_EXECUTION_SIGNALED, eventId);
  return infos;
}

function requestIdInfo(eventType: EventType, eventId: number): RequestIdInfo {
  const buffered = eventId === BUFFERED_EVENT_ID;
  return { eventType, eventId: buffered ? 0 : eventId, buffered };
}

/** Activities that have not ended. */
export function pendingActivities(state: ExecutionState, nowMs: number): PendingActivityInfo[] {
  return [...state.activities.values()].map((activity) => pendingActivity(activity, nowMs));
}

function pendingActivity(activity: ActivityState, nowMs: number): PendingActivityInfo {
  const { options, paused, lastAttemptCompleteMs, lastHeartbeatMs, scheduledMs } = activity;
  const expirationMs = retryExpirationMs(activity);
  const waitsForRetry =
    activity.phase !== "started" &&
    activity.cancelRequestedEventId === 0 &&
    nowMs < scheduledMs &&
    paused === undefined;
  return {
    ...PendingActivityInfo.create(),
    activityId: activity.activityId,
    activityType: activity.scheduled.activityType,
    state: pendingActivityState(activity),
    heartbeatDetails: lastHeartbeatMs === undefined ? undefined : activity.heartbeatDetails,
    lastHeartbeatTime: lastHeartbeatMs === undefined ? undefined : toTimestamp(lastHeartbeatMs),
    lastStartedTime: activity.startedMs === undefined ? undefined : toTimestamp(activity.startedMs),
    attempt: activity.attempt,
    maximumAttempts: options.retry.maximumAttempts,
    scheduledTime: toTimestamp(scheduledMs),
    expirationTime: expirationMs === undefined ? undefined : toTimestamp(expirationMs),
    lastFailure: activity.lastFailure,
    lastWorkerIdentity: activity.identity,
    currentRetryInterval: waitsForRetry ? toDuration(scheduledMs - (lastAttemptCompleteMs ?? 0)) : undefined,
    lastAttemptCompleteTime: lastAttemptCompleteMs === undefined ? undefined : toTimestamp(lastAttemptCompleteMs),
    nextAttemptScheduleTime: waitsForRetry ? toTimestamp(scheduledMs) : undefined,
    paused: paused !== undefined,
    priority: options.priority,
    pauseInfo:
      paused === undefined
        ? undefined
        : {
            pauseTime: toTimestamp(paused.atMs),
            pausedBy: {
              case: "manual",
              value: { identity: paused.identity, reason: paused.reason },
            },
          },
    activityOptions: {
      ...ActivityOptions.create(),
      taskQueue: {
        name: options.taskQueue,
        kind: TaskQueueKind.UNSPECIFIED,
        normalName: options.taskQueue,
      },
      scheduleToCloseTimeout: toDuration(options.scheduleToCloseMs),
      scheduleToStartTimeout: toDuration(options.scheduleToStartMs),
      startToCloseTimeout: toDuration(options.startToCloseMs),
      heartbeatTimeout: toDuration(options.heartbeatMs),
      priority: options.priority,
      retryPolicy: toRetryPolicy(activity),
    },
  };
}

function pendingActivityState({ phase, cancelRequestedEventId, paused }: ActivityState): PendingActivityState {
  if (cancelRequestedEventId !== 0) return PendingActivityState.CANCEL_REQUESTED;
  if (phase === "started")
    return paused === undefined ? PendingActivityState.STARTED : PendingActivityState.PAUSE_REQUESTED;
  return paused === undefined ? PendingActivityState.SCHEDULED : PendingActivityState.PAUSED;
}

/** Children that have not ended. */
export function pendingChildren(state: ExecutionState): PendingChildExecutionInfo[] {
  return [...state.children.values()].map(({ initiated, initiatedEventId, runId }) => ({
    workflowId: initiated.workflowId,
    runId,
    workflowTypeName: initiated.workflowType?.name ?? "",
    initiatedId: initiatedEventId,
    parentClosePolicy: initiated.parentClosePolicy,
  }));
}

/** The workflow task that is scheduled or started. */
export function pendingWorkflowTask(state: ExecutionState): PendingWorkflowTaskInfo | undefined {
  const { workflowTask: task } = state;
  if (task === undefined) return undefined;
  return {
    state: task.phase === "started" ? PendingWorkflowTaskState.STARTED : PendingWorkflowTaskState.SCHEDULED,
    scheduledTime: toTimestamp(task.scheduledMs),
    originalScheduledTime: toTimestamp(task.originalScheduledMs),
    startedTime: task.phase === "started" ? toTimestamp(task.startedMs) : undefined,
    attempt: task.attempt,
  };
}
