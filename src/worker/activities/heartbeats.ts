import type { CancelTimer, Clock } from "../../core/time/clock.ts";
import type { Payload } from "../../proto/gen/common.ts";

/** What {@link Heartbeats} need. */
export interface HeartbeatsOptions {
  /** Least time between two heartbeats that are sent. */
  readonly intervalMs: number;
  readonly clock: Clock;
  /** Sends one heartbeat. Must not reject. */
  send(details: readonly Payload[]): Promise<void>;
}

/**
 * The heartbeats of one attempt of an activity.
 *
 * The first is sent at once, of later ones only the latest after each interval.
 */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  #latest: readonly Payload[] | undefined;
  #sending: Promise<void> | undefined;
  #cancelTimer: CancelTimer | undefined;
  #isClosed = false;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  /** Notes the latest details and sends them as soon as the interval allows. */
  record(details: readonly Payload[]): void {
    if (this.#isClosed) return;
    this.#latest = details;
    if (this.#sending === undefined && this.#cancelTimer === undefined) this.#send();
  }

  /** Ends the heartbeats: waits for one on its way, then sends the latest details if they are to be kept. */
  async close(options: { readonly flush: boolean }): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    await this.#sending;
    if (options.flush && this.#latest !== undefined) await this.#options.send(this.#latest);
  }

  #send(): void {
    const details = this.#latest;
    if (details === undefined) return;
    this.#latest = undefined;
    const { clock, intervalMs } = this.#options;
    const nextMs = clock.now() + intervalMs;
    this.#sending = this.#options.send(details).then(() => {
      this.#sending = undefined;
      if (this.#isClosed) return;
      // No later than an interval from now, should the clock have been set back meanwhile.
      this.#cancelTimer = clock.schedule(Math.min(nextMs, clock.now() + intervalMs), () => {
        this.#cancelTimer = undefined;
        this.#send();
      });
    });
  }
}

/** Limits that a worker sets on how often heartbeats are sent. */
export interface HeartbeatThrottle {
  readonly defaultIntervalMs: number;
  readonly maxIntervalMs: number;
}

/** Share of the heartbeat timeout after which the next heartbeat is sent. */
const TIMEOUT_SHARE = 0.8;

/** Least time between heartbeats of an activity with this heartbeat timeout, if it has one. */
export function heartbeatIntervalMs(timeoutMs: number | undefined, throttle: HeartbeatThrottle): number {
  const wantedMs = timeoutMs === undefined || timeoutMs === 0 ? throttle.defaultIntervalMs : timeoutMs * TIMEOUT_SHARE;
  return Math.min(wantedMs, throttle.maxIntervalMs);
}
