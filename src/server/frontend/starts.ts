import { EventType, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type SignalWithStartWorkflowExecutionRequest,
  type SignalWithStartWorkflowExecutionResponse,
  type StartWorkflowExecutionRequest,
  type StartWorkflowExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { startWorkflow } from "../history/start.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { requestLink, startLink } from "./links.ts";
import { requireNamespace } from "./requests.ts";
import { checkSignalWithStart, signalWithStart } from "./signal-with-start.ts";
import { checkSearchAttributes, checkStartSizes, prepareStart } from "./start-request.ts";
import { bindOverride } from "./versioning-override.ts";
import { workflowTaskResponse } from "./workflow-task-response.ts";

/** What clients call to start workflows. */
export function startCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.StartWorkflowExecution, (request) => start(services, request)),
    serve(methods.SignalWithStartWorkflowExecution, (request) => callSignalWithStart(services, request)),
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

async function callSignalWithStart(
  services: Services,
  received: SignalWithStartWorkflowExecutionRequest,
): Promise<Init<SignalWithStartWorkflowExecutionResponse>> {
  const checked = checkSignalWithStart(services, received);
  const { value, committed } = services.engine.transact((transaction) =>
    signalWithStart(transaction, services, checked),
  );
  await committed;
  if (value.error !== undefined) throw value.error;
  return value.response;
}
