import { fromPriorityMessage } from "../core/options/priority.ts";
import { fromRetryPolicyMessage } from "../core/options/retry-policy.ts";
import { decodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import { currentFrame, currentRun, maybeCurrentRun } from "./runtime/current.ts";
import type { Run, UpdateInfo } from "./runtime/run.ts";
import type { WorkflowInfo } from "./workflow-info.ts";

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
