import type { HistoryEvent } from "../../../proto/gen/history.ts";
import type { Transition } from "../transition.ts";

/** Whether the end of an activity waits to go into history. */
export function hasActivityEnd(t: Transition, scheduledEventId: number): boolean {
  return t.state.buffered.some(({ event }) => endsActivity(event, scheduledEventId)) || t.waiting.some((event) => endsActivity(event, scheduledEventId));
}

function endsActivity({ attributes }: HistoryEvent, scheduledEventId: number): boolean {
  switch (attributes?.case) {
    case "activityTaskCompletedEventAttributes":
    case "activityTaskFailedEventAttributes":
    case "activityTaskTimedOutEventAttributes":
    case "activityTaskCanceledEventAttributes":
      return attributes.value.scheduledEventId === scheduledEventId;
    default:
      return false;
  }
}
