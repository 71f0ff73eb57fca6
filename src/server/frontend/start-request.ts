import { utf8Length } from "../../core/text/utf8.ts";
import { durationMs, toDuration } from "../../core/execution/duration.ts";
import { cronFault } from "../../core/schedule/cron.ts";
import type { Priority, RetryPolicy, SearchAttributes } from "../../proto/gen/common.ts";
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from "../../proto/gen/enums.ts";
import type { Duration } from "../../proto/gen/google/protobuf.ts";
import type { StartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { invalidArgument } from "../failures.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import { searchAttributesFault } from "../namespaces/search-attribute-fault.ts";
import type { Services } from "../services.ts";
import { checkOverride } from "./versioning-override.ts";
import { checkBlobSize, checkMemoSize } from "./blob-size.ts";
import { checkCallbacks, linksOutsideCallbacks } from "./completion-callbacks.ts";
import { checkLinks } from "./link-check.ts";
import { prepareTimeSkipping } from "./time-skipping-request.ts";
import { durationFault, isLongerThan, limitLength, requireTaskQueue } from "./requests.ts";

const FAIRNESS_KEY_MAX = 64;
// Of the first interval, where a retry policy has no longest one.
const MAXIMUM_INTERVAL_COEFFICIENT = 100;
const TIMEOUT_PREFIX = "TemporalTimeout:";
const timeoutTypes = new Set(["StartToClose", "ScheduleToStart", "ScheduleToClose", "Heartbeat"]);

/** A start request with its policies set, and otherwise as it came. */
export type PreparedStart = StartWorkflowExecutionRequest;

/**
 * Checks a request to start a workflow and sets what it leaves to the server.
 *
 * @throws {RPCError} `INVALID_ARGUMENT`, in the service's words.
 */
export function prepareStart(services: Services, request: StartWorkflowExecutionRequest): PreparedStart {
  checkWorkflowId(services, request.workflowId);
  const retryPolicy = prepareRetryPolicy(request.retryPolicy);
  checkStartDelay(request.cronSchedule, request.workflowStartDelay);
  checkCron(services, request.cronSchedule);
  const workflowType = request.workflowType?.name ?? "";
  if (workflowType === "") throw invalidArgument("WorkflowType is not set on request.");
  limitLength(services, workflowType, "WorkflowType length exceeds limit.");
  const taskQueue = requireTaskQueue(services, request.taskQueue);
  checkTimeouts(request);
  limitLength(services, request.requestId, "RequestId length exceeds limit.");
  const { onConflictOptions } = request;
  if (onConflictOptions?.attachCompletionCallbacks === true && !onConflictOptions.attachRequestId) {
    throw invalidArgument("attaching request ID is required for attaching completion callbacks");
  }
  const policies = preparePolicies(request, WorkflowIdConflictPolicy.FAIL);
  checkPriority(request.priority);
  checkOverride(services, request.versioningOverride);
  const completionCallbacks = checkCallbacks(services, request.completionCallbacks);
  const links = linksOutsideCallbacks(request.links, request.completionCallbacks);
  checkLinks(services, [...links, ...completionCallbacks.flatMap((callback) => callback.links)]);
  const timeSkippingConfig = prepareTimeSkipping(services, request.timeSkippingConfig);
  return {
    ...request,
    ...policies,
    timeSkippingConfig,
    completionCallbacks,
    links,
    taskQueue,
    retryPolicy,
    requestId: request.requestId || services.newId(),
  };
}

/** Checks what every request that may start a workflow says of it. */
export function checkWorkflowId({ settings }: Services, workflowId: string): void {
  if (workflowId === "") throw invalidArgument("WorkflowId is not set on request.");
  if (isLongerThan(workflowId, settings.idLengthMax)) {
    const length = utf8Length(workflowId);
    throw invalidArgument(`WorkflowId exceeds maximum allowed length (${length}/${settings.idLengthMax})`);
  }
}

interface Policies {
  readonly workflowIdReusePolicy: WorkflowIdReusePolicy;
  readonly workflowIdConflictPolicy: WorkflowIdConflictPolicy;
}

/** Checks the two id policies against each other and sets those that are left open. */
export function preparePolicies(
  { workflowIdReusePolicy: reuse, workflowIdConflictPolicy: conflict }: Policies,
  conflictDefault: WorkflowIdConflictPolicy,
): Policies {
  const takeOver = reuse === WorkflowIdReusePolicy.TERMINATE_IF_RUNNING;
  if (takeOver && conflict !== WorkflowIdConflictPolicy.UNSPECIFIED) {
    throw invalidArgument(
      "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy",
    );
  }
  if (conflict === WorkflowIdConflictPolicy.TERMINATE_EXISTING && reuse === WorkflowIdReusePolicy.REJECT_DUPLICATE) {
    throw invalidArgument(
      "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING",
    );
  }
  if (takeOver) {
    return {
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING,
    };
  }
  return {
    workflowIdReusePolicy: reuse === WorkflowIdReusePolicy.UNSPECIFIED ? WorkflowIdReusePolicy.ALLOW_DUPLICATE : reuse,
    workflowIdConflictPolicy: conflict === WorkflowIdConflictPolicy.UNSPECIFIED ? conflictDefault : conflict,
  };
}

/** Checks search attributes that are to be set. */
export function checkSearchAttributes(namespace: Namespace, attributes: SearchAttributes | undefined): void {
  if (attributes === undefined) return;
  const fault = searchAttributesFault(namespace, attributes.indexedFields);
  if (fault !== undefined) throw invalidArgument(fault);
}

/** Checks a cron spec; an empty one means none. */
export function checkCron({ clock }: Services, cronSchedule: string): void {
  const fault = cronFault(cronSchedule, clock.now());
  if (fault !== undefined) throw invalidArgument(fault);
}

/** Checks the three timeouts of a workflow. */
export function checkTimeouts(
  request: Pick<
    StartWorkflowExecutionRequest,
    "workflowExecutionTimeout" | "workflowRunTimeout" | "workflowTaskTimeout"
  >,
): void {
  checkDuration("WorkflowExecutionTimeoutSeconds", request.workflowExecutionTimeout);
  checkDuration("WorkflowRunTimeoutSeconds", request.workflowRunTimeout);
  checkDuration("WorkflowTaskTimeoutSeconds", request.workflowTaskTimeout);
}

/** Checks that a start is delayed in one way at most. */
export function checkStartDelay(cronSchedule: string, startDelay: Duration | undefined): void {
  if (cronSchedule !== "" && startDelay !== undefined) {
    throw invalidArgument("CronSchedule and WorkflowStartDelay may not be used together.");
  }
  checkDuration("WorkflowStartDelaySeconds", startDelay);
}

function checkDuration(name: string, duration: Duration | undefined): void {
  const fault = durationFault(duration);
  if (fault !== undefined) throw invalidArgument(`An invalid ${name} is set on request. cause: ${fault}`);
}

/** Checks the sizes of what a start carries. */
export function checkStartSizes(
  services: Services,
  request: Pick<StartWorkflowExecutionRequest, "input" | "memo">,
): void {
  checkBlobSize(services, request.input);
  checkMemoSize(services, request.memo);
}

/** Checks a task's priority. */
export function checkPriority(priority: Priority | undefined): void {
  if (priority === undefined) return;
  if (priority.priorityKey < 0) throw invalidArgument("priority key can't be negative");
  if (isLongerThan(priority.fairnessKey, FAIRNESS_KEY_MAX)) {
    throw invalidArgument("fairness key length exceeds limit");
  }
  if (priority.fairnessWeight < 0) throw invalidArgument("must be greater than zero");
}

/** A workflow's retry policy with the parts set that are left to the server; `undefined` means no retries. */
export function prepareRetryPolicy(policy: RetryPolicy | undefined): RetryPolicy | undefined {
  if (policy === undefined) return undefined;
  const initialInterval = durationMs(policy.initialInterval) === 0 ? { seconds: 1, nanos: 0 } : policy.initialInterval;
  const initialMs = durationMs(initialInterval);
  const prepared: RetryPolicy = {
    ...policy,
    initialInterval,
    maximumInterval:
      durationMs(policy.maximumInterval) === 0
        ? toDuration(initialMs * MAXIMUM_INTERVAL_COEFFICIENT)
        : policy.maximumInterval,
    backoffCoefficient: policy.backoffCoefficient === 0 ? 2 : policy.backoffCoefficient,
  };
  const fault = retryPolicyFault(prepared);
  if (fault !== undefined) throw invalidArgument(fault);
  return prepared;
}

function retryPolicyFault(policy: RetryPolicy): string | undefined {
  if (policy.maximumAttempts === 1) return undefined;
  const initialFault = durationFault(policy.initialInterval);
  if (initialFault !== undefined) return `invalid InitialInterval set on retry policy: ${initialFault}`;
  if (policy.backoffCoefficient < 1) return "BackoffCoefficient cannot be less than 1 on retry policy.";
  const maximumFault = durationFault(policy.maximumInterval);
  if (maximumFault !== undefined) return `invalid MaximumInterval set on retry policy: ${maximumFault}`;
  const maximumMs = durationMs(policy.maximumInterval);
  if (maximumMs > 0 && maximumMs < durationMs(policy.initialInterval)) {
    return "MaximumInterval cannot be less than InitialInterval on retry policy.";
  }
  if (policy.maximumAttempts < 0) return "MaximumAttempts cannot be negative on retry policy.";
  for (const type of policy.nonRetryableErrorTypes) {
    if (!type.startsWith(TIMEOUT_PREFIX)) continue;
    const timeout = type.slice(TIMEOUT_PREFIX.length);
    if (!timeoutTypes.has(timeout)) return `Invalid timeout type value: ${timeout}.`;
  }
  return undefined;
}
