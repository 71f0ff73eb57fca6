import type { Priority } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";

/** What is known of the attempt of an activity that runs. */
export interface ActivityInfo {
  readonly activityId: string;
  readonly activityType: string;
  /** From 1. */
  readonly attempt: number;
  readonly currentAttemptScheduledTime: Date;
  /** Details of the last heartbeat of the attempt before. */
  readonly heartbeatDetails: readonly unknown[];
  readonly heartbeatTimeoutMs: number | undefined;
  readonly isLocal: boolean;
  readonly namespace: string;
  readonly scheduleToCloseTimeoutMs: number | undefined;
  readonly scheduledTime: Date;
  readonly startToCloseTimeoutMs: number | undefined;
  readonly startedTime: Date;
  readonly taskQueue: string;
  /** Identifies the attempt when it is completed from elsewhere. */
  readonly taskToken: Uint8Array;
  /** Whether a workflow started the activity; if not, the fields on workflows are absent. */
  readonly inWorkflow: boolean;
  readonly workflowId: string | undefined;
  readonly workflowNamespace: string | undefined;
  readonly workflowRunId: string | undefined;
  readonly workflowType: string | undefined;
  readonly priority: Priority | undefined;
  /** The policy the service applies; absent when it does not tell. */
  readonly retryPolicy: RetryPolicy | undefined;
  /** Only of an activity that no workflow started. */
  readonly activityRunId: string | undefined;
}
