import type { Outcome } from "../proto/gen/update.ts";
import type { UpdateWorkflowExecutionRequest } from "../proto/gen/workflowservice.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import { UpdateWorkflowExecutionLifecycleStage as StageCode } from "../proto/gen/enums.ts";
import { HttpBindingError } from "../rpc/http-binding-error.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { CallOptions } from "./call-options.ts";
import { callOrigin } from "./call-origin.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, encodeArgs, encodeHeaders, newRequestId, toExecution } from "./calls-context.ts";
import { toStageCode } from "./client-enums.ts";
import { WorkflowUpdateRPCTimeoutOrCancelledError } from "./client-error.ts";
import { outcomeFromHistory, type UpdateRef } from "./update-history.ts";
import type { StartedUpdate, StartUpdateInput, UpdateInput, WorkflowTarget } from "./interceptor.ts";

const { methods } = WorkflowService;

/** Starts an update and waits until it has come as far as asked. */
export async function startUpdate(context: CallsContext, input: StartUpdateInput): Promise<StartedUpdate> {
  const { call, workflowId } = input;
  const request = await toUpdateRequest(context, input, input);
  for (;;) {
    const response = await context.connection
      .call(methods.UpdateWorkflowExecution, request, { ...call, kind: "longPoll", retry: true })
      .catch((error: unknown) => {
        throw waitEnded(error) ?? error;
      });
    // The service may answer a long wait early; the same request then takes it up again.
    if (response.stage < StageCode.ACCEPTED) continue;
    const runId = response.updateRef?.workflowExecution?.runId;
    const updateId = request.request.meta.updateId;
    const { outcome } = response;
    const origin = callOrigin();
    if (response.link !== undefined) origin?.addLink(response.link);
    const started = { updateId, workflowId, workflowRunId: runId || input.runId, outcome };
    if (input.waitForStage === "accepted" || outcome !== undefined) return started;
    return { ...started, outcome: await pollUpdate(context, started, call) };
  }
}

/** Waits for an update to end. @throws {WorkflowUpdateRPCTimeoutOrCancelledError} If the wait is ended from this side. */
export async function pollUpdate(context: CallsContext, update: UpdateRef, call: CallOptions): Promise<Outcome> {
  const { connection, namespace, identity } = context;
  const { workflowId, workflowRunId: runId, updateId } = update;
  const request = {
    namespace,
    identity,
    updateRef: { workflowExecution: toExecution({ workflowId, runId }), updateId },
    waitPolicy: { lifecycleStage: StageCode.COMPLETED },
  };
  for (;;) {
    const { outcome } = await connection
      .call(methods.PollWorkflowExecutionUpdate, request, {
        ...call,
        kind: "longPoll",
        retry: true,
      })
      .catch(async (error: unknown) => {
        // Over HTTP nobody can wait for an update, but its run's history tells.
        const told = error instanceof HttpBindingError ? await outcomeFromHistory(context, update, call) : undefined;
        if (told !== undefined) return { outcome: told };
        throw error;
      })
      .catch((error: unknown) => {
        throw waitEnded(error) ?? error;
      });
    if (outcome !== undefined) return outcome;
  }
}

/** An update as a request, with an id in any case. */
export async function toUpdateRequest(
  context: CallsContext,
  target: WorkflowTarget,
  update: UpdateInput,
): Promise<
  Init<UpdateWorkflowExecutionRequest> & {
    readonly request: { readonly meta: { readonly updateId: string } };
  }
> {
  const { namespace, identity } = context;
  const converter = converterFor(context, target.workflowId, { runId: target.runId });
  const origin = callOrigin();
  return {
    namespace,
    workflowExecution: toExecution(target),
    firstExecutionRunId: target.firstExecutionRunId ?? "",
    waitPolicy: { lifecycleStage: toStageCode(update.waitForStage) },
    request: {
      ...(origin?.callbacks === undefined
        ? {}
        : { requestId: origin.requestId, completionCallbacks: origin.callbacks, links: origin.links }),
      meta: { updateId: update.updateId ?? newRequestId(context), identity },
      input: {
        name: update.update,
        args: await encodeArgs(converter, update.args),
        header: await encodeHeaders(context, update.headers),
      },
    },
  };
}

/** The error of a wait for an update that was ended from this side, if an error is that. */
export function waitEnded(error: unknown): WorkflowUpdateRPCTimeoutOrCancelledError | undefined {
  if (!(error instanceof RPCError)) return undefined;
  const { DEADLINE_EXCEEDED, CANCELLED } = RPCStatusCode;
  const ended = error.status === DEADLINE_EXCEEDED || error.status === CANCELLED;
  return ended ? new WorkflowUpdateRPCTimeoutOrCancelledError(error) : undefined;
}
