import type { ActivityInfo } from "../../activity/index.ts";
import { fromPriorityMessage } from "../../core/options/priority.ts";
import { fromRetryPolicyMessage } from "../../core/options/retry-policy.ts";
import type { LogAttributes } from "../../core/telemetry/logger.ts";
import type { SerializationContext } from "../../payload/serialization-context.ts";
import type { StorageTarget } from "../../payload/storage-driver.ts";
import type { ActivityTask } from "./activity-task.ts";

/** The worker's part of what an activity is told. */
export interface ActivityPlace {
  readonly namespace: string;
  readonly taskQueue: string;
}

/** What an activity is told of itself. */
export function toActivityInfo(
  task: ActivityTask,
  heartbeatDetails: readonly unknown[],
  place: ActivityPlace,
): ActivityInfo {
  const { workflow } = task;
  return {
    activityId: task.activityId,
    activityType: task.activityType,
    attempt: task.attempt,
    currentAttemptScheduledTime: new Date(task.currentAttemptScheduledTimeMs),
    heartbeatDetails,
    heartbeatTimeoutMs: task.heartbeatTimeoutMs,
    isLocal: task.isLocal,
    namespace: workflow?.namespace || place.namespace,
    scheduleToCloseTimeoutMs: task.scheduleToCloseTimeoutMs,
    scheduledTime: new Date(task.scheduledTimeMs),
    startToCloseTimeoutMs: task.startToCloseTimeoutMs,
    startedTime: new Date(task.startedTimeMs),
    taskQueue: place.taskQueue,
    taskToken: task.taskToken,
    inWorkflow: workflow !== undefined,
    workflowId: workflow?.workflowId,
    workflowNamespace: workflow?.namespace,
    workflowRunId: workflow?.runId,
    workflowType: workflow?.workflowType,
    priority: task.priority === undefined ? undefined : fromPriorityMessage(task.priority),
    retryPolicy: task.retryPolicy === undefined ? undefined : fromRetryPolicyMessage(task.retryPolicy),
    activityRunId: task.activityRunId,
  };
}

/** What every line that an activity logs says of it. */
export function toLogAttributes(task: ActivityTask, place: ActivityPlace): LogAttributes {
  const { workflow } = task;
  return {
    activityId: task.activityId,
    activityType: task.activityType,
    attempt: task.attempt,
    namespace: place.namespace,
    taskQueue: place.taskQueue,
    workflowId: workflow?.workflowId,
    workflowRunId: workflow?.runId,
    workflowType: workflow?.workflowType,
  };
}

/** What converters and codecs are told of an activity. */
export function toSerializationContext(task: ActivityTask, place: ActivityPlace): SerializationContext {
  const { workflow } = task;
  return {
    kind: "activity",
    namespace: workflow?.namespace || place.namespace,
    activityId: task.activityId,
    activityType: task.activityType,
    taskQueue: place.taskQueue,
    isLocal: task.isLocal,
    workflowId: workflow?.workflowId,
    workflowType: workflow?.workflowType,
  };
}

/** Whom external storage keeps an activity's payloads for: its workflow, whose life they share. */
export function toStorageTarget(task: ActivityTask, { namespace }: ActivityPlace): StorageTarget {
  const { workflow } = task;
  if (workflow === undefined) return toActivityTarget(task, { namespace });
  return { kind: "workflow", namespace, id: workflow.workflowId, runId: workflow.runId, type: workflow.workflowType };
}

/** Whom external storage keeps the details of heartbeats for: they end with the activity. */
export function toActivityTarget(
  { activityId, activityType }: ActivityTask,
  { namespace }: Pick<ActivityPlace, "namespace">,
): StorageTarget {
  return { kind: "activity", namespace, id: activityId, type: activityType };
}
