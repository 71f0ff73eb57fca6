import type { ExecutionRequest, StepReply } from "../contract.ts";
import type { Transition } from "../transition.ts";
import { ensureWorkflowTask } from "../workflow-task/schedule.ts";

/** Asks the workflow to stop, once. Of a closed run, or one that was asked before, nothing more is wanted. */
export function requestCancel(t: Transition, request: Extract<ExecutionRequest, { kind: "requestCancel" }>): StepReply {
  const { state } = t;
  if (state.phase !== "running" || state.cancelRequested) return { duplicate: true };
  t.add(
    {
      case: "workflowExecutionCancelRequestedEventAttributes",
      value: {
        cause: request.reason,
        externalInitiatedEventId: request.external?.initiatedEventId ?? 0,
        externalWorkflowExecution: request.external?.execution,
        identity: request.identity,
      },
    },
    { links: request.links === undefined ? undefined : [...request.links] },
  );
  t.do({ op: "setCancelRequestId", requestId: request.requestId });
  ensureWorkflowTask(t);
  return {};
}
