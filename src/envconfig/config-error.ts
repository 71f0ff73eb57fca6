import { TemporalError } from "../core/errors.ts";

/** A configuration of clients cannot be read, or says things that do not go together. */
export class ClientConfigError extends TemporalError {
  static override readonly code: string = "TEMPORAL_CLIENT_CONFIG";
  override readonly name = "ClientConfigError";
}
