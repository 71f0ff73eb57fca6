import type { CancelTimer, Clock } from "../../core/time/clock.ts";

/** So many failures in a row, and one more, open a breaker. */
const FAILURES_MAX = 5;
/** After this time one request is let through to see whether the destination is back. */
const OPEN_MS = 60_000;
/** Destinations that are remembered; healthy ones are forgotten first. */
const DESTINATIONS_MAX = 10_000;

interface Breaker {
  failures: number;
  /** Zero while closed. */
  openUntilMs: number;
  probing: boolean;
  readonly waiting: Set<() => void>;
}

/** Hold back requests to destinations that have failed again and again. */
export class CircuitBreakers {
  readonly #clock: Clock;
  readonly #breakers = new Map<string, Breaker>();
  readonly #timers = new Set<CancelTimer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether requests to the destination are held back. */
  isOpen(destination: string): boolean {
    return (this.#breakers.get(destination)?.openUntilMs ?? 0) > 0;
  }

  /** Waits until a request may be made. Its outcome must be reported. */
  async enter(destination: string): Promise<void> {
    for (;;) {
      const breaker = this.#breakers.get(destination);
      if (breaker === undefined || breaker.openUntilMs === 0) return;
      const leftMs = breaker.openUntilMs - this.#clock.now();
      if (leftMs <= 0 && !breaker.probing) {
        breaker.probing = true;
        return;
      }
      await this.#wait(breaker);
    }
  }

  /** Tells how a request went: whether the destination seems to be down. */
  report(destination: string, down: boolean): void {
    const breaker = this.#breakers.get(destination);
    if (!down) {
      this.#breakers.delete(destination);
      if (breaker !== undefined) {
        breaker.openUntilMs = 0;
        wake(breaker);
      }
      return;
    }
    const failing = breaker ?? { failures: 0, openUntilMs: 0, probing: false, waiting: new Set() };
    failing.failures += 1;
    if (failing.probing || failing.failures > FAILURES_MAX) failing.openUntilMs = this.#clock.now() + OPEN_MS;
    failing.probing = false;
    this.#breakers.set(destination, failing);
    if (this.#breakers.size > DESTINATIONS_MAX) this.#forgetOne();
    wake(failing);
  }

  /** Gives up waiting, as the server stops: what waits is asked again by the next one. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #wait(breaker: Breaker): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#timers.delete(cancel);
        breaker.waiting.delete(done);
        resolve();
      };
      const cancel = this.#clock.schedule(breaker.openUntilMs, done);
      this.#timers.add(cancel);
      breaker.waiting.add(done);
    });
  }

  #forgetOne(): void {
    for (const [destination, { openUntilMs }] of this.#breakers) {
      if (openUntilMs > 0) continue;
      this.#breakers.delete(destination);
      return;
    }
  }
}

function wake({ waiting }: Breaker): void {
  for (const done of [...waiting]) done();
}
