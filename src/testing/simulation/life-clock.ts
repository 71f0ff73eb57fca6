import type { CancelTimer, Clock } from "../../core/time/clock.ts";

/** The clock of something that may die: after that its timers never fire. */
export class LifeClock implements Clock {
  readonly #clock: Clock;
  readonly #cancels = new Set<CancelTimer>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  schedule(atMs: number, fire: () => void): CancelTimer {
    if (this.#isOver) return () => undefined;
    const stop = this.#clock.schedule(atMs, () => {
      this.#cancels.delete(cancel);
      fire();
    });
    const cancel = (): void => {
      this.#cancels.delete(cancel);
      stop();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  /** Ends it. */
  end(): void {
    this.#isOver = true;
    for (const cancel of this.#cancels) cancel();
  }
}
