import type { EventRange, RunRecord } from "./store.ts";

/** Cuts the events of a range out of records in log order, under the limits of {@link EventRange}. */
export function cutEvents(records: readonly RunRecord[], range: EventRange): readonly Uint8Array[] {
  const events: Uint8Array[] = [];
  let bytes = 0;
  for (const record of records) {
    let eventId = record.firstEventId;
    for (const event of record.events) {
      if (eventId >= range.toEventId) return events;
      if (eventId >= range.fromEventId) {
        const full = events.length >= range.maxEvents || bytes + event.length > range.maxBytes;
        if (full && events.length > 0) return events;
        events.push(event);
        bytes += event.length;
      }
      eventId += 1;
    }
  }
  return events;
}

/**
 * Index of the first record that may hold the event, by bisection: records of a run grow in their first event id.
 * The record before the first greater one is meant, so that an event inside a batch is found.
 */
export function firstRecordFor(records: readonly RunRecord[], eventId: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record !== undefined && record.firstEventId + record.events.length <= eventId) low = middle + 1;
    else high = middle;
  }
  return low;
}
