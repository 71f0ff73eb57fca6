import { HistoryEvent } from "../../proto/gen/history.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf.ts";
import type { Effect, EncodedEvent, StepContext, StepRecord } from "./contract.ts";
import { toTimestamp } from "./duration.ts";
import { type EventAttributes, type EventExtras, eventTypeOf, isBufferable, isLate } from "./event.ts";
import { applyEvent, foldEvent } from "./fold.ts";
import { foldOperation } from "./fold-operation.ts";
import type { Op, PlacedOp } from "./operation.ts";
import { BUFFERED_EVENT_ID, type ExecutionState } from "./state.ts";
import { skippedMs } from "./time-skipping/skipping-state.ts";
import { withStartedEventIds } from "./started-event.ts";
import { withTypedSearchAttributes } from "./typed-attributes.ts";

/** Task ids only have to grow. The service's begin about here. */
const TASK_ID_BASE = 1_048_576;

/**
 * One step under construction: makes events and operations and folds each into the live state at once.
 *
 * An event that may not come between those of a workflow task waits: at the end of the step it goes into history, or, if
 * a workflow task is started then, into the state's buffer. What it does to the state, it does at once either way.
 */
export class Transition {
  readonly state: ExecutionState;
  readonly context: StepContext;
  readonly effects: Effect[] = [];
  /** As they were before the step. */
  readonly callbacksBefore: ExecutionState["callbacks"];
  readonly #firstEventId: number;
  readonly #wasRunning: boolean;
  #timeMs: number;
  #time: Timestamp;
  readonly #events: EncodedEvent[] = [];
  readonly #ops: PlacedOp[] = [];
  #waiting: HistoryEvent[] = [];

  constructor(state: ExecutionState, context: StepContext) {
    this.state = state;
    this.context = context;
    this.callbacksBefore = state.callbacks;
    this.#firstEventId = state.nextEventId;
    this.#wasRunning = state.phase === "running";
    this.#timeMs = this.nowMs;
    this.#time = toTimestamp(this.#timeMs);
  }

  /** The run's own time; milliseconds since the epoch. */
  get nowMs(): number {
    return this.context.nowMs + skippedMs(this.state);
  }

  /** Events made so far, waiting ones not counted. */
  get eventCount(): number {
    return this.#events.length;
  }

  /** Whether anything has happened at all. */
  get isEmpty(): boolean {
    return this.#events.length === 0 && this.#ops.length === 0 && this.#waiting.length === 0;
  }

  /** Whether the run has closed in this step. */
  get hasClosed(): boolean {
    return this.state.phase === "closed" && this.#wasRunning;
  }

  /** Whether events wait to go into history. */
  get hasBuffered(): boolean {
    return this.#waiting.length > 0 || this.state.buffered.length > 0;
  }

  /** Events that wait for the end of the step, oldest first. */
  get waiting(): readonly HistoryEvent[] {
    return this.#waiting;
  }

  /** Makes an event. Its id is that of the buffer while it has to wait. */
  add(attributes: EventAttributes, extras: EventExtras = {}): HistoryEvent {
    const waits = isBufferable(attributes.case);
    const typed = withTypedSearchAttributes(attributes, this.context.typedSearchAttributes);
    const event = this.#event(typed, extras, waits ? BUFFERED_EVENT_ID : this.state.nextEventId);
    if (waits) {
      applyEvent(this.state, event);
      this.#waiting.push(event);
    } else this.#append(event, false);
    return event;
  }

  #event(attributes: EventAttributes, extras: EventExtras, eventId: number): HistoryEvent {
    return {
      eventId,
      eventTime: extras.atMs === undefined ? this.#now() : toTimestamp(extras.atMs),
      eventType: eventTypeOf(attributes),
      version: 0,
      taskId: eventId > 0 ? TASK_ID_BASE + eventId : 0,
      workerMayIgnore: extras.workerMayIgnore ?? false,
      userMetadata: extras.userMetadata,
      links: extras.links ?? [],
      principal: undefined,
      eventGroupMarkers: extras.eventGroupMarkers ?? [],
      attributes,
    };
  }

  // Made once for all events of a step, since nearly always they share it.
  #now(): Timestamp {
    const { nowMs } = this;
    if (nowMs !== this.#timeMs) {
      this.#timeMs = nowMs;
      this.#time = toTimestamp(nowMs);
    }
    return this.#time;
  }

  #append(event: HistoryEvent, applied: boolean): void {
    const bytes = HistoryEvent.encode(event);
    foldEvent(this.state, event, bytes.length, applied);
    this.#events.push({ event, bytes });
  }

  /** Takes over an event of another run as it is. */
  takeOver(encoded: EncodedEvent): void {
    foldEvent(this.state, encoded.event, encoded.bytes.length, false);
    this.#events.push(encoded);
  }

  /** Makes an operation. */
  do(op: Exclude<Op, { op: "buffer" }>): void {
    this.#ops.push({ at: this.#events.length, ...op });
    foldOperation(this.state, op);
  }

  /** Asks the engine for something. */
  effect(effect: Effect): void {
    this.effects.push(effect);
  }

  /** Moves everything that waits into history: what begins something first, then what ends something. */
  flush(): void {
    const before = new Set(this.state.buffered.map(({ event }) => event));
    const all = [...before, ...this.#waiting];
    this.#waiting = [];
    if (all.length === 0 || this.state.phase === "closed") return;
    const ordered = [...all.filter((event) => !isLateEvent(event)), ...all.filter(isLateEvent)];
    if (before.size > 0) {
      this.do({
        op: "flush",
        folded: ordered.flatMap((event, place) => (before.has(event) ? [place] : [])),
      });
    }
    const firstId = this.state.nextEventId;
    const numbered = ordered.map((event, place) => ({
      ...event,
      eventId: firstId + place,
      taskId: TASK_ID_BASE + firstId + place,
    }));
    for (const event of withStartedEventIds(numbered)) this.#append(event, true);
  }

  /** Ends the step: what still waits goes into history, or into the buffer of the started workflow task. */
  finish(): StepRecord {
    if (this.state.phase === "running" && this.state.workflowTask?.phase === "started") this.setAside();
    else this.flush();
    const record = { firstEventId: this.#firstEventId, events: this.#events, ops: this.#ops };
    if (this.#events.length > 0 || this.#ops.length > 0) this.state.stateTransitionCount++;
    return record;
  }

  /** Puts what waits into the state's buffer. Of a run that closes in the same step, it never goes into history. */
  setAside(): void {
    for (const event of this.#waiting) {
      const bytes = HistoryEvent.encode({ ...event, eventId: 0 });
      this.#ops.push({ op: "buffer", event: bytes, at: this.#events.length });
      this.state.buffered.push({ event, sizeBytes: bytes.length });
    }
    this.#waiting = [];
  }
}

function isLateEvent({ attributes }: HistoryEvent): boolean {
  return attributes !== undefined && isLate(attributes.case);
}
