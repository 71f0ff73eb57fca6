import type { HistoryEvent } from "../../proto/gen/history.ts";
import { type EventAttributes, isLate } from "./event.ts";

/**
 * Fills in the started event's id where an event ends what another event of the same flush began.
 *
 * Nobody knew that id before, because the started event waited as well.
 */
export function withStartedEventIds(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const started = new Map<number, number>();
  return events.map((event) => {
    const { attributes } = event;
    if (attributes?.case === "activityTaskStartedEventAttributes")
      started.set(attributes.value.scheduledEventId, event.eventId);
    if (attributes?.case === "childWorkflowExecutionStartedEventAttributes")
      started.set(attributes.value.initiatedEventId, event.eventId);
    const beginning = attributes === undefined ? undefined : beginningOf(attributes);
    const startedEventId = beginning === undefined ? undefined : started.get(beginning);
    if (attributes === undefined || startedEventId === undefined) return event;
    return {
      ...event,
      attributes: {
        case: attributes.case,
        value: { ...attributes.value, startedEventId },
      } as EventAttributes,
    };
  });
}

/** The scheduled or initiated event of what an event ends. */
function beginningOf({ case: kind, value }: EventAttributes): number | undefined {
  if (!isLate(kind)) return undefined;
  return "initiatedEventId" in value
    ? value.initiatedEventId
    : "scheduledEventId" in value
      ? value.scheduledEventId
      : undefined;
}
