import type { Init } from "../proto/message.ts";
import type { PauseWorkflowExecutionRequest } from "../proto/gen/workflowservice.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { CallsContext } from "./calls-context.ts";
import { newRequestId, toExecution } from "./calls-context.ts";
import type {
  DeleteWorkflowInput,
  PauseWorkflowInput,
  ResetWorkflowInput,
  UpdateWorkflowOptionsInput,
} from "./workflow-operation-inputs.ts";
import type { WorkflowExecutionOptions } from "./workflow-options-change.ts";
import { fromOptionsMessage, toOptionsChangeMessage } from "./workflow-options-change.ts";
import { findResetEvent, toPostResetMessages } from "./reset-event.ts";
import { toExcludeCodes } from "./workflow-reset.ts";

const { methods } = WorkflowService;

/** Lets a workflow begin anew at a point of its history; answers the new run's id. */
export async function resetWorkflow(
  context: CallsContext,
  input: ResetWorkflowInput,
): Promise<{ readonly runId: string }> {
  const { connection, namespace, identity } = context;
  const { options, call } = input;
  const request = {
    namespace,
    identity,
    workflowExecution: toExecution(input),
    reason: options.reason ?? "",
    requestId: newRequestId(context),
    workflowTaskFinishEventId: await findResetEvent(context, input, options.to ?? "lastWorkflowTask"),
    resetReapplyExcludeTypes: toExcludeCodes(options.exclude),
    postResetOperations: await toPostResetMessages(context, input.workflowId, options.afterReset),
  };
  const { runId } = await connection.call(methods.ResetWorkflowExecution, request, { ...call, retry: true });
  return { runId };
}

/** Deletes a workflow and its history; a running one is ended first. */
export async function deleteWorkflow(context: CallsContext, input: DeleteWorkflowInput): Promise<void> {
  const { connection, namespace } = context;
  const request = { namespace, workflowExecution: toExecution(input) };
  await connection.call(methods.DeleteWorkflowExecution, request, { ...input.call, retry: true });
}

/** Holds a workflow's tasks back until it is unpaused. */
export async function pauseWorkflow(context: CallsContext, input: PauseWorkflowInput): Promise<void> {
  const request = toPauseRequest(context, input);
  await context.connection.call(methods.PauseWorkflowExecution, request, { ...input.call, retry: true });
}

/** Lets a paused workflow go on. */
export async function unpauseWorkflow(context: CallsContext, input: PauseWorkflowInput): Promise<void> {
  const request = toPauseRequest(context, input);
  await context.connection.call(methods.UnpauseWorkflowExecution, request, { ...input.call, retry: true });
}

/** Changes options of a running workflow; answers them as they are then. */
export async function updateWorkflowOptions(
  context: CallsContext,
  input: UpdateWorkflowOptionsInput,
): Promise<WorkflowExecutionOptions> {
  const { connection, namespace, identity } = context;
  const { workflowExecutionOptions } = await connection.call(
    methods.UpdateWorkflowExecutionOptions,
    { namespace, identity, workflowExecution: toExecution(input), ...toOptionsChangeMessage(input.changes) },
    { ...input.call, retry: true },
  );
  return fromOptionsMessage(workflowExecutionOptions);
}

function toPauseRequest(context: CallsContext, input: PauseWorkflowInput): Init<PauseWorkflowExecutionRequest> {
  const { namespace, identity } = context;
  return { namespace, identity, ...toExecution(input), reason: input.reason, requestId: newRequestId(context) };
}
