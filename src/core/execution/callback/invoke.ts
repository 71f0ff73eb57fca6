import type { ExecutionRequest, StepReply } from "../contract.ts";
import { nexusBackoffMs } from "../nexus/retry.ts";
import type { Transition } from "../transition.ts";
import { uuidFraction } from "../uuid-fraction.ts";

/** Asks for every callback to be told whose time has come in this step. */
export function offerCallbacks(t: Transition): void {
  if (t.state.callbacks === t.callbacksBefore) return;
  t.state.callbacks.forEach(({ phase, attempt }, index) => {
    if (phase === "scheduled" && t.callbacksBefore[index]?.phase !== "scheduled")
      t.effect({ kind: "invokeCallback", index, attempt });
  });
}

/** An attempt to tell somebody is over. */
export function callbackAnswered(
  t: Transition,
  { index, attempt, answer }: Extract<ExecutionRequest, { kind: "callbackAnswered" }>,
): StepReply {
  const callback = t.state.callbacks[index];
  if (callback?.phase !== "scheduled" || callback.attempt !== attempt) return { stale: true };
  const nextMs = answer.kind === "retry" ? t.nowMs + backoffMs(t, attempt + 1) : undefined;
  const message = answer.kind === "succeeded" ? undefined : answer.message;
  t.do({ op: "endCallbackAttempt", index, atMs: t.nowMs, message, nextMs });
  return {};
}

function backoffMs({ context: { limits, newId } }: Transition, failedAttempts: number): number {
  const { callbackRetryInitialIntervalMs, callbackRetryMaximumIntervalMs } = limits;
  const spread = uuidFraction(newId());
  return nexusBackoffMs(failedAttempts, callbackRetryInitialIntervalMs, callbackRetryMaximumIntervalMs, spread);
}
