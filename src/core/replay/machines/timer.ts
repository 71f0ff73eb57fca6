import { CommandType, EventType } from "../../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { type Machine, step, to } from "../../machine.ts";
import type { WorkflowCommand } from "../activation.ts";
import { newMismatch } from "../mismatch.ts";
import { fromMs } from "../proto-time.ts";
import { issue, type RunState, type CancellableTrack } from "../run-state.ts";

export type TimerState = "requested" | "started" | "cancelRequested" | "fired" | "canceled";
export type TimerInput = { readonly kind: "timerStarted" | "timerFired" | "timerCanceled" | "cancel" };
export type TimerOutput = "dropStart" | "sendCancel" | "fire";

/**
 * A workflow's view of one timer.
 *
 * Cancelling before the start command has been sent leaves no trace in history: both the command and the timer vanish.
 * Afterwards the server has to agree. The code cancels its own timers, so that no job tells it.
 */
export const timerMachine: Machine<TimerState, TimerInput, TimerOutput> = {
  name: "timer",
  table: {
    requested: {
      timerStarted: () => to("started"),
      cancel: () => to("canceled", "dropStart"),
    },
    started: {
      timerFired: () => to("fired", "fire"),
      cancel: () => to("cancelRequested", "sendCancel"),
    },
    cancelRequested: {
      timerCanceled: () => to("canceled"),
      cancel: () => to("cancelRequested"),
    },
    fired: { cancel: () => to("fired") },
    canceled: { cancel: () => to("canceled") },
  },
};

/** One timer of a run. */
export class TimerTrack implements CancellableTrack {
  readonly #timerId: string;
  readonly #seq: number;
  #state: TimerState = "requested";
  isDropped = false;

  constructor(seq: number) {
    this.#seq = seq;
    this.#timerId = String(seq);
  }

  /** Starts a timer. */
  static start(
    run: RunState,
    { seq, durationMs, userMetadata }: Extract<WorkflowCommand, { kind: "startTimer" }>,
  ): void {
    const track = new TimerTrack(seq);
    run.timers.set(seq, track);
    issue(run, {
      track,
      eventType: EventType.TIMER_STARTED,
      label: { kind: "startTimer", id: track.#timerId },
      command: {
        commandType: CommandType.START_TIMER,
        userMetadata,
        attributes: {
          case: "startTimerCommandAttributes",
          value: { timerId: track.#timerId, startToFireTimeout: fromMs(durationMs) },
        },
      },
    });
  }

  get isOpen(): boolean {
    return this.#state === "started" || this.#state === "cancelRequested";
  }

  cancel(run: RunState): void {
    this.#apply("cancel", run);
  }

  onEvent(event: HistoryEvent, run: RunState): void {
    switch (event.attributes?.case) {
      case "timerStartedEventAttributes":
        return this.#apply("timerStarted", run);
      case "timerFiredEventAttributes":
        this.#checkId(event.attributes.value.timerId, event);
        return this.#apply("timerFired", run);
      case "timerCanceledEventAttributes":
        this.#checkId(event.attributes.value.timerId, event);
        return this.#apply("timerCanceled", run);
      default:
        throw newMismatch(
          "illegalOrder",
          event,
          { kind: "startTimer", id: this.#timerId },
          "the event is none of a timer",
        );
    }
  }

  #checkId(timerId: string, event: HistoryEvent): void {
    if (timerId !== this.#timerId)
      throw newMismatch(
        "differentId",
        event,
        { kind: "startTimer", id: this.#timerId },
        `history has timer "${timerId}", the code started timer "${this.#timerId}"`,
      );
  }

  #apply(kind: TimerInput["kind"], run: RunState): void {
    const { state, outputs } = step(timerMachine, this.#state, { kind });
    this.#state = state;
    for (const output of outputs) {
      switch (output) {
        case "dropStart":
          this.isDropped = true;
          break;
        case "sendCancel":
          issue(run, {
            track: this,
            eventType: EventType.TIMER_CANCELED,
            label: { kind: "cancelTimer", id: this.#timerId },
            command: {
              commandType: CommandType.CANCEL_TIMER,
              attributes: { case: "cancelTimerCommandAttributes", value: { timerId: this.#timerId } },
            },
          });
          break;
        case "fire":
          run.jobs.push({ kind: "fireTimer", seq: this.#seq });
          break;
      }
    }
  }
}
