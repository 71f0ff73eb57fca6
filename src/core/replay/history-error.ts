import { TemporalError } from "../errors.ts";

/** A history or a workflow task that cannot be applied whatever the code does: malformed, with a gap, or from a newer server. */
export class HistoryError extends TemporalError {
  static override readonly code: string = "TEMPORAL_HISTORY";
  override readonly name = "HistoryError";
}
