/** Something held for a run that may be let go of. */
export interface Evictable {
  /** A run at work stays. */
  readonly isBusy: boolean;
  /** So does one whose local activities would be lost with it. */
  readonly hasLocalActivities: boolean;
  /** About how much memory it takes. */
  readonly bytes: number;
}

/** Bounds of a {@link RunCache}. */
export interface RunCacheLimits {
  readonly runsMax: number;
  /** Of all runs together, by their own estimates. */
  readonly bytesMax: number;
}

/** Runs kept between tasks; the one least recently used goes first. */
export class RunCache<Run extends Evictable> {
  readonly #limits: RunCacheLimits;
  readonly #evict: (runId: string, run: Run) => void;
  // A map keeps its keys in the order in which they were set: the oldest use comes first.
  readonly #runs = new Map<string, Run>();
  #bytes = 0;

  constructor(limits: RunCacheLimits, evict: (runId: string, run: Run) => void) {
    this.#limits = limits;
    this.#evict = evict;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** The run, which now counts as used. */
  get(runId: string): Run | undefined {
    const run = this.#runs.get(runId);
    if (run === undefined) return undefined;
    this.#runs.delete(runId);
    this.#runs.set(runId, run);
    return run;
  }

  add(runId: string, run: Run): void {
    this.#runs.set(runId, run);
    this.#bytes += run.bytes;
  }

  /** Notes that a run takes so much more; call it with what was added to its own estimate. */
  grew(runId: string, run: Run, bytes: number): void {
    if (this.#runs.get(runId) === run) this.#bytes += bytes;
  }

  /** Lets go of one run, if it is held and is still this one. */
  remove(runId: string, run: Run | undefined = this.#runs.get(runId)): void {
    if (run === undefined || this.#runs.get(runId) !== run) return;
    this.#runs.delete(runId);
    this.#bytes -= run.bytes;
    this.#evict(runId, run);
  }

  /** Lets go of idle runs until no more are held than may be. */
  trim(): void {
    if (this.#fits()) return;
    for (const [runId, run] of this.#runs) {
      if (this.#fits()) return;
      if (!run.isBusy && !run.hasLocalActivities) this.remove(runId, run);
    }
  }

  #fits(): boolean {
    return this.#runs.size <= this.#limits.runsMax && this.#bytes <= this.#limits.bytesMax;
  }

  /** Lets go of all runs. */
  clear(): void {
    for (const [runId, run] of this.#runs) this.remove(runId, run);
  }
}
