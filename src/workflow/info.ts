import { fromPriorityMessage, type Priority } from "../core/options/priority.ts";
import { fromRetryPolicyMessage, type RetryPolicy } from "../core/options/retry-policy.ts";
import type { WorkerDeploymentVersion } from "../core/options/versioning.ts";
import { decodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { Payload } from "../proto/gen/common.ts";
import type { Headers } from "./headers.ts";
import { currentFrame, currentRun, maybeCurrentRun } from "./runtime/current.ts";
import type { Run, UpdateInfo } from "./runtime/run.ts";

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

/** What is known of the running workflow, as of now. */
export function info(): WorkflowInfo {
  return toInfo(currentRun("ask for the workflow's info"));
}

/** Whether this code runs in a workflow. */
export function inWorkflow(): boolean {
  return maybeCurrentRun() !== undefined;
}

/** The workflow's own object. */
export function instance<I = unknown>(): I {
  return currentRun("ask for the workflow's object").instance as I;
}

/** The update that this code handles, if it does. */
export function currentUpdateInfo(): UpdateInfo | undefined {
  return currentFrame("ask for the current update").update;
}

/**
 * Why the service was asked to cancel the workflow; undefined if it was not. May be empty.
 *
 * Tells the cancellation of the workflow from that of a scope.
 */
export function cancellationReason(): string | undefined {
  return currentRun("ask for the reason of the cancellation").cancelReason;
}

/** Search attributes as the workflow has changed them. For the runtime. */
export function searchAttributesOf(run: Run): TypedSearchAttributes {
  run.searchAttributes ??= decodeSearchAttributes(run.init.searchAttributes);
  return run.searchAttributes;
}

function toInfo(run: Run): WorkflowInfo {
  const { init, facts } = run;
  const {
    attempt,
    executionTimeoutMs,
    runTimeoutMs,
    firstExecutionRunId,
    headers,
    namespace,
    parent,
    root,
    runId,
    startTimeMs,
    taskQueue,
    taskTimeoutMs,
  } = init;
  return {
    attempt,
    continuedRunId: init.continuedFromRunId || undefined,
    cronSchedule: init.cronSchedule || undefined,
    executionTimeoutMs,
    firstExecutionRunId,
    headers,
    namespace,
    parent,
    root,
    priority: fromPriorityMessage(init.priority),
    rawMemo: run.memo,
    retryPolicy: init.retryPolicy === undefined ? undefined : fromRetryPolicyMessage(init.retryPolicy),
    runId,
    runTimeoutMs,
    searchAttributes: searchAttributesOf(run),
    startTimeMs,
    taskQueue,
    taskTimeoutMs,
    workflowId: init.workflowId,
    workflowStartTimeMs: init.workflowStartTimeMs,
    workflowType: init.workflowType,
    historyLength: facts.historyLength,
    historySizeBytes: facts.historySizeBytes,
    isContinueAsNewSuggested: facts.continueAsNewSuggested,
    suggestContinueAsNewReasons: facts.suggestContinueAsNewReasons,
    isTargetWorkerDeploymentVersionChanged: facts.targetWorkerDeploymentVersionChanged,
    deploymentVersion: facts.deploymentVersion,
  };
}
