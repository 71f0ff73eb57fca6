import { TemporalError } from "../../core/errors.ts";

/** What went wrong in a simulation, and how to see it again. */
export interface SimulationFailure {
  /** Repeats the run. */
  readonly seed: number;
  /** Name of what does not hold; `undefined` if the scenario itself failed. */
  readonly invariant: string | undefined;
  /** Names of the fewest faults found that still lead there. */
  readonly faults: readonly string[];
}

/** A simulated run broke an invariant, or its scenario failed. The cause is the error that said so. */
export class SimulationError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SIMULATION";
  override readonly name: string = "SimulationError";
  readonly failure: SimulationFailure;

  constructor(failure: SimulationFailure, cause: unknown) {
    super(messageOf(failure, cause), { cause });
    this.failure = failure;
  }
}

/** A simulated scenario waits for what never comes. */
export class SimulationStuckError extends TemporalError {
  static override readonly code: string = "TEMPORAL_SIMULATION_STUCK";
  override readonly name = "SimulationStuckError";
}

function messageOf({ seed, invariant, faults }: SimulationFailure, cause: unknown): string {
  const what = invariant === undefined ? "scenario failed" : `invariant "${invariant}" does not hold`;
  const why = cause instanceof Error ? cause.message : String(cause);
  const list =
    faults.length === 0 ? [" without any fault"] : [" with these faults:", ...faults.map((name) => `  - ${name}`)];
  const again = `Run it again with seed: ${seed}, runs: 1, only: ${JSON.stringify(faults)}`;
  return `Simulation of seed ${seed}: ${what}: ${why};${list.join("\n")}\n${again}`;
}
