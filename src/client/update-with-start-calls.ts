import { MultiOperationExecutionFailure } from "../proto/gen/errordetails.ts";
import { MultiOperationExecutionAborted } from "../proto/gen/failure.ts";
import type { MultiOperationExecutionFailure_OperationStatus as OperationStatus } from "../proto/gen/errordetails.ts";
import { UpdateWorkflowExecutionLifecycleStage as StageCode } from "../proto/gen/enums.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode, toStatusCode } from "../rpc/status.ts";
import type { CallsContext } from "./calls-context.ts";
import { ServiceAnswerError } from "./client-error.ts";
import { firstDetail } from "./error-details.ts";
import type { StartedUpdate, StartedWorkflow, StartUpdateWithStartInput } from "./interceptor.ts";
import { alreadyStartedFrom } from "./start-calls.ts";
import { toStartFields } from "./start-request.ts";
import { pollUpdate, toUpdateRequest, waitEnded } from "./update-calls.ts";

const { methods } = WorkflowService;

/** Starts an update together with its workflow, or with the one of that id that runs. */
export async function startUpdateWithStart(
  context: CallsContext,
  input: StartUpdateWithStartInput,
): Promise<StartedUpdate> {
  const { start, update, call, onStarted } = input;
  const workflowId = start.options.id;
  const startRequest = {
    ...(await toStartFields(context, start)),
    completionCallbacks: start.options.completionCallbacks ?? [],
  };
  const updateRequest = await toUpdateRequest(context, { workflowId }, update);
  const request = {
    namespace: context.namespace,
    operations: [
      { operation: { case: "startWorkflow" as const, value: startRequest } },
      { operation: { case: "updateWorkflow" as const, value: updateRequest } },
    ],
  };
  const { updateId } = updateRequest.request.meta;
  for (;;) {
    const { responses } = await context.connection
      .call(methods.ExecuteMultiOperation, request, { ...call, kind: "longPoll", retry: true })
      .catch((error: unknown) => {
        throw waitEnded(error) ?? operationError(error, start) ?? error;
      });
    const [started, updated] = responses.map(({ response }) => response);
    if (started?.case !== "startWorkflow" || updated?.case !== "updateWorkflow") {
      throw new ServiceAnswerError(
        "Cannot read answer of ExecuteMultiOperation: found other responses than one of the start and one of the update",
      );
    }
    const { runId } = started.value;
    onStarted(toStarted(workflowId, runId));
    // The service may answer a long wait early; the same request then takes it up again.
    if (updated.value.stage < StageCode.ACCEPTED) continue;
    const { outcome } = updated.value;
    const result = { updateId, workflowId, workflowRunId: runId, outcome };
    if (update.waitForStage === "accepted" || outcome !== undefined) return result;
    return { ...result, outcome: await pollUpdate(context, result, call) };
  }
}

function toStarted(workflowId: string, runId: string): StartedWorkflow {
  return { workflowId, runId, firstExecutionRunId: runId, eagerlyStarted: false };
}

/** The error of the operation that failed; the other one was only given up for it. */
function operationError(error: unknown, start: StartUpdateWithStartInput["start"]): Error | undefined {
  if (!(error instanceof RPCError)) return undefined;
  const statuses = firstDetail(error.details, MultiOperationExecutionFailure)?.statuses ?? [];
  const failed = statuses.find((status) => status.code !== RPCStatusCode.OK && !isAborted(status));
  if (failed === undefined) return undefined;
  const { code, message, details } = failed;
  const { grpcStatus } = error;
  return (
    alreadyStartedFrom(code, details, start) ??
    new RPCError(toStatusCode(code), message, { details, grpcStatus, cause: error })
  );
}

function isAborted(status: OperationStatus): boolean {
  return firstDetail(status.details, MultiOperationExecutionAborted) !== undefined;
}
