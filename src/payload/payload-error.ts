import { TemporalError } from "../core/errors.ts";

/** A value cannot be made into a payload, or a payload into a value. */
export class PayloadConversionError extends TemporalError {
  static override readonly code: string = "TEMPORAL_PAYLOAD_CONVERSION";
  override readonly name = "PayloadConversionError";
}
