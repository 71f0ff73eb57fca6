import {
  WorkflowService,
  type DeleteWorkflowExecutionRequest,
  type RequestCancelWorkflowExecutionRequest,
  type SignalWorkflowExecutionRequest,
  type SignalWorkflowExecutionResponse,
  type TerminateWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";
import type { WorkflowExecution } from "../../proto/gen/common.ts";
import type { Init } from "../../proto/message.ts";
import { invalidArgument } from "../failures.ts";
import { isOpen, type Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { applyRequest } from "./apply.ts";
import { checkBlobSize } from "./blob-size.ts";
import { serve, type CallRow } from "./calls.ts";
import { checkLinks } from "./link-check.ts";
import { signalLink } from "./links.ts";
import { limitLength, requireChain, requireExecution, requireNamespace, requireRun } from "./requests.ts";

// How the service signs a termination of which nobody said why or by whom.
const TERMINATE_REASON_DEFAULT = "terminated by user via frontend";
const TERMINATE_IDENTITY_DEFAULT = "frontend-service";

/** What clients do to runs: signal, cancel, terminate, delete. */
export function executionCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.SignalWorkflowExecution, (request) => signal(services, request)),
    serve(methods.RequestCancelWorkflowExecution, (request) => requestCancel(services, request)),
    serve(methods.TerminateWorkflowExecution, (request) => terminate(services, request)),
    serve(methods.DeleteWorkflowExecution, (request) => deleteRun(services, request)),
  ];
}

async function signal(
  services: Services,
  request: SignalWorkflowExecutionRequest,
): Promise<Init<SignalWorkflowExecutionResponse>> {
  const { namespace: name, workflowExecution, signalName, requestId, input } = request;
  const execution = requireExecution(workflowExecution);
  if (signalName === "") throw invalidArgument("SignalName is not set on request.");
  limitLength(services, signalName, "SignalName length exceeds limit.");
  limitLength(services, requestId, "RequestId length exceeds limit.");
  checkLinks(services, request.links);
  const namespace = requireNamespace(services, name);
  const run = requireRun(services, namespace, execution);
  checkBlobSize(services, input);
  await applyRequest(services, run, { kind: "signal", request });
  // As in the service, a request without an id has a link, too, which then names none.
  return { link: signalLink(namespace, run, requestId) };
}

async function requestCancel(
  services: Services,
  request: RequestCancelWorkflowExecutionRequest,
): Promise<Record<string, never>> {
  checkLinks(services, request.links);
  const run = findRun(services, request);
  // As in the service, cancelling what is over already is a success, once that it is over cannot be taken back.
  if (!isOpen(run)) {
    await services.engine.durable;
    return {};
  }
  const { requestId, reason, identity, links } = request;
  await applyRequest(services, run, { kind: "requestCancel", requestId, reason, identity, links });
  return {};
}

async function terminate(
  services: Services,
  request: TerminateWorkflowExecutionRequest,
): Promise<Record<string, never>> {
  const { reason, details, identity, links } = request;
  checkLinks(services, links);
  await applyRequest(services, findRun(services, request), {
    kind: "terminate",
    reason: reason || TERMINATE_REASON_DEFAULT,
    details,
    identity: identity || TERMINATE_IDENTITY_DEFAULT,
    links,
  });
  return {};
}

async function deleteRun(services: Services, request: DeleteWorkflowExecutionRequest): Promise<Record<string, never>> {
  const run = findRun(services, { ...request, firstExecutionRunId: "" });
  const { committed } = services.engine.transact((transaction) => {
    // As in the service, an open run is terminated first, so that its parent and its children learn of it.
    if (isOpen(run)) {
      const reason = "Delete workflow execution";
      transaction.step(run, { kind: "terminate", reason, identity: "history-service" });
    }
    transaction.delete(run);
  });
  await committed;
  return {};
}

interface RunRequest {
  readonly namespace: string;
  readonly workflowExecution: WorkflowExecution | undefined;
  readonly firstExecutionRunId: string;
}

function findRun(services: Services, request: RunRequest): Run {
  const named = requireExecution(request.workflowExecution);
  // As in the service, who names a chain by its first run means its newest run, whichever run is named besides.
  const execution = request.firstExecutionRunId === "" ? named : { ...named, runId: "" };
  const run = requireRun(services, requireNamespace(services, request.namespace), execution);
  requireChain(run, request.firstExecutionRunId);
  return run;
}
