import type { Failure } from "../../../proto/gen/failure.ts";
import type { NexusOperationScheduledEventAttributes } from "../../../proto/gen/history.ts";
import type { NexusCancelPhase, NexusOperationPhase } from "./machine.ts";

/** Attempts of a request to a Nexus endpoint. */
export interface NexusAttempts {
  /** Attempts that have come to an end. */
  readonly attempt: number;
  readonly lastAttemptCompleteMs: number | undefined;
  readonly lastFailure: Failure | undefined;
  /** While backing off. */
  readonly nextAttemptMs: number | undefined;
}

/** The first attempt has not ended yet. */
export const NO_ATTEMPTS: NexusAttempts = {
  attempt: 0,
  lastAttemptCompleteMs: undefined,
  lastFailure: undefined,
  nextAttemptMs: undefined,
};

/** A Nexus operation that has not ended. */
export interface NexusOperationState extends NexusAttempts {
  readonly phase: Exclude<NexusOperationPhase, "absent">;
  readonly scheduledEventId: number;
  readonly scheduled: NexusOperationScheduledEventAttributes;
  readonly scheduledMs: number;
  readonly startedMs: number | undefined;
  /** Empty until started. */
  readonly operationToken: string;
  readonly cancel: NexusCancelState | undefined;
}

/** The workflow's request to cancel a Nexus operation. */
export interface NexusCancelState extends NexusAttempts {
  readonly phase: Exclude<NexusCancelPhase, "absent">;
  readonly requestedEventId: number;
  /** When it could first be sent; undefined while the operation has not started. */
  readonly requestedMs: number | undefined;
}
