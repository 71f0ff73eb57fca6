import type { RetryPolicy as RetryPolicyMessage } from "../../proto/gen/common.ts";
import { TemporalError } from "../errors.ts";
import { fromMs, toMs } from "../replay/proto-time.ts";
import { type Duration, toDurationMs } from "../time/duration.ts";

/** How workflows and activities are tried again after they fail. */
export interface RetryPolicy {
  /** Wait before the first retry. @default "1s" */
  readonly initialInterval?: Duration | undefined;
  /** Factor from one wait to the next, at least 1. @default 2 */
  readonly backoffCoefficient?: number | undefined;
  /** Longest wait. @default 100 times the initial interval */
  readonly maximumInterval?: Duration | undefined;
  /** Attempts in all, the first one included; 0 means no limit. @default 0 */
  readonly maximumAttempts?: number | undefined;
  /** Types of errors after which there is no retry. @default none */
  readonly nonRetryableErrorTypes?: readonly string[] | undefined;
}

/** A retry policy that contradicts itself. */
export class RetryPolicyError extends TemporalError {
  static override readonly code: string = "TEMPORAL_RETRY_POLICY";
  override readonly name = "RetryPolicyError";
}

const INITIAL_INTERVAL_MS = 1000;
const BACKOFF_COEFFICIENT = 2;
/** Longest wait as a multiple of the first. */
const MAXIMUM_INTERVAL_FACTOR = 100;

/**
 * The policy as a message, defaults filled in.
 *
 * @throws {RetryPolicyError} If it contradicts itself.
 * @throws {DurationError} If an interval cannot be read.
 */
export function toRetryPolicyMessage(policy: RetryPolicy): RetryPolicyMessage {
  const initialMs = toDurationMs(policy.initialInterval ?? INITIAL_INTERVAL_MS);
  const maximumMs = toDurationMs(policy.maximumInterval ?? initialMs * MAXIMUM_INTERVAL_FACTOR);
  const backoffCoefficient = policy.backoffCoefficient ?? BACKOFF_COEFFICIENT;
  const maximumAttempts = policy.maximumAttempts ?? 0;
  if (!Number.isInteger(maximumAttempts) || maximumAttempts < 0) {
    throw new RetryPolicyError(
      `Cannot use retry policy: found maximumAttempts ${maximumAttempts}, expected a whole number from 0 up`,
    );
  }
  // With a single attempt nothing else matters.
  if (maximumAttempts !== 1) {
    if (!(backoffCoefficient >= 1))
      throw new RetryPolicyError(
        `Cannot use retry policy: found backoffCoefficient ${backoffCoefficient}, expected at least 1`,
      );
    if (maximumMs < initialMs) {
      throw new RetryPolicyError(
        `Cannot use retry policy: found maximumInterval ${maximumMs} ms, expected at least the initialInterval of ${initialMs} ms`,
      );
    }
  }
  return {
    initialInterval: fromMs(initialMs),
    backoffCoefficient,
    maximumInterval: fromMs(maximumMs),
    maximumAttempts,
    nonRetryableErrorTypes: [...(policy.nonRetryableErrorTypes ?? [])],
  };
}

/** The policy of a message; intervals in milliseconds. */
export function fromRetryPolicyMessage(message: RetryPolicyMessage): RetryPolicy {
  return {
    initialInterval: message.initialInterval === undefined ? undefined : toMs(message.initialInterval),
    backoffCoefficient: message.backoffCoefficient || undefined,
    maximumInterval: message.maximumInterval === undefined ? undefined : toMs(message.maximumInterval),
    maximumAttempts: message.maximumAttempts,
    nonRetryableErrorTypes: message.nonRetryableErrorTypes.length === 0 ? undefined : message.nonRetryableErrorTypes,
  };
}
