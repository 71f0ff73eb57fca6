import { TemporalError } from "../../core/errors.ts";

/** The engine has stopped: after a failed write memory is ahead of the disk, and only a restart puts that right. */
export class EngineFailedError extends TemporalError {
  static override readonly code: string = "TEMPORAL_ENGINE_FAILED";
  override readonly name = "EngineFailedError";
}
