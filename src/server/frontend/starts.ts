import { EventType, WorkflowExecutionStatus, WorkflowIdConflictPolicy } from "../../proto/gen/enums.ts";
import {
  SignalWorkflowExecutionRequest,
  StartWorkflowExecutionRequest,
  WorkflowService,
  type SignalWithStartWorkflowExecutionRequest,
  type SignalWithStartWorkflowExecutionResponse,
  type StartWorkflowExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import { isOpen } from "../history/run.ts";
import { startWorkflow } from "../history/start.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requestLink, signalLink, startLink } from "./links.ts";
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
  prepareStart,
} from "./start-request.ts";
import { bindOverride, checkOverride } from "./versioning-override.ts";
import { workflowTaskResponse } from "./workflow-task-response.ts";

/** What clients call to start workflows. */
export function startCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.StartWorkflowExecution, (request) => start(services, request)),
    serve(methods.SignalWithStartWorkflowExecution, (request) => signalWithStart(services, request)),
  ];
}

async function start(
  services: Services,
  received: StartWorkflowExecutionRequest,
): Promise<Init<StartWorkflowExecutionResponse>> {
  const { engine, settings } = services;
  const request = prepareStart(services, received);
  const namespace = requireNamespace(services, request.namespace);
  checkSearchAttributes(namespace, request.searchAttributes);
  checkStartSizes(services, request);
  bindOverride(services, namespace.id, request.taskQueue?.name, request.versioningOverride);
  const eager = request.requestEagerExecution && settings.eagerWorkflowStart;
  const { value, committed } = engine.transact((transaction) =>
    startWorkflow(transaction, services, {
      namespace,
      request,
      ...(eager ? { eagerIdentity: request.identity } : {}),
    }),
  );
  const { run, outcome, reply } = value;
  // The task is read before others can change the run.
  const eagerWorkflowTask =
    reply.startedWorkflowTask === undefined
      ? undefined
      : workflowTaskResponse(services, run, reply.startedWorkflowTask, 0);
  await committed;
  const attachesRequest = outcome === "existing" && request.onConflictOptions?.attachRequestId === true;
  return {
    runId: run.runId,
    firstExecutionRunId: run.state.started?.firstExecutionRunId ?? "",
    started: outcome !== "existing",
    status: outcome === "started" ? WorkflowExecutionStatus.RUNNING : run.state.status,
    eagerWorkflowTask,
    link: attachesRequest
      ? requestLink(namespace, run, request.requestId, EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED)
      : startLink(namespace, run),
  };
}

async function signalWithStart(
  services: Services,
  received: SignalWithStartWorkflowExecutionRequest,
): Promise<Init<SignalWithStartWorkflowExecutionResponse>> {
  const { engine } = services;
  const request = prepareSignalWithStart(services, received);
  const namespace = requireNamespace(services, request.namespace);
  checkSearchAttributes(namespace, request.searchAttributes);
  checkStartSizes(services, request);
  checkOverride(services, request.versioningOverride);
  bindOverride(services, namespace.id, request.taskQueue?.name, request.versioningOverride);
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
  const { value, committed } = engine.transact((transaction) => {
    const current = transaction.find(namespace.id, request.workflowId, "");
    const useExisting = request.workflowIdConflictPolicy === WorkflowIdConflictPolicy.USE_EXISTING;
    if (current !== undefined && useExisting && isOpen(current)) {
      return { run: current, started: false, reply: transaction.step(current, { kind: "signal", request: signal }) };
    }
    const { run, outcome, reply } = startWorkflow(transaction, services, {
      namespace,
      request: toStart(request),
      signal,
    });
    return { run, started: outcome !== "existing", reply };
  });
  const { run, started, reply } = value;
  await committed;
  if (reply.error !== undefined) throw reply.error;
  return {
    runId: run.runId,
    started,
    firstExecutionRunId: run.state.started?.firstExecutionRunId ?? "",
    signalLink: signalLink(namespace, run, request.requestId),
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
  return { ...request, ...policies, taskQueue, retryPolicy, requestId: request.requestId || services.newId() };
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
