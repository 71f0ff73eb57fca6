import { EventType, EventType$names } from "../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";

const COMMAND = 1;
const FINAL = 2;
const HARMLESS = 4;

/** Facts about event types as bits, by number: the hottest question of replay is one array access. */
const facts = new Uint8Array(256);
for (const type of [
  EventType.ACTIVITY_TASK_SCHEDULED,
  EventType.ACTIVITY_TASK_CANCEL_REQUESTED,
  EventType.MARKER_RECORDED,
  EventType.REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
  EventType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
  EventType.START_CHILD_WORKFLOW_EXECUTION_INITIATED,
  EventType.TIMER_CANCELED,
  EventType.TIMER_STARTED,
  EventType.UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
  EventType.WORKFLOW_PROPERTIES_MODIFIED,
  EventType.NEXUS_OPERATION_SCHEDULED,
  EventType.NEXUS_OPERATION_CANCEL_REQUESTED,
  EventType.WORKFLOW_EXECUTION_CANCELED,
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
  EventType.WORKFLOW_EXECUTION_FAILED,
  EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
  EventType.WORKFLOW_EXECUTION_UPDATE_REJECTED,
  EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED,
])
  addFact(type, COMMAND);
for (const type of [
  EventType.WORKFLOW_EXECUTION_COMPLETED,
  EventType.WORKFLOW_EXECUTION_FAILED,
  EventType.WORKFLOW_EXECUTION_CANCELED,
  EventType.WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
  EventType.WORKFLOW_EXECUTION_TIMED_OUT,
  EventType.WORKFLOW_EXECUTION_TERMINATED,
])
  addFact(type, FINAL);
for (const type of [
  EventType.WORKFLOW_EXECUTION_OPTIONS_UPDATED,
  EventType.WORKFLOW_EXECUTION_PAUSED,
  EventType.WORKFLOW_EXECUTION_UNPAUSED,
  EventType.WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
  EventType.WORKFLOW_PROPERTIES_MODIFIED_EXTERNALLY,
  EventType.ACTIVITY_PROPERTIES_MODIFIED_EXTERNALLY,
])
  addFact(type, HARMLESS);

function addFact(type: EventType, fact: number): void {
  facts[type] = (facts[type] ?? 0) | fact;
}

/** The event was written because workflow code issued a command. */
export function isCommandEvent(event: HistoryEvent): boolean {
  return ((facts[event.eventType] ?? 0) & COMMAND) !== 0;
}

/** The run ends with this event. */
export function isFinalEvent(event: HistoryEvent): boolean {
  return ((facts[event.eventType] ?? 0) & FINAL) !== 0;
}

/** Workflow code never learns of this event. */
export function isHarmlessEvent(event: HistoryEvent): boolean {
  return ((facts[event.eventType] ?? 0) & HARMLESS) !== 0;
}

/** The type as history JSON has it, without its prefix and in camel case: `TimerFired`. */
export function toEventTypeName(type: EventType): string {
  const name = EventType$names[type];
  if (name === undefined) return `event type ${type}`;
  return name
    .slice("EVENT_TYPE_".length)
    .toLowerCase()
    .replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Id of the event that began what this event goes on with, where there is one. */
export function initiatingEventId({ attributes }: HistoryEvent): number | undefined {
  switch (attributes?.case) {
    case "activityTaskStartedEventAttributes":
    case "activityTaskCompletedEventAttributes":
    case "activityTaskFailedEventAttributes":
    case "activityTaskTimedOutEventAttributes":
    case "activityTaskCanceledEventAttributes":
    case "nexusOperationStartedEventAttributes":
    case "nexusOperationCompletedEventAttributes":
    case "nexusOperationFailedEventAttributes":
    case "nexusOperationTimedOutEventAttributes":
    case "nexusOperationCanceledEventAttributes":
    case "nexusOperationCancelRequestCompletedEventAttributes":
    case "nexusOperationCancelRequestFailedEventAttributes":
      return attributes.value.scheduledEventId;
    case "timerFiredEventAttributes":
      return attributes.value.startedEventId;
    case "requestCancelExternalWorkflowExecutionFailedEventAttributes":
    case "externalWorkflowExecutionCancelRequestedEventAttributes":
    case "startChildWorkflowExecutionFailedEventAttributes":
    case "childWorkflowExecutionStartedEventAttributes":
    case "childWorkflowExecutionCompletedEventAttributes":
    case "childWorkflowExecutionFailedEventAttributes":
    case "childWorkflowExecutionCanceledEventAttributes":
    case "childWorkflowExecutionTimedOutEventAttributes":
    case "childWorkflowExecutionTerminatedEventAttributes":
    case "signalExternalWorkflowExecutionFailedEventAttributes":
    case "externalWorkflowExecutionSignaledEventAttributes":
      return attributes.value.initiatedEventId;
    default:
      return undefined;
  }
}
