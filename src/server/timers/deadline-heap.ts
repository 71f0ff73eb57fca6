import type { CancelTimer, Clock } from "../../core/time/clock.ts";

/** Called when a key's deadline has come; the key has no deadline any more. */
export type OnDue = (key: number) => void;

/**
 * One deadline per key, and one timer of the clock for all of them.
 *
 * Deadlines move much more often than they are reached (each workflow task sets and clears one), so the timer is only
 * moved forward: one that has become too early finds nothing due and is set again.
 */
export class DeadlineHeap {
  readonly #clock: Clock;
  readonly #onDue: OnDue;
  readonly #keys: number[] = [];
  readonly #deadlines = new Map<number, { atMs: number; index: number }>();
  #armedMs = Infinity;
  #cancelTimer: CancelTimer | undefined;

  constructor(clock: Clock, onDue: OnDue) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Earliest deadline; `undefined` when there is none. */
  get nextMs(): number | undefined {
    const key = this.#keys[0];
    return key === undefined ? undefined : this.#atMs(key);
  }

  /** Sets, moves or, with `undefined`, clears a key's deadline. */
  set(key: number, atMs: number | undefined): void {
    const entry = this.#deadlines.get(key);
    if (atMs === undefined) {
      if (entry !== undefined) this.#remove(key, entry.index);
      return;
    }
    if (entry === undefined) {
      this.#deadlines.set(key, { atMs, index: this.#keys.length });
      this.#keys.push(key);
      this.#up(this.#keys.length - 1);
    } else if (entry.atMs !== atMs) {
      const earlier = atMs < entry.atMs;
      entry.atMs = atMs;
      if (earlier) this.#up(entry.index);
      else this.#down(entry.index);
    }
    this.#arm();
  }

  /** Forgets all deadlines and stops the timer. */
  close(): void {
    this.#keys.length = 0;
    this.#deadlines.clear();
    this.#disarm();
  }

  #arm(): void {
    const { nextMs } = this;
    if (nextMs === undefined || nextMs >= this.#armedMs) return;
    this.#disarm();
    this.#armedMs = nextMs;
    this.#cancelTimer = this.#clock.schedule(nextMs, () => this.#fire());
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#armedMs = Infinity;
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    this.#armedMs = Infinity;
    const nowMs = this.#clock.now();
    const due: number[] = [];
    for (let key = this.#keys[0]; key !== undefined && this.#atMs(key) <= nowMs; key = this.#keys[0]) {
      this.#remove(key, 0);
      due.push(key);
    }
    // Taken out first, so that a key which sets a deadline in the past anew waits for the next turn.
    for (const key of due) this.#onDue(key);
    this.#arm();
  }

  #remove(key: number, index: number): void {
    this.#deadlines.delete(key);
    const last = this.#keys.pop();
    if (last === undefined || index === this.#keys.length) return;
    this.#place(last, index);
    this.#up(index);
    this.#down(this.#entry(last).index);
  }

  #up(from: number): void {
    let index = from;
    const key = this.#key(index);
    const atMs = this.#atMs(key);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentKey = this.#key(parent);
      if (this.#atMs(parentKey) <= atMs) break;
      this.#place(parentKey, index);
      index = parent;
    }
    this.#place(key, index);
  }

  #down(from: number): void {
    let index = from;
    const key = this.#key(index);
    const atMs = this.#atMs(key);
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.#keys.length) break;
      if (child + 1 < this.#keys.length && this.#atMs(this.#key(child + 1)) < this.#atMs(this.#key(child))) child += 1;
      if (this.#atMs(this.#key(child)) >= atMs) break;
      this.#place(this.#key(child), index);
      index = child;
    }
    this.#place(key, index);
  }

  #place(key: number, index: number): void {
    this.#keys[index] = key;
    this.#entry(key).index = index;
  }

  #key(index: number): number {
    const key = this.#keys[index];
    if (key === undefined) throw new Error(`Cannot read deadline heap at ${index}: it holds ${this.#keys.length}`);
    return key;
  }

  #entry(key: number): { atMs: number; index: number } {
    const entry = this.#deadlines.get(key);
    if (entry === undefined) throw new Error(`Cannot read deadline of ${key}: it has none`);
    return entry;
  }

  #atMs(key: number): number {
    return this.#entry(key).atMs;
  }
}
