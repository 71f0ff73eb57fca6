import type { ExecutionError } from "../../core/execution/execution-error.ts";
import { WorkflowIdConflictPolicy } from "../../proto/gen/enums.ts";
import {
  SignalWorkflowExecutionRequest,
  StartWorkflowExecutionRequest,
  type SignalWithStartWorkflowExecutionRequest,
  type SignalWithStartWorkflowExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import { isOpen } from "../history/run.ts";
import { startWorkflow } from "../history/start.ts";
import type { Transaction } from "../history/transaction.ts";
import type { Namespace } from "../namespaces/namespace.ts";
import type { Services } from "../services.ts";
import { checkLinks } from "./link-check.ts";
import { signalLink } from "./links.ts";
import { isLongerThan, requireNamespace, requireTaskQueue } from "./requests.ts";
import {
  checkCron,
  checkPriority,
  checkSearchAttributes,
  checkStartDelay,
  checkStartSizes,
  checkTimeouts,
  checkWorkflowId,
  prepareRetryPolicy,
  preparePolicies,
} from "./start-request.ts";
import { prepareTimeSkipping } from "./time-skipping-request.ts";
import { bindOverride, checkOverride } from "./versioning-override.ts";

/** A checked request to signal a workflow that is started if it does not run. */
export interface SignalWithStart {
  readonly namespace: Namespace;
  readonly request: SignalWithStartWorkflowExecutionRequest;
}

/**
 * Checks a request and sets what it leaves to the server.
 *
 * @throws {RPCError} `INVALID_ARGUMENT`, in the service's words.
 */
export function checkSignalWithStart(
  services: Services,
  received: SignalWithStartWorkflowExecutionRequest,
): SignalWithStart {
  const request = prepareSignalWithStart(services, received);
  const namespace = requireNamespace(services, request.namespace);
  checkSearchAttributes(namespace, request.searchAttributes);
  checkStartSizes(services, request);
  checkOverride(services, request.versioningOverride);
  bindOverride(services, namespace.id, request.taskQueue?.name, request.versioningOverride);
  return { namespace, request };
}

/** What became of a {@link SignalWithStart}. */
export interface SignaledOrStarted {
  readonly response: Init<SignalWithStartWorkflowExecutionResponse>;
  /** The run refused the signal, and changed because of it. */
  readonly error: ExecutionError | undefined;
}

/**
 * Signals the workflow, which is started if need be.
 *
 * @throws {RPCError} `ALREADY_EXISTS` if the policies do not let the id be used again.
 * @throws {ExecutionError} If the run refuses the signal.
 */
export function signalWithStart(
  transaction: Transaction,
  services: Services,
  { namespace, request }: SignalWithStart,
): SignaledOrStarted {
  const signal = SignalWorkflowExecutionRequest.create({
    namespace: request.namespace,
    workflowExecution: { workflowId: request.workflowId },
    signalName: request.signalName,
    input: request.signalInput,
    identity: request.identity,
    requestId: request.requestId,
    control: request.control,
    header: request.header,
    links: request.links,
  });
  const current = transaction.find(namespace.id, request.workflowId, "");
  const useExisting = request.workflowIdConflictPolicy === WorkflowIdConflictPolicy.USE_EXISTING;
  const signals = current !== undefined && useExisting && isOpen(current);
  const { run, outcome, reply } = signals
    ? { run: current, outcome: "existing", reply: transaction.step(current, { kind: "signal", request: signal }) }
    : startWorkflow(transaction, services, { namespace, request: toStart(request), signal });
  return {
    error: reply.error,
    response: {
      runId: run.runId,
      started: outcome !== "existing",
      firstExecutionRunId: run.state.started?.firstExecutionRunId ?? "",
      signalLink: signalLink(namespace, run, request.requestId),
    },
  };
}

function prepareSignalWithStart(
  services: Services,
  request: SignalWithStartWorkflowExecutionRequest,
): SignalWithStartWorkflowExecutionRequest {
  const { idLengthMax } = services.settings;
  checkCron(services, request.cronSchedule);
  checkWorkflowId(services, request.workflowId);
  if (request.signalName === "") throw invalidArgument("signal not set");
  if (isLongerThan(request.signalName, idLengthMax)) {
    throw invalidArgument(`signal name exceeds maximum allowed length (${request.signalName.length}/${idLengthMax})`);
  }
  const workflowType = request.workflowType?.name ?? "";
  if (workflowType === "") throw invalidArgument("workflow type not set");
  if (isLongerThan(workflowType, idLengthMax)) {
    throw invalidArgument(`workflow type name exceeds maximum allowed length (${workflowType.length}/${idLengthMax})`);
  }
  const taskQueue = requireTaskQueue(services, request.taskQueue);
  if (isLongerThan(request.requestId, idLengthMax)) {
    throw invalidArgument(`Request ID exceeds maximum allowed length (${request.requestId.length}/${idLengthMax})`);
  }
  checkLinks(services, request.links);
  checkTimeouts(request);
  const retryPolicy = prepareRetryPolicy(request.retryPolicy);
  checkStartDelay(request.cronSchedule, request.workflowStartDelay);
  if (request.workflowIdConflictPolicy === WorkflowIdConflictPolicy.FAIL) {
    throw invalidArgument(
      "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.",
    );
  }
  const policies = preparePolicies(request, WorkflowIdConflictPolicy.USE_EXISTING);
  checkPriority(request.priority);
  const timeSkippingConfig = prepareTimeSkipping(services, request.timeSkippingConfig);
  const requestId = request.requestId || services.newId();
  return { ...request, ...policies, timeSkippingConfig, taskQueue, retryPolicy, requestId };
}

function toStart(request: SignalWithStartWorkflowExecutionRequest): StartWorkflowExecutionRequest {
  const {
    signalName: _signalName,
    signalInput: _signalInput,
    control: _control,
    $unknown: _unknown,
    ...rest
  } = request;
  return StartWorkflowExecutionRequest.create(rest);
}
