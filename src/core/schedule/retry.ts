import type { RetryPolicy } from "../../proto/gen/common.ts";
import { RetryState, TimeoutType, TimeoutType$names } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { durationMs, toDuration } from "../execution/duration.ts";

/** A retry policy with every default filled in. */
export interface RetryPolicyMs {
  readonly initialIntervalMs: number;
  readonly backoffCoefficient: number;
  /** Zero means no maximum. */
  readonly maximumIntervalMs: number;
  /** Zero means no limit. */
  readonly maximumAttempts: number;
  readonly nonRetryableErrorTypes: readonly string[];
}

/** Whether to try again, and if so after how long. */
export type RetryDecision =
  | { readonly retry: true; readonly delayMs: number }
  | { readonly retry: false; readonly state: RetryState };

const INITIAL_INTERVAL_MS = 1000;
const BACKOFF_COEFFICIENT = 2;
/** Maximum interval as a multiple of the initial one. */
const MAXIMUM_INTERVAL_FACTOR = 100;
/** Prefix of non-retryable error types that name a kind of timeout. */
const TIMEOUT_TYPE_PREFIX = "TemporalTimeout:";

/** Fills in what a policy leaves open, as the service does. */
export function withRetryDefaults(policy: RetryPolicy | undefined): RetryPolicy {
  const initialIntervalMs = durationMs(policy?.initialInterval) || INITIAL_INTERVAL_MS;
  const maximumIntervalMs = durationMs(policy?.maximumInterval) || initialIntervalMs * MAXIMUM_INTERVAL_FACTOR;
  return {
    initialInterval: toDuration(initialIntervalMs),
    backoffCoefficient: policy?.backoffCoefficient || BACKOFF_COEFFICIENT,
    maximumInterval: toDuration(maximumIntervalMs),
    maximumAttempts: policy?.maximumAttempts ?? 0,
    nonRetryableErrorTypes: policy?.nonRetryableErrorTypes ?? [],
  };
}

/** The numbers of a policy whose defaults are filled in. */
export function retryPolicyMs(policy: RetryPolicy): RetryPolicyMs {
  return {
    initialIntervalMs: durationMs(policy.initialInterval),
    backoffCoefficient: policy.backoffCoefficient,
    maximumIntervalMs: durationMs(policy.maximumInterval),
    maximumAttempts: policy.maximumAttempts,
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes,
  };
}

/** Why a policy (defaults filled in) is not valid, in the service's words; undefined if it is. */
export function retryPolicyFault(policy: RetryPolicy): string | undefined {
  if (policy.maximumAttempts === 1) return undefined;
  const initialMs = durationMs(policy.initialInterval);
  const maximumMs = durationMs(policy.maximumInterval);
  if (initialMs < 0) return "invalid InitialInterval set on retry policy: negative duration";
  if (policy.backoffCoefficient < 1) return "BackoffCoefficient cannot be less than 1 on retry policy.";
  if (maximumMs < 0) return "invalid MaximumInterval set on retry policy: negative duration";
  if (maximumMs > 0 && maximumMs < initialMs)
    return "MaximumInterval cannot be less than InitialInterval on retry policy.";
  if (policy.maximumAttempts < 0) return "MaximumAttempts cannot be negative on retry policy.";
  for (const type of policy.nonRetryableErrorTypes) {
    if (!type.startsWith(TIMEOUT_TYPE_PREFIX)) continue;
    const name = type.slice(TIMEOUT_TYPE_PREFIX.length);
    if (!timeoutTypes.has(name)) return `Invalid timeout type value: ${name}.`;
  }
  return undefined;
}

/** The kind of a timeout as the service writes it in messages, such as `StartToClose`. */
export function timeoutTypeName(type: TimeoutType): string {
  return pascalCase((TimeoutType$names[type] ?? "").replace("TIMEOUT_TYPE_", ""));
}

const timeoutTypes: ReadonlySet<string> = new Set(
  Object.values(TimeoutType)
    .filter((type) => type !== TimeoutType.UNSPECIFIED)
    .map(timeoutTypeName),
);

/** `BAD_BINARY` to `BadBinary`: how the service spells enum values in messages. */
export function pascalCase(constant: string): string {
  return constant.toLowerCase().replace(/(?:^|_)(.)/g, (_all, letter: string) => letter.toUpperCase());
}

/** Whether a failure permits another attempt. Cancellation, termination and timeouts of the schedule never do. */
export function isRetryable(failure: Failure | undefined, nonRetryableErrorTypes: readonly string[]): boolean {
  const info = failure?.failureInfo;
  if (info === undefined) return true;
  if (info.case === "terminatedFailureInfo" || info.case === "canceledFailureInfo") return false;
  if (info.case === "timeoutFailureInfo") {
    const type = info.value.timeoutType;
    const ofAttempt = type === TimeoutType.START_TO_CLOSE || type === TimeoutType.HEARTBEAT;
    return ofAttempt && !nonRetryableErrorTypes.includes(TIMEOUT_TYPE_PREFIX + timeoutTypeName(type));
  }
  if (info.case === "serverFailureInfo") return !info.value.nonRetryable;
  if (info.case === "applicationFailureInfo")
    return !info.value.nonRetryable && !nonRetryableErrorTypes.includes(info.value.type);
  return true;
}

/** The delay that an application failure asks for before the next attempt. */
export function requestedDelayMs(failure: Failure | undefined): number | undefined {
  const info = failure?.failureInfo;
  if (info?.case !== "applicationFailureInfo" || info.value.nextRetryDelay === undefined) return undefined;
  return durationMs(info.value.nextRetryDelay);
}

/** Longest delay that the service can express: 2^63 nanoseconds. */
const DELAY_MAX_MS = 2 ** 63 / 1e6;

/** The policy's delay after so many attempts, the first being 1, before any maximum. */
export function exponentialDelayMs(policy: RetryPolicyMs, attempt: number): number {
  return Math.min(policy.initialIntervalMs * policy.backoffCoefficient ** (attempt - 1), DELAY_MAX_MS);
}

/** What the arithmetic of a retry depends on. */
export interface RetryQuestion {
  readonly nowMs: number;
  /** The attempt that has just failed; the first is 1. */
  readonly attempt: number;
  readonly policy: RetryPolicyMs;
  /** No attempt may begin after this. */
  readonly expirationMs: number | undefined;
  /** Instead of the exponential one; undefined means that. */
  readonly delayMs: number | undefined;
  /** Cap on the delay; the policy's when undefined. */
  readonly maximumIntervalMs?: number;
}

/** Decides on attempts and time alone; whether the failure permits it is asked before. */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { policy, attempt } = question;
  if (policy.maximumAttempts > 0 && attempt >= policy.maximumAttempts) {
    return { retry: false, state: RetryState.MAXIMUM_ATTEMPTS_REACHED };
  }
  const maximumMs = question.maximumIntervalMs ?? policy.maximumIntervalMs;
  let delayMs = question.delayMs ?? exponentialDelayMs(policy, attempt);
  if (maximumMs === 0 && delayMs <= 0) return { retry: false, state: RetryState.TIMEOUT };
  if (maximumMs !== 0 && (delayMs <= 0 || delayMs > maximumMs)) delayMs = maximumMs;
  if (question.expirationMs !== undefined && question.nowMs + delayMs > question.expirationMs) {
    return { retry: false, state: RetryState.TIMEOUT };
  }
  return { retry: true, delayMs };
}
