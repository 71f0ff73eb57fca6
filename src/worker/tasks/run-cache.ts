/** Something held for a run that may be let go of. */
export interface Evictable {
  /** A run at work stays. */
  readonly isBusy: boolean;
}

/** Runs kept between tasks; the one least recently used goes first. */
export class RunCache<Run extends Evictable> {
  readonly #runsMax: number;
  readonly #evict: (runId: string, run: Run) => void;
  // A map keeps its keys in the order in which they were set: the oldest use comes first.
  readonly #runs = new Map<string, Run>();

  constructor(runsMax: number, evict: (runId: string, run: Run) => void) {
    this.#runsMax = runsMax;
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
  }

  /** Lets go of one run, if it is held and is still this one. */
  remove(runId: string, run: Run | undefined = this.#runs.get(runId)): void {
    if (run === undefined || this.#runs.get(runId) !== run) return;
    this.#runs.delete(runId);
    this.#evict(runId, run);
  }

  /** Lets go of idle runs until no more are held than may be. */
  trim(): void {
    if (this.#runs.size <= this.#runsMax) return;
    for (const [runId, run] of this.#runs) {
      if (this.#runs.size <= this.#runsMax) return;
      if (!run.isBusy) this.remove(runId, run);
    }
  }

  /** Lets go of all runs. */
  clear(): void {
    for (const [runId, run] of this.#runs) this.remove(runId, run);
  }
}
