import { TimeoutError } from "./failure-error.ts";

/** A wait in workflow code took longer than it may. */
export class WaitTimeoutError extends TimeoutError {
  static override readonly code: string = "TEMPORAL_FAILURE_TIMEOUT_WAIT";
}
