import { TemporalError } from "../core/errors.ts";

/** A flag or argument of the command line cannot be used. */
export class UsageError extends TemporalError {
  static override readonly code: string = "TEMPORAL_USAGE";
  override readonly name = "UsageError";
}
