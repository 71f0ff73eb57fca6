import type { Link } from "../../proto/gen/common.ts";
import { EventType } from "../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import type { EventGroupMarker, UserMetadata } from "../../proto/gen/sdk.ts";

/** What an event says, by its kind. */
export type EventAttributes = NonNullable<HistoryEvent["attributes"]>;

/** What stands on an event beside its attributes. */
export interface EventExtras {
  readonly userMetadata?: UserMetadata | undefined;
  readonly links?: Link[] | undefined;
  readonly eventGroupMarkers?: EventGroupMarker[] | undefined;
  readonly workerMayIgnore?: boolean | undefined;
  /** Instead of the step's time; milliseconds since the epoch, in the run's own time. */
  readonly atMs?: number | undefined;
}

/** `WORKFLOW_TASK_STARTED` is the type of `workflowTaskStartedEventAttributes`, and so on for all. */
const typeOfCase: Readonly<Record<string, EventType>> = Object.fromEntries(
  Object.entries(EventType).map(([name, type]) => {
    const camel = name.toLowerCase().replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
    return [`${camel}EventAttributes`, type];
  }),
);

/** The type of the event that carries these attributes. */
export function eventTypeOf(attributes: EventAttributes): EventType {
  return typeOfCase[attributes.case] ?? EventType.UNSPECIFIED;
}

/** Kinds that go into history at once: the run's own life, workflow tasks, and what a workflow task's commands and messages lead to. */
const immediate: ReadonlySet<EventAttributes["case"]> = new Set<EventAttributes["case"]>([
  "workflowExecutionStartedEventAttributes",
  "workflowExecutionCompletedEventAttributes",
  "workflowExecutionFailedEventAttributes",
  "workflowExecutionTimedOutEventAttributes",
  "workflowExecutionTerminatedEventAttributes",
  "workflowExecutionContinuedAsNewEventAttributes",
  "workflowExecutionCanceledEventAttributes",
  "workflowTaskScheduledEventAttributes",
  "workflowTaskStartedEventAttributes",
  "workflowTaskCompletedEventAttributes",
  "workflowTaskFailedEventAttributes",
  "workflowTaskTimedOutEventAttributes",
  "activityTaskScheduledEventAttributes",
  "activityTaskCancelRequestedEventAttributes",
  "timerStartedEventAttributes",
  "timerCanceledEventAttributes",
  "requestCancelExternalWorkflowExecutionInitiatedEventAttributes",
  "markerRecordedEventAttributes",
  "startChildWorkflowExecutionInitiatedEventAttributes",
  "signalExternalWorkflowExecutionInitiatedEventAttributes",
  "upsertWorkflowSearchAttributesEventAttributes",
  "workflowPropertiesModifiedEventAttributes",
  "nexusOperationScheduledEventAttributes",
  "nexusOperationCancelRequestedEventAttributes",
  "workflowExecutionUpdateAcceptedEventAttributes",
  "workflowExecutionUpdateCompletedEventAttributes",
  "workflowExecutionTimeSkippingTransitionedEventAttributes",
]);

/** Whether an event of this kind has to wait while a workflow task is started. */
export function isBufferable(kind: EventAttributes["case"]): boolean {
  return !immediate.has(kind);
}

/** Whether an event ends something that another waiting event may begin, and so comes after all others of the buffer. */
export function isLate(kind: EventAttributes["case"]): boolean {
  return late.has(kind);
}

const late: ReadonlySet<EventAttributes["case"]> = new Set<EventAttributes["case"]>([
  "activityTaskCompletedEventAttributes",
  "activityTaskFailedEventAttributes",
  "activityTaskTimedOutEventAttributes",
  "activityTaskCanceledEventAttributes",
  "childWorkflowExecutionCompletedEventAttributes",
  "childWorkflowExecutionFailedEventAttributes",
  "childWorkflowExecutionTimedOutEventAttributes",
  "childWorkflowExecutionCanceledEventAttributes",
  "childWorkflowExecutionTerminatedEventAttributes",
  "nexusOperationCompletedEventAttributes",
  "nexusOperationFailedEventAttributes",
  "nexusOperationCanceledEventAttributes",
  "nexusOperationTimedOutEventAttributes",
]);
