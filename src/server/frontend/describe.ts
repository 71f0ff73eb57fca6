import { toDuration, toTimestamp } from "../../core/execution/duration.ts";
import type { ActivityState, ExecutionState } from "../../core/execution/state.ts";
import { EventType, PendingActivityState, PendingWorkflowTaskState, TaskQueueKind } from "../../proto/gen/enums.ts";
import type { PendingActivityInfo, PendingWorkflowTaskInfo, WorkflowExecutionInfo } from "../../proto/gen/workflow.ts";
import { WorkflowService, type DescribeWorkflowExecutionResponse } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import type { Run } from "../history/run.ts";
import { typedAttributes } from "../history/visibility-row.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requireExecution, requireNamespace, requireRun } from "./requests.ts";

/** Looking at one run. */
export function describeCalls(services: Services): readonly CallRow[] {
  return [
    serve(WorkflowService.methods.DescribeWorkflowExecution, async (request) => {
      const execution = requireExecution(request.execution);
      const namespace = requireNamespace(services, request.namespace);
      const description = describe(requireRun(services, namespace, execution), namespace);
      await services.engine.durable;
      return description;
    }),
  ];
}

function describe(run: Run, namespace: Namespace): Init<DescribeWorkflowExecutionResponse> {
  const { state } = run;
  const { started } = state;
  const task = toPendingWorkflowTask(state);
  return {
    executionConfig: {
      taskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL },
      workflowExecutionTimeout: started?.workflowExecutionTimeout ?? toDuration(0),
      workflowRunTimeout: started?.workflowRunTimeout ?? toDuration(0),
      defaultWorkflowTaskTimeout: started?.workflowTaskTimeout ?? toDuration(0),
      userMetadata: state.userMetadata,
    },
    workflowExecutionInfo: toExecutionInfo(run, namespace),
    pendingActivities: [...state.activities.values()].map((activity) => toPendingActivity(activity)),
    pendingChildren: [...state.children.values()].map(({ initiated, initiatedEventId, runId }) => ({
      workflowId: initiated.workflowId,
      runId,
      workflowTypeName: initiated.workflowType?.name ?? "",
      initiatedId: initiatedEventId,
      parentClosePolicy: initiated.parentClosePolicy,
    })),
    ...(task === undefined ? {} : { pendingWorkflowTask: task }),
    workflowExtendedInfo: {
      executionExpirationTime: toOptionalTimestamp(state.executionExpirationMs),
      runExpirationTime: toOptionalTimestamp(state.runExpirationMs),
      originalStartTime: toTimestamp(state.startTimeMs),
      cancelRequested: state.cancelRequested,
      requestIdInfos: {
        [state.requestId]: { eventType: EventType.WORKFLOW_EXECUTION_STARTED, eventId: 1, buffered: false },
      },
    },
  };
}

function toExecutionInfo(run: Run, namespace: Namespace): Init<WorkflowExecutionInfo> {
  const { state } = run;
  const { started, closeTimeMs } = state;
  const parent = started?.parentWorkflowExecution;
  return {
    execution: { workflowId: run.workflowId, runId: run.runId },
    type: started?.workflowType,
    startTime: toTimestamp(state.startTimeMs),
    executionTime: toTimestamp(state.executionTimeMs),
    status: state.status,
    historyLength: state.nextEventId - 1,
    taskQueue: state.taskQueue,
    stateTransitionCount: state.stateTransitionCount,
    historySizeBytes: state.historySizeBytes,
    rootExecution: started?.rootWorkflowExecution ?? { workflowId: run.workflowId, runId: run.runId },
    firstRunId: started?.firstExecutionRunId ?? "",
    priority: state.priority,
    memo: { fields: state.memo },
    searchAttributes: { indexedFields: typedAttributes(state.searchAttributes, namespace) },
    autoResetPoints: {},
    ...(parent === undefined
      ? {}
      : {
          parentExecution: parent,
          parentNamespaceId: started?.parentWorkflowNamespaceId ?? "",
        }),
    ...(closeTimeMs === undefined
      ? {}
      : {
          closeTime: toTimestamp(closeTimeMs),
          executionDuration: toDuration(closeTimeMs - state.executionTimeMs),
        }),
  };
}

