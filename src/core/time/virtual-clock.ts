import type { CancelTimer, Clock } from "./clock.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that moves only when told, so that a test of a year takes milliseconds. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** @param nowMs Where the clock starts, in milliseconds since the epoch. */
  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  schedule(atMs: number, fire: () => void): CancelTimer {
    const timer: Timer = { atMs, order: this.#order++, fire };
    this.#timers.add(timer);
    if (atMs <= this.#nowMs) void Promise.resolve().then(() => this.#fire(timer));
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Time of the next timer; `undefined` when none is set. */
  get nextMs(): number | undefined {
    return this.#first()?.atMs;
  }

  /** Moves to an instant and fires, in order, all timers due on the way; each sees its own time. Never moves back. */
  advanceTo(atMs: number): void {
    for (let timer = this.#first(); timer !== undefined && timer.atMs <= atMs; timer = this.#first()) {
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      this.#fire(timer);
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Moves on by some milliseconds. */
  advanceBy(durationMs: number): void {
    this.advanceTo(this.#nowMs + durationMs);
  }

  /** Moves to the next timer and fires it and all that are due with it; `false` when no timer is set. */
  advanceToNext(): boolean {
    const { nextMs } = this;
    if (nextMs === undefined) return false;
    this.advanceTo(nextMs);
    return true;
  }

  #fire(timer: Timer): void {
    if (this.#timers.delete(timer)) timer.fire();
  }

  // Tests set few timers: a scan is simpler than a heap, and fast enough for thousands.
  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}
