import type { HistoryEvent } from "../../../proto/gen/history.ts";
import type { EventAttributes } from "../event.ts";
import type { Transition } from "../transition.ts";

/** Whether the end of a Nexus operation waits to go into history. */
export function hasNexusEnd(t: Transition, scheduledEventId: number): boolean {
  return (
    t.state.buffered.some(({ event }) => endsOperation(event, scheduledEventId)) ||
    t.waiting.some((event) => endsOperation(event, scheduledEventId))
  );
}

function endsOperation({ attributes }: HistoryEvent, scheduledEventId: number): boolean {
  if (attributes === undefined || !ends.has(attributes.case)) return false;
  return "scheduledEventId" in attributes.value && attributes.value.scheduledEventId === scheduledEventId;
}

const ends: ReadonlySet<EventAttributes["case"]> = new Set<EventAttributes["case"]>([
  "nexusOperationCompletedEventAttributes",
  "nexusOperationFailedEventAttributes",
  "nexusOperationCanceledEventAttributes",
  "nexusOperationTimedOutEventAttributes",
]);
