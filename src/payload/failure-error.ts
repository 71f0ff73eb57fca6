import { TemporalError } from "../core/errors.ts";
import type { Duration } from "../core/time/duration.ts";
import { ApplicationErrorCategory, TimeoutType } from "../proto/gen/enums.ts";
import type { Failure } from "../proto/gen/failure.ts";

/**
 * Base of the failures that cross the wire: what went wrong in a workflow, an activity or the service.
 *
 * Thrown out of workflow code it fails the workflow; other errors only fail the workflow task, which is tried again.
 */
export class FailureError extends TemporalError {
  static override readonly code: string = "TEMPORAL_FAILURE";
  override readonly name: string = "FailureError";
  /** The failure this error was read from. Sent as it is if the error is thrown on. */
  declare failure: Failure | undefined;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // Not enumerable, so that printing an error does not print its payloads.
    Object.defineProperty(this, "failure", { value: undefined, writable: true, configurable: true });
  }
}

/** What an {@link ApplicationError} may carry. */
export interface ApplicationErrorOptions {
  /** What retry policies and callers tell errors apart by. */
  readonly type?: string | undefined;
  /** Values for whoever catches it. */
  readonly details?: readonly unknown[] | undefined;
  /** Whether retrying is pointless, whatever the retry policy says. @default false */
  readonly nonRetryable?: boolean | undefined;
  /** Takes the place of the retry policy's next interval. */
  readonly nextRetryDelay?: Duration | undefined;
  /** How it is logged and counted. @default unspecified */
  readonly category?: ApplicationErrorCategory | undefined;
  readonly cause?: unknown;
}

/** An error of the user's own code. */
export class ApplicationError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_APPLICATION";
  override readonly name: string = "ApplicationError";
  readonly type: string | undefined;
  readonly details: readonly unknown[];
  readonly nonRetryable: boolean;
  readonly nextRetryDelay: Duration | undefined;
  readonly category: ApplicationErrorCategory;

  constructor(message: string, options: ApplicationErrorOptions = {}) {
    super(message, causeOf(options));
    this.type = options.type;
    this.details = options.details ?? [];
    this.nonRetryable = options.nonRetryable ?? false;
    this.nextRetryDelay = options.nextRetryDelay;
    this.category = options.category ?? ApplicationErrorCategory.UNSPECIFIED;
  }
}

/** What errors with details may carry. */
export interface DetailedErrorOptions {
  readonly details?: readonly unknown[] | undefined;
  readonly cause?: unknown;
}

/** Something was cancelled. */
export class CancelledError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_CANCELLED";
  override readonly name: string = "CancelledError";
  readonly details: readonly unknown[];

  constructor(message = "Cancelled", options: DetailedErrorOptions = {}) {
    super(message, causeOf(options));
    this.details = options.details ?? [];
  }
}

/** A workflow was terminated. */
export class TerminatedError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_TERMINATED";
  override readonly name: string = "TerminatedError";
  readonly details: readonly unknown[];

  constructor(message = "Terminated", options: DetailedErrorOptions = {}) {
    super(message, causeOf(options));
    this.details = options.details ?? [];
  }
}

/** What a {@link TimeoutError} may carry. */
export interface TimeoutErrorOptions {
  /** Which timeout it was. @default unspecified, as for waits of workflow code */
  readonly type?: TimeoutType | undefined;
  readonly lastHeartbeatDetails?: readonly unknown[] | undefined;
  readonly cause?: unknown;
}

/** Time ran out. */
export class TimeoutError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_TIMEOUT";
  override readonly name: string = "TimeoutError";
  readonly type: TimeoutType;
  readonly lastHeartbeatDetails: readonly unknown[];

  constructor(message = "Timeout", options: TimeoutErrorOptions = {}) {
    super(message, causeOf(options));
    this.type = options.type ?? TimeoutType.UNSPECIFIED;
    this.lastHeartbeatDetails = options.lastHeartbeatDetails ?? [];
  }
}

/** What a {@link ServerError} may carry. */
export interface ServerErrorOptions {
  /** @default false */
  readonly nonRetryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** The service itself failed. */
export class ServerError extends FailureError {
  static override readonly code: string = "TEMPORAL_FAILURE_SERVER";
  override readonly name: string = "ServerError";
  readonly nonRetryable: boolean;

  constructor(message = "Server error", options: ServerErrorOptions = {}) {
    super(message, causeOf(options));
    this.nonRetryable = options.nonRetryable ?? false;
  }
}

/** Options for `Error`, which shows a cause only if it was given one. */
export function causeOf(options: { readonly cause?: unknown }): ErrorOptions | undefined {
  return options.cause === undefined ? undefined : { cause: options.cause };
}
