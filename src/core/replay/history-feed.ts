import { EventType } from "../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import { isFinalEvent } from "./event-facts.ts";
import { HistoryError } from "./history-error.ts";

/** Events of one activation, and whether history ends with them. */
export interface EventSequence {
  readonly events: readonly HistoryEvent[];
  readonly isLast: boolean;
}

/** What the feed waits for. */
export type MissingEvents = "fromStart" | "nextPage";

/**
 * The events of one workflow task, handed out a sequence at a time: what happened since the last task that completed, up
 * to and including the start of the next one that did.
 *
 * A sequence is handed out only when the one after it is here too, because markers and accepted updates that follow a
 * task were written by it and have to be known while it is replayed.
 *
 * The SDKs' shared core joins tasks that completed with nothing to the next one. Then what came with the first may be
 * told after what came with the second, depending on how much history there is. Here each is told in its own time.
 */
export class HistoryFeed {
  #events: HistoryEvent[] = [];
  #head = 0;
  #isComplete = true;
  #missing: MissingEvents | undefined;
  #untilEventId = 0;
  /** Events of a partial task for a run not held: shown after the history that has to be fetched, which may lack them. */
  #tail: readonly HistoryEvent[] = [];

  /**
   * Begins a task whose events reach `untilEventId`. `nextEventId` is the first event not applied yet: older ones are
   * dropped, a gap asks for all of history.
   *
   * @throws {HistoryError} If events are missing between or after those given.
   */
  begin(
    events: readonly HistoryEvent[],
    options: { readonly hasMorePages: boolean; readonly nextEventId: number; readonly untilEventId: number },
  ): void {
    const [first] = events;
    const isPartial =
      first === undefined ? options.nextEventId === 1 && !options.hasMorePages : first.eventId > options.nextEventId;
    this.#untilEventId = options.untilEventId;
    this.#events = [];
    this.#head = 0;
    this.#tail = isPartial ? events : [];
    this.#isComplete = false;
    this.#missing = "fromStart";
    if (!isPartial) this.addPage(events, options);
  }

  /**
   * Adds a page that was asked for.
   *
   * @throws {HistoryError} If events are missing between or after those given.
   */
  addPage(
    page: readonly HistoryEvent[],
    { hasMorePages, nextEventId }: { readonly hasMorePages: boolean; readonly nextEventId: number },
  ): void {
    const events = this.#events.slice(this.#head);
    let lastId = events.at(-1)?.eventId ?? nextEventId - 1;
    for (const event of hasMorePages ? page : [...page, ...this.#tail]) {
      if (event.eventId <= lastId) continue;
      if (event.eventId !== lastId + 1)
        throw new HistoryError(
          `Cannot apply history: found event ${event.eventId} after event ${lastId}; fetch the history again`,
        );
      events.push(event);
      lastId++;
    }
    if (!hasMorePages && lastId < this.#untilEventId)
      throw new HistoryError(
        `Cannot apply history: it ends with event ${lastId}, wanted event ${this.#untilEventId}; fetch the history again`,
      );
    this.#events = events;
    this.#head = 0;
    this.#isComplete = !hasMorePages;
    this.#missing = hasMorePages ? "nextPage" : undefined;
  }

  /** Set while {@link take} has to wait for a page. */
  get missing(): MissingEvents | undefined {
    return this.#missing === undefined || (this.#missing === "nextPage" && this.#holdsTwoSequences())
      ? undefined
      : this.#missing;
  }

  /** No event is left and none will come. */
  get isDone(): boolean {
    return this.#isComplete && this.#head >= this.#events.length;
  }

  /** The next sequence. Ask {@link missing} first. */
  take(): EventSequence {
    const end = this.#endOfSequence(this.#head);
    const events = this.#events.slice(this.#head, end < 0 ? this.#events.length : end + 1);
    this.#head += events.length;
    const { isDone } = this;
    // A run may wait for days for its next task: what it was told of the last one need not stay in memory.
    if (isDone) this.#clear();
    return { events, isLast: isDone };
  }

  /** The sequence that the next {@link take} will give; empty at the end. */
  peek(): readonly HistoryEvent[] {
    const end = this.#endOfSequence(this.#head);
    return this.#events.slice(this.#head, end < 0 ? this.#events.length : end + 1);
  }

  /**
   * As {@link peek}, and on through tasks that completed with nothing: a worker that only asked for more time may have
   * been replaced by one that did the first task over in a later one.
   */
  peekThroughEmptyTasks(): readonly HistoryEvent[] {
    return this.#events.slice(this.#head, this.#endOfEmptyTasks(this.#head) + 1);
  }

  /** The first completed workflow task that has not been handed out: the one that answers the sequence just taken. */
  peekCompletion(): HistoryEvent | undefined {
    for (let at = this.#head; at < this.#events.length; at++) {
      const event = this.#events[at];
      if (event?.eventType === EventType.WORKFLOW_TASK_COMPLETED) return event;
    }
    return undefined;
  }

  #clear(): void {
    this.#events = [];
    this.#head = 0;
    this.#tail = [];
  }

  #holdsTwoSequences(): boolean {
    const end = this.#endOfSequence(this.#head);
    return end >= 0 && this.#endOfEmptyTasks(end + 1) < this.#events.length - 1;
  }

  /** Index of the last event of the first sequence from `from` on in which a task wrote something; the last index if there is none. */
  #endOfEmptyTasks(from: number): number {
    const events = this.#events;
    let at = from;
    while (at < events.length) {
      const end = this.#endOfSequence(at);
      if (end < 0) break;
      if (
        events[at]?.eventType !== EventType.WORKFLOW_TASK_COMPLETED ||
        events[at + 1]?.eventType !== EventType.WORKFLOW_TASK_SCHEDULED
      )
        return end;
      at = end + 1;
    }
    return events.length - 1;
  }

  /**
   * Index of the last event of the sequence that begins at `from`, or -1 if all that is left belongs to it. A task that
   * failed or timed out ends no sequence: the code has to run as it did at the next one.
   */
  #endOfSequence(from: number): number {
    const events = this.#events;
    for (let at = from; at < events.length; at++) {
      const event = events[at] as HistoryEvent;
      if (isFinalEvent(event)) return at;
      if (event.eventType !== EventType.WORKFLOW_TASK_STARTED) continue;
      const next = events[at + 1];
      if (next === undefined ? this.#isComplete : next.eventType === EventType.WORKFLOW_TASK_COMPLETED) return at;
    }
    return -1;
  }
}
