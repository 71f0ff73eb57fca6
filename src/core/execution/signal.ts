import type { WorkflowExecution } from "../../proto/gen/common.ts";
import { Payloads } from "../../proto/gen/common.ts";
import type { SignalWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import type { ExecutionRequest, StepReply } from "./contract.ts";
import { ExecutionError, invalidArgument } from "./execution-error.ts";
import { isBackingOff } from "./run/backoff.ts";
import { requireRunning } from "./run/running.ts";
import type { Transition } from "./transition.ts";
import { ensureWorkflowTask } from "./workflow-task/schedule.ts";

/**
 * Signals the workflow, once for each request id.
 *
 * @throws {ExecutionError} If the run is closed, about to close, or has had too many or too large a signal.
 */
export function signal(
  t: Transition,
  { request, fromExternal }: Extract<ExecutionRequest, { kind: "signal" }>,
): StepReply {
  const { state } = t;
  if (request.requestId !== "" && state.signalRequestIds.has(request.requestId)) return { duplicate: true };
  requireRunning(state);
  const { limits } = t.context;
  if (request.input !== undefined && Payloads.encode(request.input).length > limits.blobSizeErrorBytes)
    throw invalidArgument("Blob data size exceeds limit.");
  if (limits.signalsMax > 0 && state.signalCount >= limits.signalsMax)
    throw invalidArgument("exceeded workflow execution limit for signal events");
  if (state.closeAttempted && state.workflowTask?.phase === "started") {
    throw new ExecutionError("RESOURCE_EXHAUSTED", "workflow operation can not be applied because workflow is closing");
  }
  // Before the first workflow task's time has come, a signal does not bring it forward.
  const wakes = !isBackingOff(state);
  addSignaled(t, request, fromExternal);
  if (wakes) ensureWorkflowTask(t);
  return {};
}

/** Writes a signaled event. */
export function addSignaled(
  t: Transition,
  request: SignalWorkflowExecutionRequest,
  fromExternal?: WorkflowExecution,
): void {
  t.add(
    {
      case: "workflowExecutionSignaledEventAttributes",
      value: {
        signalName: request.signalName,
        input: request.input,
        identity: request.identity,
        header: request.header,
        skipGenerateWorkflowTask: false,
        externalWorkflowExecution: fromExternal,
        requestId: request.requestId,
      },
    },
    { links: request.links },
  );
}
