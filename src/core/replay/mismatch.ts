import { type NondeterminismDetails, NondeterminismError } from "../errors.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import { toEventTypeName } from "./event-facts.ts";
import type { CommandLabel } from "./run-state.ts";

/** History and code differ; `found` and `wanted` say how, in words. */
export function newMismatch(
  reason: NondeterminismDetails["reason"],
  event: HistoryEvent | undefined,
  command: CommandLabel | undefined,
  explanation: string,
): NondeterminismError {
  const place = event === undefined ? "history" : `event ${event.eventId} (${describeEvent(event)})`;
  return new NondeterminismError(`Cannot replay ${place}: ${explanation}`, {
    reason,
    eventId: event?.eventId,
    eventType: event === undefined ? undefined : toEventTypeName(event.eventType),
    command,
  });
}

/** A command as messages show it: `scheduleActivity "3" of type "compose"`. */
export function describeCommand({ kind, id, type }: CommandLabel): string {
  return `${kind}${id === undefined ? "" : ` "${id}"`}${type === undefined ? "" : ` of type "${type}"`}`;
}

/** An event as messages show it: its type, and the id and the type of what it is about. */
export function describeEvent(event: HistoryEvent): string {
  const { id, type } = subjectOf(event);
  return describeCommand({ kind: toEventTypeName(event.eventType), id, type });
}

function subjectOf({ attributes }: HistoryEvent): {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
} {
  switch (attributes?.case) {
    case "activityTaskScheduledEventAttributes":
      return { id: attributes.value.activityId, type: attributes.value.activityType?.name };
    case "timerStartedEventAttributes":
    case "timerFiredEventAttributes":
    case "timerCanceledEventAttributes":
      return { id: attributes.value.timerId };
    case "startChildWorkflowExecutionInitiatedEventAttributes":
      return { id: attributes.value.workflowId, type: attributes.value.workflowType?.name };
    case "childWorkflowExecutionStartedEventAttributes":
    case "childWorkflowExecutionCompletedEventAttributes":
    case "childWorkflowExecutionFailedEventAttributes":
    case "childWorkflowExecutionCanceledEventAttributes":
    case "childWorkflowExecutionTimedOutEventAttributes":
    case "childWorkflowExecutionTerminatedEventAttributes":
      return { id: attributes.value.workflowExecution?.workflowId, type: attributes.value.workflowType?.name };
    case "markerRecordedEventAttributes":
      return { type: attributes.value.markerName };
    case "signalExternalWorkflowExecutionInitiatedEventAttributes":
      return { id: attributes.value.workflowExecution?.workflowId, type: attributes.value.signalName };
    case "requestCancelExternalWorkflowExecutionInitiatedEventAttributes":
      return { id: attributes.value.workflowExecution?.workflowId };
    case "nexusOperationScheduledEventAttributes":
      return { type: `${attributes.value.service}.${attributes.value.operation}` };
    case "workflowExecutionUpdateAcceptedEventAttributes":
      return { id: attributes.value.protocolInstanceId };
    case "workflowExecutionUpdateCompletedEventAttributes":
      return { id: attributes.value.meta?.updateId };
    default:
      return {};
  }
}
