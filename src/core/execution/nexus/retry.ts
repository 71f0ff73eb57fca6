import type { Failure } from "../../../proto/gen/failure.ts";
import type { Transition } from "../transition.ts";
import type { NexusOperationState } from "./nexus-state.ts";

const BACKOFF_COEFFICIENT = 2;

/** The time between attempts, the given number of which have failed. */
export function nexusBackoffMs(failedAttempts: number, initialMs: number, maximumMs: number): number {
  return Math.min(maximumMs, initialMs * BACKOFF_COEFFICIENT ** (failedAttempts - 1));
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
  const nextMs = t.nowMs + nexusBackoffMs(failed, retryInitialIntervalMs, retryMaximumIntervalMs);
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
