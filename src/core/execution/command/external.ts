import type {
  Command,
  RequestCancelExternalWorkflowExecutionCommandAttributes,
  SignalExternalWorkflowExecutionCommandAttributes,
} from "../../../proto/gen/command.ts";
import { WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import { cancelEffect, signalEffect } from "../external/effect.ts";
import { utf8Length } from "../../text/utf8.ts";
import { addCommandEvent, type CommandBatch } from "./batch.ts";
import { isUuid, payloadsExceed } from "./check.ts";
import { type CommandFault, fatalFault, fault } from "./fault.ts";
import { targetNamespaceId } from "./namespace.ts";

/** Signals another workflow. */
export function signalExternal(
  batch: CommandBatch,
  command: Command,
  attributes: SignalExternalWorkflowExecutionCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const { limits } = t.context;
  const cause = Cause.BAD_SIGNAL_WORKFLOW_EXECUTION_ATTRIBUTES;
  const namespaceId = targetNamespaceId(batch, attributes.namespace);
  const { execution, signalName, input, control, childWorkflowOnly, header, namespace } = attributes;
  if (execution === undefined) return fault(cause, "Execution is not set on SignalExternalWorkflowExecutionCommand.");
  const wrong = targetFault(
    batch,
    { namespace, ...execution },
    "SignalExternalWorkflowExecutionCommand",
    ` SignalName=${signalName}`,
  );
  if (wrong !== undefined) return fault(cause, wrong);
  if (signalName === "") {
    return fault(
      cause,
      `SignalName is not set on SignalExternalWorkflowExecutionCommand. WorkflowId=${execution.workflowId} Namespace=${namespace} RunId=${execution.runId}`,
    );
  }
  const pending = state.externalSignals.size;
  if (limits.pendingSignalsMax > 0 && pending >= limits.pendingSignalsMax) {
    const text = `the number of pending signals to external workflows, ${pending}, has reached the per-workflow limit of ${limits.pendingSignalsMax}`;
    return fault(Cause.PENDING_SIGNALS_LIMIT_EXCEEDED, text);
  }
  if (payloadsExceed(input, limits.blobSizeErrorBytes))
    return fatalFault(cause, "SignalExternalWorkflowExecutionCommandAttributes.Input exceeds size limit.");
  const initiated = {
    workflowTaskCompletedEventId: batch.completedEventId,
    namespace,
    namespaceId,
    workflowExecution: execution,
    signalName,
    input,
    control,
    childWorkflowOnly,
    header,
  };
  const { eventId } = addCommandEvent(batch, command, {
    case: "signalExternalWorkflowExecutionInitiatedEventAttributes",
    value: initiated,
  });
  t.effect(signalEffect(state, { initiatedEventId: eventId, initiated }, t.context.newId()));
  return undefined;
}

/** Asks for another workflow's cancellation. */
export function requestCancelExternal(
  batch: CommandBatch,
  command: Command,
  attributes: RequestCancelExternalWorkflowExecutionCommandAttributes,
): CommandFault | undefined {
  const { t, state } = batch;
  const { limits } = t.context;
  const cause = Cause.BAD_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_ATTRIBUTES;
  const namespaceId = targetNamespaceId(batch, attributes.namespace);
  const { namespace, workflowId, runId, control, childWorkflowOnly, reason } = attributes;
  const wrong = targetFault(
    batch,
    { namespace, workflowId, runId },
    "RequestCancelExternalWorkflowExecutionCommand",
    "",
  );
  if (wrong !== undefined) return fault(cause, wrong);
  if (batch.initiatedChildren.has(workflowId)) {
    return fault(
      cause,
      `Start and RequestCancel for child workflow is not allowed in same workflow task. WorkflowId=${workflowId} RunId=${runId} Namespace=${namespace}`,
    );
  }
  const pending = state.externalCancels.size;
  if (limits.pendingCancelsMax > 0 && pending >= limits.pendingCancelsMax) {
    const text = `the number of pending requests to cancel external workflows, ${pending}, has reached the per-workflow limit of ${limits.pendingCancelsMax}`;
    return fault(Cause.PENDING_REQUEST_CANCEL_LIMIT_EXCEEDED, text);
  }
  const initiated = {
    workflowTaskCompletedEventId: batch.completedEventId,
    namespace,
    namespaceId,
    workflowExecution: { workflowId, runId },
    control,
    childWorkflowOnly,
    reason,
  };
  const { eventId } = addCommandEvent(batch, command, {
    case: "requestCancelExternalWorkflowExecutionInitiatedEventAttributes",
    value: initiated,
  });
  t.effect(cancelEffect(state, { initiatedEventId: eventId, initiated }));
  return undefined;
}

interface Target {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}

function targetFault(
  batch: CommandBatch,
  { namespace, workflowId, runId }: Target,
  command: string,
  more: string,
): string | undefined {
  const { idLengthMax } = batch.t.context.limits;
  if (workflowId === "") return `WorkflowId is not set on ${command}. Namespace=${namespace} RunId=${runId}${more}`;
  const length = Math.max(utf8Length(namespace), utf8Length(workflowId));
  if (length > idLengthMax) {
    const name = utf8Length(namespace) > idLengthMax ? "Namespace" : "WorkflowId";
    return `${name} on ${command} exceeds length limit. WorkflowId=${workflowId} Namespace=${namespace} Length=${length} Limit=${idLengthMax} RunId=${runId}${more}`;
  }
  return runId !== "" && !isUuid(runId)
    ? `Invalid RunId set on ${command}. WorkflowId=${workflowId} Namespace=${namespace} RunId=${runId}${more}`
    : undefined;
}
