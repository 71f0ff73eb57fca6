import { TemporalError } from "../core/errors.ts";

/** A worker in a function service cannot be started as it is configured. */
export class LambdaWorkerError extends TemporalError {
  static override readonly code: string = "TEMPORAL_LAMBDA_WORKER";
  override readonly name = "LambdaWorkerError";
}
