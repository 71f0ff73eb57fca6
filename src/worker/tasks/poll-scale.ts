import type { Clock } from "../../core/time/clock.ts";
import { pollerLimits, type PollerBehavior, type PollerLimits } from "./poller-behavior.ts";

/** Length of the periods whose throughput is compared before more polls are allowed. */
const PERIOD_MS = 100;
/** Growth from period to period that shows that more polls help. */
const GROWTH = 1.1;

/**
 * Bounds the open polls of one kind and moves the bound as the service suggests.
 *
 * A suggestion to poll less is always followed; one to poll more only while more polls bring more tasks.
 */
export class PollScale {
  readonly #limits: PollerLimits;
  readonly #isAutoscaling: boolean;
  readonly #clock: Clock;
  readonly #serviceScales: () => boolean;
  readonly #waiting = new Set<() => void>();
  #target: number;
  #active = 0;
  #sawDecision = false;
  #periodStartMs: number;
  #taskCount = 0;
  #lastTaskCount = 0;
  #mayGrow = true;

  /** @param serviceScales Whether the service is known to suggest numbers, though it may not have done so yet. */
  constructor(behavior: PollerBehavior, clock: Clock, serviceScales: () => boolean = () => false) {
    this.#serviceScales = serviceScales;
    this.#limits = pollerLimits(behavior);
    this.#isAutoscaling = behavior.kind === "autoscaling";
    this.#clock = clock;
    this.#target = this.#limits.initial;
    this.#periodStartMs = clock.now();
  }

  /** Polls open now. */
  get active(): number {
    return this.#active;
  }

  /** Waits until one more poll is allowed and counts it. Rejects when the signal aborts. */
  async enter(signal: AbortSignal): Promise<void> {
    while (this.#active >= this.#target) await this.changed(signal);
    this.#active++;
    this.#wake();
  }

  /** A poll that entered has ended. */
  leave(): void {
    this.#active--;
    this.#wake();
  }

  /** A poll was answered; `delta` is the number of polls that the service would have more or less. */
  answered(isEmpty: boolean, delta: number | undefined): void {
    if (!this.#isAutoscaling) return;
    this.#turnPeriod();
    if (!isEmpty) this.#taskCount++;
    if (delta === undefined) {
      // Without any decision ever seen nothing would bring the number up again.
      if (isEmpty && this.#mayShrink()) this.#move(-1);
      return;
    }
    this.#sawDecision = true;
    if (delta < 0 || this.#mayGrow) this.#move(delta);
  }

  /** A poll failed. */
  failed(isExhausted: boolean): void {
    if (!this.#isAutoscaling || !this.#mayShrink()) return;
    this.#move(isExhausted ? Math.floor(this.#target / 2) - this.#target : -1);
  }

  #mayShrink(): boolean {
    return this.#sawDecision || this.#serviceScales();
  }

  #move(delta: number): void {
    const { minimum, maximum } = this.#limits;
    this.#target = Math.min(maximum, Math.max(minimum, this.#target + delta));
    this.#wake();
  }

  #turnPeriod(): void {
    const nowMs = this.#clock.now();
    if (Math.abs(nowMs - this.#periodStartMs) < PERIOD_MS) return;
    this.#mayGrow = this.#taskCount >= Math.floor(this.#lastTaskCount * GROWTH);
    this.#lastTaskCount = this.#taskCount;
    this.#taskCount = 0;
    this.#periodStartMs = nowMs;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Waits until a poll begins or ends or the bound moves. Rejects when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const abort = (): void => {
        this.#waiting.delete(wake);
        reject(signal.reason as Error);
      };
      const wake = (): void => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}
