// Pollers not seen for this long are no longer told of, as the service has it.
const POLLER_REMEMBERED_MS = 5 * 60_000;
const POLLERS_MAX = 1_000;

/** A worker that polled a task queue lately. */
export interface PollerInfo {
  readonly identity: string;
  /** Milliseconds since the epoch. */
  readonly lastAccessMs: number;
  /** Tasks a second the poller asked for at most; `undefined` without a limit. */
  readonly ratePerSecond: number | undefined;
  /** Encoded `WorkerDeploymentOptions` of the poller. */
  readonly deploymentOptions: Uint8Array | undefined;
  /** Encoded `WorkerVersionCapabilities` of the poller. */
  readonly versionCapabilities?: Uint8Array | undefined;
}

/** Who polled a queue lately, by identity. */
export class PollerLog {
  readonly #pollers = new Map<string, PollerInfo>();
  #lastAccessMs = -Infinity;

  /** When anyone polled last; `-Infinity` if nobody has. */
  get lastAccessMs(): number {
    return this.#lastAccessMs;
  }

  /** Pollers known, whether or not they have polled lately. */
  get size(): number {
    return this.#pollers.size;
  }

  record(poller: PollerInfo): void {
    this.#lastAccessMs = poller.lastAccessMs;
    // Reinsertion keeps the map ordered by last access, so the first is the one to forget.
    this.#pollers.delete(poller.identity);
    this.#pollers.set(poller.identity, poller);
    if (this.#pollers.size <= POLLERS_MAX) return;
    for (const identity of this.#pollers.keys()) {
      this.#pollers.delete(identity);
      break;
    }
  }

  /** Forgets one poller: it has said that it will not come back. */
  remove(identity: string): void {
    this.#pollers.delete(identity);
  }

  forget(): void {
    this.#pollers.clear();
    this.#lastAccessMs = -Infinity;
  }

  /** Pollers still remembered, the latest first. */
  recent(nowMs: number): readonly PollerInfo[] {
    const recent: PollerInfo[] = [];
    for (const poller of this.#pollers.values()) {
      if (nowMs - poller.lastAccessMs <= POLLER_REMEMBERED_MS) recent.push(poller);
    }
    return recent.reverse();
  }
}