function toPendingWorkflowTask({ workflowTask }: ExecutionState): Init<PendingWorkflowTaskInfo> | undefined {
  if (workflowTask === undefined) return undefined;
  const { startedEventId, scheduledMs, originalScheduledMs, startedMs, attempt } = workflowTask;
  return {
    state: startedEventId === 0 ? PendingWorkflowTaskState.SCHEDULED : PendingWorkflowTaskState.STARTED,
    scheduledTime: toTimestamp(scheduledMs),
    originalScheduledTime: toTimestamp(originalScheduledMs),
    attempt,
    ...(startedEventId === 0 ? {} : { startedTime: toTimestamp(startedMs) }),
  };
}

function toPendingActivity(activity: ActivityState): Init<PendingActivityInfo> {
  const { scheduled, options, startedMs, lastAttemptCompleteMs, paused } = activity;
  const running = startedMs !== undefined;
  const waiting = !running && lastAttemptCompleteMs !== undefined;
  return {
    activityId: activity.activityId,
    activityType: scheduled.activityType,
    state: stateOf(activity),
    heartbeatDetails: activity.heartbeatDetails,
    lastHeartbeatTime: toOptionalTimestamp(activity.lastHeartbeatMs),
    lastStartedTime: toOptionalTimestamp(startedMs),
    attempt: activity.attempt,
    maximumAttempts: options.retry.maximumAttempts,
    ...(running ? {} : { scheduledTime: toTimestamp(activity.scheduledMs) }),
    ...(options.scheduleToCloseMs > 0
      ? { expirationTime: toTimestamp(activity.firstScheduledMs + options.scheduleToCloseMs) }
      : {}),
    lastFailure: activity.lastFailure,
    lastWorkerIdentity: activity.identity,
    lastAttemptCompleteTime: toOptionalTimestamp(lastAttemptCompleteMs),
    ...(waiting
      ? {
          nextAttemptScheduleTime: toTimestamp(activity.scheduledMs),
          currentRetryInterval: toDuration(activity.scheduledMs - lastAttemptCompleteMs),
        }
      : {}),
    priority: options.priority,
    paused: paused !== undefined,
    ...(paused === undefined
      ? {}
      : {
          pauseInfo: {
            pauseTime: toTimestamp(paused.atMs),
            pausedBy: { case: "manual", value: { identity: paused.identity, reason: paused.reason } },
          },
        }),
    activityOptions: {
      taskQueue: { name: options.taskQueue, kind: TaskQueueKind.NORMAL },
      scheduleToCloseTimeout: toDuration(options.scheduleToCloseMs),
      scheduleToStartTimeout: toDuration(options.scheduleToStartMs),
      startToCloseTimeout: toDuration(options.startToCloseMs),
      heartbeatTimeout: toDuration(options.heartbeatMs),
      retryPolicy: scheduled.retryPolicy,
      priority: options.priority,
    },
  };
}

function stateOf({ startedMs, cancelRequestedEventId, paused }: ActivityState): PendingActivityState {
  if (startedMs !== undefined) {
    if (cancelRequestedEventId !== 0) return PendingActivityState.CANCEL_REQUESTED;
    return paused === undefined ? PendingActivityState.STARTED : PendingActivityState.PAUSE_REQUESTED;
  }
  return paused === undefined ? PendingActivityState.SCHEDULED : PendingActivityState.PAUSED;
}

function toOptionalTimestamp(atMs: number | undefined): ReturnType<typeof toTimestamp> | undefined {
  return atMs === undefined ? undefined : toTimestamp(atMs);
}
