import { SignalWorkflowExecutionRequest } from "../../../proto/gen/workflowservice.ts";
import type { Effect } from "../contract.ts";
import { SERVER_IDENTITY } from "../server-identity.ts";
import type { ExecutionState, ExternalCancelState, ExternalSignalState } from "../state.ts";

/** The effect that signals another run, once its initiated event is in history. */
export function signalEffect(
  state: ExecutionState,
  { initiatedEventId, initiated }: ExternalSignalState,
  requestId: string,
): Effect {
  const namespace = initiated.namespace === "" ? state.namespace : initiated.namespace;
  return {
    kind: "signalExternal",
    initiatedEventId,
    namespace,
    request: {
      ...SignalWorkflowExecutionRequest.create(),
      namespace,
      workflowExecution: initiated.workflowExecution,
      signalName: initiated.signalName,
      input: initiated.input,
      identity: SERVER_IDENTITY,
      requestId,
      control: initiated.control,
      header: initiated.header,
    },
    childOnly: initiated.childWorkflowOnly,
  };
}

/** The effect that asks for another run's cancellation, once its initiated event is in history. */
export function cancelEffect(state: ExecutionState, { initiatedEventId, initiated }: ExternalCancelState): Effect {
  return {
    kind: "cancelExternal",
    initiatedEventId,
    namespace: initiated.namespace === "" ? state.namespace : initiated.namespace,
    execution: initiated.workflowExecution ?? { workflowId: "", runId: "" },
    childOnly: initiated.childWorkflowOnly,
    reason: initiated.reason,
  };
}
