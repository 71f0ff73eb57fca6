const RATE_WINDOW_MS = 30_000;
const RATE_SLOTS = 30;

/** Events a second, averaged over the last half minute. */
export class RateMeter {
  readonly #slots = new Uint32Array(RATE_SLOTS);
  #slot = 0;
  #startMs: number;

  constructor(nowMs: number) {
    this.#startMs = nowMs;
    this.#slot = Math.floor(nowMs / (RATE_WINDOW_MS / RATE_SLOTS));
  }

  count(nowMs: number): void {
    this.#advance(nowMs);
    const index = this.#slot % RATE_SLOTS;
    this.#slots[index] = (this.#slots[index] ?? 0) + 1;
  }

  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    const total = this.#slots.reduce((sum, count) => sum + count, 0);
    const spanMs = Math.min(RATE_WINDOW_MS, Math.max(1_000, nowMs - this.#startMs));
    return (total * 1_000) / spanMs;
  }

  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / (RATE_WINDOW_MS / RATE_SLOTS));
    const passed = slot - this.#slot;
    if (passed <= 0) return;
    for (let offset = 1; offset <= Math.min(passed, RATE_SLOTS); offset++) {
      this.#slots[(this.#slot + offset) % RATE_SLOTS] = 0;
    }
    this.#slot = slot;
  }
}

/** Lets at most so many tasks a second pass, with a burst of one second's worth and at least one. */
export class RateLimit {
  readonly perSecond: number;
  #tokens: number;
  #refilledMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.#tokens = Math.max(1, Math.floor(perSecond));
    this.#refilledMs = nowMs;
  }

  /** Takes a token if there is one. */
  take(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next token is there, in milliseconds since the epoch; `Infinity` when nothing may pass at all. */
  nextMs(nowMs: number): number {
    this.#refill(nowMs);
    return this.#tokens >= 1 ? nowMs : nowMs + ((1 - this.#tokens) * 1_000) / this.perSecond;
  }

  #refill(nowMs: number): void {
    // Where the clock was set back, time counts from there.
    if (nowMs < this.#refilledMs) this.#refilledMs = nowMs;
    const gained = ((nowMs - this.#refilledMs) * this.perSecond) / 1_000;
    if (gained <= 0) return;
    this.#tokens = Math.min(Math.max(1, Math.floor(this.perSecond)), this.#tokens + gained);
    this.#refilledMs = nowMs;
  }
}
