import type { Failure } from "../../../proto/gen/failure.ts";
import type { Transition } from "../transition.ts";
import { uuidFraction } from "../uuid-fraction.ts";
import type { NexusOperationState } from "./nexus-state.ts";

const BACKOFF_COEFFICIENT = 2;
/** As much of a back-off is up to chance. */
const JITTER = 0.2;

/**
 * The time between attempts, the given number of which have failed. As in the service it is up to a fifth shorter, so
 * that attempts that failed together are not made together again.
 *
 * @param spread Random, from 0 to below 1.
 */
export function nexusBackoffMs(failedAttempts: number, initialMs: number, maximumMs: number, spread: number): number {
  const wholeMs = Math.min(maximumMs, initialMs * BACKOFF_COEFFICIENT ** (failedAttempts - 1));
  return wholeMs * (1 - JITTER + JITTER * spread);
}

/** An attempt has failed, but the next one may not. */
export function failNexusAttempt(
  t: Transition,
  operation: NexusOperationState,
  of: "start" | "cancel",
  failure: Failure,
): void {
  const { retryInitialIntervalMs, retryMaximumIntervalMs } = t.context.limits.nexus;
  const failed = (of === "start" ? operation.attempt : (operation.cancel?.attempt ?? 0)) + 1;
  const spread = uuidFraction(t.context.newId());
  const nextMs = t.nowMs + nexusBackoffMs(failed, retryInitialIntervalMs, retryMaximumIntervalMs, spread);
  t.do({ op: "failNexusAttempt", id: operation.scheduledEventId, of, atMs: t.nowMs, nextMs, failure });
}

/** Asks for an attempt to start an operation. */
export function offerNexusStart(t: Transition, scheduledEventId: number): void {
  const operation = t.state.nexusOperations.get(scheduledEventId);
  if (operation?.phase !== "scheduled") return;
  t.effect({ kind: "dispatchNexusStart", scheduledEventId, attempt: operation.attempt });
}

/** Asks for an attempt to cancel an operation, if that is due. */
export function offerNexusCancel(t: Transition, scheduledEventId: number): void {
  const cancel = t.state.nexusOperations.get(scheduledEventId)?.cancel;
  if (cancel?.phase !== "scheduled") return;
  t.effect({ kind: "dispatchNexusCancel", scheduledEventId, attempt: cancel.attempt });
}
