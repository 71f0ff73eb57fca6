import { EventType } from "../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import { isCommandEvent, isFinalEvent } from "./event-facts.ts";
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
  begin(events: readonly HistoryEvent[], options: { readonly hasMorePages: boolean; readonly nextEventId: number; readonly untilEventId: number }): void {
    const [first] = events;
    const isPartial = first === undefined ? options.nextEventId === 1 && !options.hasMorePages : first.eventId > options.nextEventId;
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
  addPage(page: readonly HistoryEvent[], { hasMorePages, nextEventId }: { readonly hasMorePages: boolean; readonly nextEventId: number }): void {
    const events = this.#events.slice(this.#head);
    let lastId = events.at(-1)?.eventId ?? nextEventId - 1;
    for (const event of hasMorePages ? page : [...page, ...this.#tail]) {
      if (event.eventId <= lastId) continue;
      if (event.eventId !== lastId + 1) throw new HistoryError(`Cannot apply history: found event ${event.eventId} after event ${lastId}; fetch the history again`);
      events.push(event);
      lastId++;
    }
    if (!hasMorePages && lastId < this.#untilEventId)
      throw new HistoryError(`Cannot apply history: it ends with event ${lastId}, wanted event ${this.#untilEventId}; fetch the history again`);
    this.#events = events;
    this.#head = 0;
    this.#isComplete = !hasMorePages;
    this.#missing = hasMorePages ? "nextPage" : undefined;
  }

  /** Set while {@link take} has to wait for a page. */
  get missing(): MissingEvents | undefined {
    return this.#missing === undefined || (this.#missing === "nextPage" && this.#holdsTwoSequences()) ? undefined : this.#missing;
  }

  /** No event is left and none will come. */
  get isDone(): boolean {
    return this.#isComplete && this.#head >= this.#events.length;
  }

  /** The next sequence. Ask {@link missing} first. */
  take(): EventSequence {
    const end = this.#endOfSequence(this.#head);
    const from = this.#head;
    this.#head = end < 0 ? this.#events.length : end + 1;
    return { events: this.#events.slice(from, this.#head), isLast: this.#isComplete && this.#head >= this.#events.length };
  }

  /** The sequence that the next {@link take} will give; empty at the end. */
  peek(): readonly HistoryEvent[] {
    if (this.#head >= this.#events.length) return [];
    const end = this.#endOfSequence(this.#head);
    return this.#events.slice(this.#head, end < 0 ? this.#events.length : end + 1);
  }

  /** The first completed workflow task that has not been handed out: the one that answers the sequence just taken. */
  peekCompletion(): HistoryEvent | undefined {
    for (let at = this.#head; at < this.#events.length; at++) {
      const event = this.#events[at];
      if (event?.eventType === EventType.WORKFLOW_TASK_COMPLETED) return event;
    }
    return undefined;
  }

  #holdsTwoSequences(): boolean {
    const first = this.#endOfSequence(this.#head);
    return first >= 0 && this.#endOfSequence(first + 1) >= 0;
  }

  /**
   * Index of the last event of the sequence that begins at `from`, or -1 if all that is left belongs to it.
   *
   * A task that failed or timed out ends no sequence: the code has to run as it did at the next one. Neither does a
   * task that completed with nothing in it, directly followed by another (the worker only asked for more time).
   */
  #endOfSequence(from: number): number {
    const events = this.#events;
    const started: number[] = [];
    let sawCommand = false;
    let sawCommandOrStart = false;
    for (let at = from; at < events.length; at++) {
      const event = events[at] as HistoryEvent;
      if (isFinalEvent(event)) return at;
      if (event.eventType === EventType.WORKFLOW_EXECUTION_STARTED) sawCommandOrStart = true;
      else if (isCommandEvent(event)) sawCommand = sawCommandOrStart = true;
      if (event.eventType !== EventType.WORKFLOW_TASK_STARTED) continue;

      const next = events[at + 1];
      if (next === undefined) {
        if (this.#isComplete && sawCommandOrStart) return at;
        continue;
      }
      if (endsTaskWithoutCompletion(next)) continue;
      started.push(at);
      if (next.eventType === EventType.WORKFLOW_TASK_COMPLETED) {
        const afterNext = events[at + 2];
        if (afterNext === undefined && !this.#isComplete) continue;
        if (afterNext !== undefined) {
          if (!sawCommand && afterNext.eventType === EventType.WORKFLOW_TASK_SCHEDULED) continue;
          return startOfUpdate(events, started, afterNext) ?? at;
        }
      }
      if (sawCommandOrStart) return at;
    }
    return -1;
  }
}

/** An accepted update was handled in the task before its sequencing event, though that may look like an empty one. */
function startOfUpdate(events: readonly HistoryEvent[], started: readonly number[], { attributes }: HistoryEvent): number | undefined {
  if (attributes?.case !== "workflowExecutionUpdateAcceptedEventAttributes") return undefined;
  return started.findLast((at) => (events[at]?.eventId ?? 0) < attributes.value.acceptedRequestSequencingEventId);
}

function endsTaskWithoutCompletion(event: HistoryEvent): boolean {
  switch (event.eventType) {
    case EventType.WORKFLOW_TASK_FAILED:
    case EventType.WORKFLOW_TASK_TIMED_OUT:
    case EventType.WORKFLOW_EXECUTION_TIMED_OUT:
    case EventType.WORKFLOW_EXECUTION_TERMINATED:
    case EventType.WORKFLOW_EXECUTION_CANCELED:
      return true;
    default:
      return false;
  }
}
