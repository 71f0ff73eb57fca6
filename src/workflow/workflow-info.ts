import type { Priority } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import type { WorkerDeploymentVersion } from "../core/options/versioning.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { Payload } from "../proto/gen/common.ts";
import type { Headers } from "./headers.ts";

/** A workflow that started another one. */
export interface ParentInfo {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** The workflow at the top of a tree of children. */
export interface RootInfo {
  readonly workflowId: string;
  readonly runId: string;
}

/** What is known of the running workflow. Times in milliseconds since the epoch. */
export interface WorkflowInfo {
  /** From 1; more if the workflow is retried. */
  readonly attempt: number;
  /** The run that this one continues. */
  readonly continuedRunId: string | undefined;
  readonly cronSchedule: string | undefined;
  readonly executionTimeoutMs: number | undefined;
  readonly firstExecutionRunId: string;
  readonly headers: Headers;
  readonly namespace: string;
  readonly parent: ParentInfo | undefined;
  readonly root: RootInfo | undefined;
  readonly priority: Priority;
  /** Unconverted: see `memo()`. */
  readonly rawMemo: Readonly<Record<string, Payload>>;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly runId: string;
  readonly runTimeoutMs: number | undefined;
  readonly searchAttributes: TypedSearchAttributes;
  /** When its first task was begun. */
  readonly startTimeMs: number;
  readonly taskQueue: string;
  readonly taskTimeoutMs: number;
  readonly workflowId: string;
  /** When it was started. */
  readonly workflowStartTimeMs: number;
  readonly workflowType: string;
  /** Events in history, up to the current task. */
  readonly historyLength: number;
  readonly historySizeBytes: number;
  /** Whether the service suggests to continue as new. */
  readonly isContinueAsNewSuggested: boolean;
  /** Why it does, as numbers of `temporal.api.enums.v1.SuggestContinueAsNewReason`. */
  readonly suggestContinueAsNewReasons: readonly number[];
  /** Whether the version that new tasks would go to has changed since the workflow's last task. */
  readonly isTargetWorkerDeploymentVersionChanged: boolean;
  /** The version of the worker that handles, or has handled, the current task. Deterministic. */
  readonly deploymentVersion: WorkerDeploymentVersion | undefined;
}
