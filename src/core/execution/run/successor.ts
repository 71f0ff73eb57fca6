import type { Payloads } from "../../../proto/gen/common.ts";
import { ContinueAsNewInitiator, TaskQueueKind } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import { StartWorkflowExecutionRequest } from "../../../proto/gen/workflowservice.ts";
import { cronBackoffMs } from "../../schedule/cron.ts";
import { decideRetry, isRetryable, requestedDelayMs, retryPolicyMs, type RetryDecision } from "../../schedule/retry.ts";
import { RetryState } from "../../../proto/gen/enums.ts";
import type { StartOrigin } from "../contract.ts";
import type { VersioningOverride } from "../../../proto/gen/workflow.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { timeOfSuccessor } from "../time-skipping/propagate.ts";
import { inheritByCron, inheritByRetry } from "../versioning/inherit.ts";
import type { ServesQueue } from "../versioning/versioning-state.ts";
import { runCallbacks } from "../callback/fold.ts";
import { parentOf, rootOf } from "./relatives.ts";

/** The run that goes on where another one ends. */
export interface Successor {
  readonly origin: StartOrigin;
  readonly request: StartWorkflowExecutionRequest;
}

/** Why and with what the workflow begins again. */
export interface Restart {
  readonly initiator: ContinueAsNewInitiator;
  readonly backoffMs: number;
  readonly lastCompletionResult: Payloads | undefined;
  readonly failure: Failure | undefined;
}

/** Whether the workflow's own retry policy has it begin again after a failure. */
export function decideRunRetry(t: Transition, failure: Failure | undefined): RetryDecision {
  const { started, executionExpirationMs } = t.state;
  if (started?.retryPolicy === undefined) return { retry: false, state: RetryState.RETRY_POLICY_NOT_SET };
  const policy = retryPolicyMs(started.retryPolicy);
  if (!isRetryable(failure, policy.nonRetryableErrorTypes))
    return { retry: false, state: RetryState.NON_RETRYABLE_FAILURE };
  return decideRetry({
    nowMs: t.nowMs,
    attempt: started.attempt,
    policy,
    expirationMs: executionExpirationMs,
    delayMs: requestedDelayMs(failure),
  });
}

/** How long until the cron schedule has the workflow begin again; undefined if it has none. */
export function decideCron(t: Transition): number | undefined {
  const { started, executionTimeMs } = t.state;
  return started === undefined ? undefined : cronBackoffMs(started.cronSchedule, executionTimeMs, t.nowMs);
}

/** The same workflow once more, with all it was started with. */
export function restart(t: Transition, how: Restart): Successor {
  const { state } = t;
  const { started } = state;
  if (started === undefined) throw new Error("Cannot restart run: it has not begun");
  const retried = how.initiator === ContinueAsNewInitiator.RETRY;
  return {
    origin: {
      ...nextOrigin(t, how.backoffMs),
      versioning: retried ? inheritByRetry(state) : inheritByCron(state),
      attempt: retried ? started.attempt + 1 : 1,
      initiator: how.initiator,
      continuedFailure: how.failure,
      lastCompletionResult: how.lastCompletionResult,
    },
    request: StartWorkflowExecutionRequest.create({
      requestId: t.context.newId(),
      namespace: state.namespace,
      workflowId: state.workflowId,
      taskQueue: { name: state.taskQueue, kind: TaskQueueKind.NORMAL },
      workflowType: started.workflowType,
      workflowExecutionTimeout: started.workflowExecutionTimeout,
      workflowRunTimeout: started.workflowRunTimeout,
      workflowTaskTimeout: started.workflowTaskTimeout,
      input: started.input,
      header: started.header,
      retryPolicy: started.retryPolicy,
      cronSchedule: started.cronSchedule,
      memo: started.memo,
      searchAttributes: started.searchAttributes,
      completionCallbacks: retried ? runCallbacks(state) : [],
      links: state.startLinks,
      versioningOverride: inheritedOverride(state),
      priority: state.priority,
      timeSkippingConfig: timeOfSuccessor(state).config,
    }),
  };
}

/** A version that the workflow is pinned to, it is for all of the chain. */
export function inheritedOverride(
  { versioningOverride, taskQueue }: ExecutionState,
  nextTaskQueue = taskQueue,
  servesQueue?: ServesQueue,
): VersioningOverride | undefined {
  if (versioningOverride?.override?.case !== "pinned") return undefined;
  const { version } = versioningOverride.override.value;
  const goes = nextTaskQueue === taskQueue || (version !== undefined && servesQueue?.(nextTaskQueue, version) === true);
  return goes ? versioningOverride : undefined;
}

/** The part of a successor's origin that does not depend on why there is one. */
export function nextOrigin(t: Transition, backoffMs: number | undefined): Omit<StartOrigin, "attempt"> {
  const { state } = t;
  const { started } = state;
  const runId = t.context.newId();
  const parent = parentOf(state);
  return {
    namespace: state.namespace,
    namespaceId: state.namespaceId,
    runId,
    firstExecutionRunId: started?.firstExecutionRunId ?? state.runId,
    originalExecutionRunId: runId,
    continuedFromRunId: state.runId,
    firstWorkflowTaskBackoffMs: pacedBackoffMs(t, backoffMs),
    executionExpirationMs: state.executionExpirationMs,
    parent,
    root: parent === undefined ? undefined : rootOf(state),
    time: timeOfSuccessor(state).passed,
  };
}

/** Runs that end at once and begin again at once are slowed down. */
function pacedBackoffMs(t: Transition, backoffMs: number | undefined): number {
  const lifetimeMs = t.nowMs - t.state.executionTimeMs;
  const minimumMs = t.context.limits.continueAsNewMinIntervalMs;
  return lifetimeMs + (backoffMs ?? 0) < minimumMs ? minimumMs - lifetimeMs : (backoffMs ?? 0);
}
