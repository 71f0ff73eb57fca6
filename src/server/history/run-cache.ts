import type { RunKey } from "../store/store.ts";
import type { Run } from "./run.ts";

/** Live runs, the one used longest ago first out. */
export class RunCache {
  readonly #runs = new Map<RunKey, Run>();
  readonly #runsMax: number;

  constructor(runsMax: number) {
    this.#runsMax = runsMax;
  }

  get(key: RunKey): Run | undefined {
    const run = this.#runs.get(key);
    if (run === undefined) return undefined;
    // Reinsertion keeps the map ordered by last use.
    this.#runs.delete(key);
    this.#runs.set(key, run);
    return run;
  }

  add(run: Run): void {
    this.#runs.set(run.key, run);
  }

  drop(key: RunKey): void {
    this.#runs.delete(key);
  }

  /** Takes out the runs beyond the limit. */
  takeSurplus(): readonly Run[] {
    const surplus: Run[] = [];
    for (const [key, run] of this.#runs) {
      if (this.#runs.size <= this.#runsMax) break;
      this.#runs.delete(key);
      surplus.push(run);
    }
    return surplus;
  }

  values(): IterableIterator<Run> {
    return this.#runs.values();
  }
}
