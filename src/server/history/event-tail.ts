// Enough for the events of some workflow tasks, which is what sticky workers ask for.
const TAIL_EVENTS_MAX = 128;
const TAIL_BYTES_MAX = 64 * 1_024;

/** The latest events of a run as bytes, so that the next poll's history is put together without reading the store. */
export class EventTail {
  #firstEventId: number;
  readonly #events: Uint8Array[] = [];
  #bytes = 0;

  /** @param nextEventId Id that the next event will have. */
  constructor(nextEventId: number) {
    this.#firstEventId = nextEventId;
  }

  append(event: Uint8Array): void {
    this.#events.push(event);
    this.#bytes += event.length;
    if (this.#events.length > TAIL_EVENTS_MAX || this.#bytes > TAIL_BYTES_MAX) this.#shrink();
  }

  /** Events `fromEventId` ≤ id < `toEventId`; `undefined` if not all of them are held. */
  read(fromEventId: number, toEventId: number): readonly Uint8Array[] | undefined {
    const start = fromEventId - this.#firstEventId;
    const end = toEventId - this.#firstEventId;
    if (start < 0 || end > this.#events.length || start > end) return undefined;
    return this.#events.slice(start, end);
  }

  // Halves what is held, so that shrinking is rare.
  #shrink(): void {
    const dropped = Math.max(1, this.#events.length >> 1);
    for (const event of this.#events.splice(0, dropped)) this.#bytes -= event.length;
    this.#firstEventId += dropped;
  }
}
