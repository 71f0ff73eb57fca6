import { TemporalError } from "../core/errors.ts";

/** Options given to a worker, a tuner or a replayer do not fit together. */
export class OptionsError extends TemporalError {
  static override readonly code: string = "TEMPORAL_OPTIONS";
  override readonly name = "OptionsError";
}

/** A method of a worker was called in a state that does not allow it. */
export class WorkerStateError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKER_STATE";
  override readonly name = "WorkerStateError";
}

/** A worker ended because of an error that trying again cannot mend; its cause says which. */
export class WorkerFailedError extends TemporalError {
  static override readonly code: string = "TEMPORAL_WORKER_FAILED";
  override readonly name = "WorkerFailedError";
}
