import { toMs, toTimeoutMs } from "../../core/replay/proto-time.ts";
import type { Payload, Priority, RetryPolicy } from "../../proto/gen/common.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf.ts";
import type { PollActivityTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { ActivityKind } from "../metrics/activity-metrics.ts";

/** One attempt of an activity to be run, remote or local. Times in milliseconds. */
export interface ActivityTask {
  readonly taskToken: Uint8Array;
  readonly activityId: string;
  readonly activityType: string;
  readonly attempt: number;
  readonly input: readonly Payload[];
  readonly headers: Readonly<Record<string, Payload>>;
  readonly heartbeatDetails: readonly Payload[];
  readonly isLocal: boolean;
  readonly scheduledTimeMs: number;
  readonly currentAttemptScheduledTimeMs: number;
  readonly startedTimeMs: number;
  readonly scheduleToCloseTimeoutMs: number | undefined;
  readonly startToCloseTimeoutMs: number | undefined;
  readonly heartbeatTimeoutMs: number | undefined;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly priority: Priority | undefined;
  /** The workflow that started it, if one did. */
  readonly workflow: ActivityWorkflow | undefined;
  /** Only of an activity that no workflow started. */
  readonly activityRunId: string | undefined;
}

/** The workflow that an activity belongs to. */
export interface ActivityWorkflow {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
}

/** The task that a poll brought. */
export function toActivityTask(response: PollActivityTaskQueueResponse): ActivityTask {
  const { workflowExecution: execution } = response;
  const workflow =
    execution === undefined || execution.workflowId === ""
      ? undefined
      : {
          namespace: response.workflowNamespace,
          workflowId: execution.workflowId,
          runId: execution.runId,
          workflowType: response.workflowType?.name ?? "",
        };
  return {
    taskToken: response.taskToken,
    activityId: response.activityId,
    activityType: response.activityType?.name ?? "",
    attempt: response.attempt,
    input: response.input?.payloads ?? [],
    headers: response.header?.fields ?? {},
    heartbeatDetails: response.heartbeatDetails?.payloads ?? [],
    isLocal: false,
    scheduledTimeMs: timeMs(response.scheduledTime),
    currentAttemptScheduledTimeMs: timeMs(response.currentAttemptScheduledTime),
    startedTimeMs: timeMs(response.startedTime),
    scheduleToCloseTimeoutMs: toTimeoutMs(response.scheduleToCloseTimeout),
    startToCloseTimeoutMs: toTimeoutMs(response.startToCloseTimeout),
    heartbeatTimeoutMs: toTimeoutMs(response.heartbeatTimeout),
    retryPolicy: response.retryPolicy,
    priority: response.priority,
    workflow,
    activityRunId: workflow === undefined && response.activityRunId !== "" ? response.activityRunId : undefined,
  };
}

/** What metrics tell activities apart by. */
export function toActivityKind({ activityType, workflow }: ActivityTask): ActivityKind {
  return { activityType, workflowType: workflow?.workflowType ?? "" };
}

function timeMs(time: Timestamp | undefined): number {
  return time === undefined ? 0 : toMs(time);
}
