import { RetryState, TimeoutType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { durationMs } from "../execution/duration.ts";
import { keptFailure } from "../execution/failure.ts";
import { isRetryable, requestedDelayMs, timeoutTypeName } from "../schedule/retry.ts";
import { restoreOptions } from "./options.ts";
import { policyDelayMs } from "./retry-delay.ts";
import { afterStartDelay, expirationMs, type ActivityExecutionState, type AttemptState } from "./state.ts";
import { offerAt, transition } from "./transition.ts";

/** What a failed attempt leads to: a state in which it is over and another may follow, or why none does. */
export type AttemptEnd = { readonly state: ActivityExecutionState } | { readonly retryState: RetryState };

/** Ends an attempt that a worker says has failed. */
export function endFailedAttempt(
  state: ActivityExecutionState,
  failure: Failure | undefined,
  nowMs: number,
): AttemptEnd {
  const { nonRetryableErrorTypes = [] } = state.options.retryPolicy ?? {};
  return endAttempt(state, failure, isRetryable(failure, nonRetryableErrorTypes), nowMs);
}

/** Ends an attempt that took too long. */
export function endTimedOutAttempt(state: ActivityExecutionState, type: TimeoutType, nowMs: number): AttemptEnd {
  const failure = timeoutFailure(type);
  const { nonRetryableErrorTypes = [] } = state.options.retryPolicy ?? {};
  return endAttempt(state, failure, isRetryable(failure, nonRetryableErrorTypes), nowMs);
}

function endAttempt(
  state: ActivityExecutionState,
  failure: Failure | undefined,
  retryable: boolean,
  nowMs: number,
): AttemptEnd {
  if (state.phase === "resetRequested") return { state: endForReset(state, failure, nowMs) };
  if (state.phase === "cancelRequested") return { retryState: RetryState.CANCEL_REQUESTED };
  if (!retryable) return { retryState: RetryState.NON_RETRYABLE_FAILURE };
  const { count, stamp } = state.attempt;
  const asked = requestedDelayMs(failure) ?? 0;
  const delayMs = asked > 0 ? asked : policyDelayMs(state, count);
  const { maximumAttempts = 0 } = state.options.retryPolicy ?? {};
  if (maximumAttempts > 0 && count >= maximumAttempts) return { retryState: RetryState.MAXIMUM_ATTEMPTS_REACHED };
  const endMs = expirationMs(state);
  if (endMs !== undefined && nowMs + delayMs >= endMs) return { retryState: RetryState.TIMEOUT };
  const paused = state.phase === "pauseRequested";
  return {
    state: transition(state, "retry", nowMs, {
      offered: false,
      attempt: {
        ...failedAttempt(failure, nowMs),
        count: count + 1,
        stamp: stamp + 1,
        retryIntervalMs: delayMs,
        retryIntervalAsked: asked > 0,
        ...(paused ? {} : { dispatchMs: nowMs + delayMs }),
      },
    }),
  };
}

function failedAttempt(failure: Failure | undefined, nowMs: number): Partial<AttemptState> {
  return { lastFailure: keptFailure(failure), completeMs: nowMs };
}

/** The end of the attempt that a reset waited for: the next is the first again. */
function endForReset(
  state: ActivityExecutionState,
  failure: Failure | undefined,
  nowMs: number,
): ActivityExecutionState {
  const { pendingReset } = state;
  const restored = pendingReset?.restoreOptions === true ? restoreOptions(state) : state;
  const { attempt, offered } = offerAt(restored, afterStartDelay(restored, nowMs));
  const paused = pendingReset?.pause === true;
  return transition(restored, paused ? "keepPaused" : "retry", nowMs, {
    offered,
    pendingReset: undefined,
    ...(pendingReset?.clearHeartbeat === true ? { heartbeatDetails: undefined, heartbeatMs: undefined } : {}),
    attempt: {
      ...attempt,
      ...failedAttempt(failure, nowMs),
      count: 1,
      retryIntervalMs: undefined,
      retryIntervalAsked: false,
      ...(paused ? { dispatchMs: undefined } : {}),
    },
  });
}

/** The last attempt has failed. */
export function failForGood(
  state: ActivityExecutionState,
  failure: Failure | undefined,
  retryState: RetryState,
  { nowMs, identity }: { readonly nowMs: number; readonly identity: string },
): ActivityExecutionState {
  // Without any failure, a caller could not tell this end from one that has not come yet.
  const lastFailure = failure ?? Failure.create({ message: "activity task failed without failure details" });
  return transition(state, "fail", nowMs, {
    outcome: { retryState, value: { case: "failure", value: lastFailure } },
    attempt: { lastFailure, completeMs: nowMs, workerIdentity: identity, retryIntervalMs: undefined },
  });
}

/** The activity is over because of a timeout. */
export function timeOutForGood(
  state: ActivityExecutionState,
  type: TimeoutType,
  retryState: RetryState,
  nowMs: number,
): ActivityExecutionState {
  const cause = state.attempt.lastFailure;
  const ofAttempt = type === TimeoutType.START_TO_CLOSE || type === TimeoutType.HEARTBEAT;
  const failure = timeoutFailure(type, state, cause);
  const outcome =
    ofAttempt && retryState === RetryState.TIMEOUT
      ? timeoutFailure(TimeoutType.SCHEDULE_TO_CLOSE, state, cause, NO_TIME_FOR_RETRY)
      : failure;
  return transition(state, "timeOut", nowMs, {
    outcome: { retryState, value: { case: "failure", value: outcome } },
    ...(ofAttempt ? { attempt: { lastFailure: failure, completeMs: nowMs, retryIntervalMs: undefined } } : {}),
  });
}

const NO_TIME_FOR_RETRY =
  "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying";

function timeoutFailure(
  timeoutType: TimeoutType,
  state?: ActivityExecutionState,
  cause?: Failure,
  message = `activity ${timeoutTypeName(timeoutType)} timeout`,
): Failure {
  const lastHeartbeatDetails = state?.heartbeatDetails;
  const value = { timeoutType, ...(lastHeartbeatDetails === undefined ? {} : { lastHeartbeatDetails }) };
  return Failure.create({
    message,
    ...(cause === undefined ? {} : { cause }),
    failureInfo: { case: "timeoutFailureInfo", value },
  });
}

/** Until when an attempt may run, by what ends it then. */
export function attemptDeadlines({
  options,
  attempt,
  heartbeatMs,
}: ActivityExecutionState): readonly { readonly type: TimeoutType; readonly atMs: number }[] {
  const startedMs = attempt.startedMs ?? 0;
  const wholeMs = durationMs(options.startToCloseTimeout);
  const beatMs = durationMs(options.heartbeatTimeout);
  return [
    ...(wholeMs > 0 ? [{ type: TimeoutType.START_TO_CLOSE, atMs: startedMs + wholeMs }] : []),
    ...(beatMs > 0 ? [{ type: TimeoutType.HEARTBEAT, atMs: Math.max(heartbeatMs ?? 0, startedMs) + beatMs }] : []),
  ];
}
