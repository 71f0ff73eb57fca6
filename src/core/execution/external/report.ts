import type {
  CancelExternalWorkflowExecutionFailedCause,
  SignalExternalWorkflowExecutionFailedCause,
} from "../../../proto/gen/enums.ts";
import type { ExecutionRequest, StepReply } from "../contract.ts";
import type { Transition } from "../transition.ts";
import { ensureWorkflowTask } from "../workflow-task/schedule.ts";

type Request<Kind extends ExecutionRequest["kind"]> = Extract<ExecutionRequest, { kind: Kind }>;

/** The workflow that this one signals has got the signal, or cannot. */
export function externalSignalResolved(t: Transition, request: Request<"externalSignalResolved">): StepReply {
  const pending = t.state.externalSignals.get(request.initiatedEventId);
  if (t.state.phase !== "running" || pending === undefined) return { stale: true };
  const { namespace, namespaceId, workflowExecution, control } = pending.initiated;
  const value = {
    initiatedEventId: pending.initiatedEventId,
    namespace: namespace === "" ? t.state.namespace : namespace,
    namespaceId,
    workflowExecution,
    control,
  };
  if (request.failedCause === undefined) t.add({ case: "externalWorkflowExecutionSignaledEventAttributes", value });
  else {
    const cause = request.failedCause as SignalExternalWorkflowExecutionFailedCause;
    t.add({
      case: "signalExternalWorkflowExecutionFailedEventAttributes",
      value: { ...value, cause, workflowTaskCompletedEventId: 0 },
    });
  }
  ensureWorkflowTask(t);
  return {};
}

/** The workflow whose cancellation this one asks for knows of it, or cannot. */
export function externalCancelResolved(t: Transition, request: Request<"externalCancelResolved">): StepReply {
  const pending = t.state.externalCancels.get(request.initiatedEventId);
  if (t.state.phase !== "running" || pending === undefined) return { stale: true };
  const { namespace, namespaceId, workflowExecution } = pending.initiated;
  const value = {
    initiatedEventId: pending.initiatedEventId,
    namespace: namespace === "" ? t.state.namespace : namespace,
    namespaceId,
    workflowExecution,
  };
  if (request.failedCause === undefined)
    t.add({ case: "externalWorkflowExecutionCancelRequestedEventAttributes", value });
  else {
    const cause = request.failedCause as CancelExternalWorkflowExecutionFailedCause;
    t.add({
      case: "requestCancelExternalWorkflowExecutionFailedEventAttributes",
      value: { ...value, cause, control: "", workflowTaskCompletedEventId: 0 },
    });
  }
  ensureWorkflowTask(t);
  return {};
}
