import { updateStatus } from "../../core/execution/view.ts";
import { EventType, UpdateWorkflowExecutionLifecycleStage as Stage } from "../../proto/gen/enums.ts";
import {
  WorkflowService,
  type PollWorkflowExecutionUpdateRequest,
  type PollWorkflowExecutionUpdateResponse,
  type UpdateWorkflowExecutionRequest,
  type UpdateWorkflowExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Request } from "../../proto/gen/update.ts";
import type { Init } from "../../proto/message.ts";
import type { IncomingCall } from "../../rpc/transport.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import { invalidArgument } from "../failures.ts";
import type { Run } from "../history/run.ts";
import type { Services } from "../services.ts";
import { serve, type CallRow } from "./calls.ts";
import { checkCallbacks, linksOutsideCallbacks } from "./completion-callbacks.ts";
import { checkLinks } from "./link-check.ts";
import { requestLink } from "./links.ts";
import { limitLength, requireChain, requireExecution, requireNamespace, requireRun } from "./requests.ts";
import { waitForUpdate, type UpdateProgress } from "./update-wait.ts";

/** Updating workflows, and asking how far updates have come. */
export function updateCalls(services: Services): readonly CallRow[] {
  const { methods } = WorkflowService;
  return [
    serve(methods.UpdateWorkflowExecution, (request, call) => update(services, request, call)),
    serve(methods.PollWorkflowExecutionUpdate, (request, call) => poll(services, request, call)),
  ];
}

async function update(
  services: Services,
  received: UpdateWorkflowExecutionRequest,
  call: IncomingCall,
): Promise<Init<UpdateWorkflowExecutionResponse>> {
  const { request, updateId, wanted } = prepareUpdate(services, received);
  const namespace = requireNamespace(services, received.namespace);
  const run = requireRun(services, namespace, requireExecution(received.workflowExecution));
  requireChain(run, received.firstExecutionRunId);
  const { value } = services.engine.apply(run, { kind: "admitUpdate", request });
  if (value.error !== undefined) throw value.error;
  const progress = await waitForUpdate(services, run, updateId, value.update, wanted, call);
  await services.engine.durable;
  return updateResponse(services, run, request, progress);
}

async function poll(
  services: Services,
  { namespace: name, updateRef, waitPolicy }: PollWorkflowExecutionUpdateRequest,
  call: IncomingCall,
): Promise<Init<PollWorkflowExecutionUpdateResponse>> {
  if (updateRef === undefined) throw invalidArgument("UpdateRef is not set on request.");
  const namespace = requireNamespace(services, name);
  const run = requireRun(services, namespace, requireExecution(updateRef.workflowExecution));
  const { updateId } = updateRef;
  const wanted = waitPolicy?.lifecycleStage ?? Stage.UNSPECIFIED;
  const status = updateStatus(run.state, updateId);
  const { stage, outcome } = await waitForUpdate(services, run, updateId, status, wanted, call);
  await services.engine.durable;
  return { stage, outcome, updateRef: refOf(run, updateId) };
}

/** An update's request, checked, with what it leaves to the server. */
export interface PreparedUpdate {
  readonly request: Request;
  readonly updateId: string;
  readonly wanted: Stage;
}

/**
 * Checks a request to update a workflow and sets what it leaves to the server.
 *
 * @throws {RPCError} `INVALID_ARGUMENT`, in the service's words.
 */
export function prepareUpdate(
  services: Services,
  { workflowExecution, request, waitPolicy }: UpdateWorkflowExecutionRequest,
): PreparedUpdate {
  requireExecution(workflowExecution);
  if (request?.meta === undefined) throw invalidArgument("Update meta is not set on request.");
  limitLength(services, request.meta.updateId, "UpdateId length exceeds limit.");
  const updateId = request.meta.updateId || services.newId();
  if (request.input === undefined) throw invalidArgument("Update input is not set on request.");
  if (request.input.name === "") throw invalidArgument("Update name is not set on request.");
  const stage = waitPolicy?.lifecycleStage ?? Stage.UNSPECIFIED;
  if (stage === Stage.ADMITTED) {
    throw new RPCError(
      RPCStatusCode.PERMISSION_DENIED,
      "UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.",
    );
  }
  const completionCallbacks = services.settings.nexus.updateCallbacks
    ? checkCallbacks(services, request.completionCallbacks)
    : [];
  // A link of a callback counts once; the update's event still shows all that came with the request.
  const others = linksOutsideCallbacks(request.links, completionCallbacks);
  checkLinks(services, [...others, ...completionCallbacks.flatMap((callback) => callback.links)]);
  return {
    request: { ...request, meta: { ...request.meta, updateId }, completionCallbacks },
    updateId,
    wanted: stage === Stage.UNSPECIFIED ? Stage.COMPLETED : stage,
  };
}

/** Answer to a request for an update. */
export function updateResponse(
  { namespaces }: Services,
  run: Run,
  { meta, requestId }: Request,
  { stage, outcome }: UpdateProgress,
): Init<UpdateWorkflowExecutionResponse> {
  const namespace = namespaces.getById(run.namespaceId);
  const { workflowId, runId } = run;
  const failed = outcome?.value?.case === "failure";
  return {
    updateRef: refOf(run, meta?.updateId ?? ""),
    stage,
    outcome,
    ...(failed
      ? {
          link: {
            variant: {
              case: "workflow",
              value: { namespace: namespace.name, workflowId, runId, reason: "Update rejected" },
            },
          },
        }
      : {}),
    ...(!failed && stage >= Stage.ACCEPTED
      ? { link: requestLink(namespace, run, requestId, EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED) }
      : {}),
  };
}

function refOf({ workflowId, runId }: Run, updateId: string): UpdateWorkflowExecutionResponse["updateRef"] {
  return { workflowExecution: { workflowId, runId }, updateId };
}
