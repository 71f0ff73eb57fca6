import { TemporalError } from "../errors.ts";

/** Why a run refused a request, in gRPC's words. */
export type ExecutionErrorStatus =
  | "NOT_FOUND"
  | "INVALID_ARGUMENT"
  | "FAILED_PRECONDITION"
  | "ALREADY_EXISTS"
  | "RESOURCE_EXHAUSTED";

/** A run refused a request. Its message is the one the Temporal Service gives, because SDKs and users match on it. */
export class ExecutionError extends TemporalError {
  static override readonly code: string = "TEMPORAL_EXECUTION";
  override readonly name = "ExecutionError";
  readonly status: ExecutionErrorStatus;

  constructor(status: ExecutionErrorStatus, message: string) {
    super(message);
    this.status = status;
  }
}

/** Nothing that the request names is there any more. */
export function notFound(message: string): ExecutionError {
  return new ExecutionError("NOT_FOUND", message);
}

/** The request itself is wrong. */
export function invalidArgument(message: string): ExecutionError {
  return new ExecutionError("INVALID_ARGUMENT", message);
}
