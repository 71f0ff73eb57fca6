import type { CancelTimer, Clock } from "../../core/time/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
  cancel: CancelTimer;
}

/** A clock that goes on as the host's does, and may be put forward. What becomes due by that fires as soon as possible. */
export class SkippingClock implements Clock {
  /**
   * Shows the same time, but measures waits as they began: putting the clock forward does not end them.
   *
   * It is for long polls, which wait for the world and not for a date.
   */
  readonly waits: Clock;
  readonly #host: Clock;
  readonly #timers = new Set<Timer>();
  #aheadMs: number;

  /** @param aheadMs How far it is ahead of the host's clock at first; behind it if that is negative. */
  constructor(host: Clock, aheadMs = 0) {
    this.#host = host;
    this.#aheadMs = aheadMs;
    this.waits = {
      now: () => this.now(),
      schedule: (atMs, fire) => host.schedule(host.now() + (atMs - this.now()), fire),
    };
  }

  now(): number {
    return this.#host.now() + this.#aheadMs;
  }

  schedule(atMs: number, fire: () => void): CancelTimer {
    const timer: Timer = { atMs, fire, cancel: () => undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }

  /** Puts the clock forward to an instant, in milliseconds since the epoch. Never back. */
  skipTo(atMs: number): void {
    const skippedMs = atMs - this.now();
    if (skippedMs <= 0) return;
    this.#aheadMs += skippedMs;
    for (const timer of [...this.#timers].toSorted((a, b) => a.atMs - b.atMs)) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = this.#host.schedule(timer.atMs - this.#aheadMs, () => {
      this.#timers.delete(timer);
      timer.fire();
    });
  }
}
