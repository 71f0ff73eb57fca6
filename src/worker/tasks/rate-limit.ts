import type { Clock } from "../../core/time/clock.ts";
import { sleep } from "./waiting.ts";

/** Spaces out what it is asked for, one after the other, so that no more than a number happen in a second. */
export class RateLimit {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #nextMs: number;

  constructor(perSecond: number, clock: Clock) {
    this.#intervalMs = 1_000 / perSecond;
    this.#clock = clock;
    this.#nextMs = clock.now();
  }

  /** Waits for the next turn. Rejects when the signal aborts. */
  wait(signal: AbortSignal): Promise<void> | undefined {
    const nowMs = this.#clock.now();
    // A turn is never further away than that, unless the clock was set back.
    const atMs = Math.min(Math.max(this.#nextMs, nowMs), nowMs + this.#intervalMs);
    this.#nextMs = atMs + this.#intervalMs;
    return atMs <= nowMs ? undefined : sleep(this.#clock, atMs - nowMs, signal);
  }
}
