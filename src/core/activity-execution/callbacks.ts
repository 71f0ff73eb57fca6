import type { Link, Payload, Payloads } from "../../proto/gen/common.ts";
import { Failure } from "../../proto/gen/failure.ts";
import type { CallbackAnswer } from "../execution/callback/callback-state.ts";
import type { Completion } from "../execution/callback/completion.ts";
import { nexusBackoffMs } from "../execution/nexus/retry.ts";
import { callbackPhaseAfter as to, type ActivityCallback } from "./callback-state.ts";
import type { ActivityExecutionState } from "./state.ts";

/** An attempt to tell a callback is over. */
export interface CallbackAnswered {
  readonly kind: "callbackAnswered";
  readonly index: number;
  readonly attempt: number;
  readonly answer: CallbackAnswer;
  readonly retryInitialIntervalMs: number;
  readonly retryMaximumIntervalMs: number;
  /** How long until the next attempt, from the shortest time to the longest: random, from 0 to below 1. */
  readonly spread: number;
}

/** Whether somebody has yet to be told. */
export function hasUntold({ callbacks }: ActivityExecutionState): boolean {
  return callbacks.some(({ phase }) => phase !== "succeeded" && phase !== "failed");
}

/** The state after an attempt to tell somebody. */
export function callbackAnswered(
  state: ActivityExecutionState,
  { index, attempt, answer, retryInitialIntervalMs, retryMaximumIntervalMs, spread }: CallbackAnswered,
  nowMs: number,
): ActivityExecutionState {
  const callback = state.callbacks[index];
  if (callback?.phase !== "scheduled" || callback.attempt !== attempt) return state;
  const kind = answer.kind === "retry" ? "failAttempt" : answer.kind === "failed" ? "fail" : "succeed";
  const delayMs = nexusBackoffMs(attempt + 1, retryInitialIntervalMs, retryMaximumIntervalMs, spread);
  return withCallback(state, index, {
    ...callback,
    phase: to(callback.phase, kind),
    attempt: attempt + 1,
    lastAttemptCompleteMs: nowMs,
    lastFailureMessage: answer.kind === "succeeded" ? undefined : answer.message,
    nextAttemptMs: answer.kind === "retry" ? nowMs + delayMs : undefined,
  });
}

/** Begins the attempts whose time has come. */
export function rescheduleCallbacks(state: ActivityExecutionState, nowMs: number): ActivityExecutionState {
  let current = state;
  for (const [index, each] of state.callbacks.entries()) {
    if (each.nextAttemptMs === undefined || each.nextAttemptMs > nowMs) continue;
    const phase = to(each.phase, "reschedule");
    current = withCallback(current, index, { ...each, phase, nextAttemptMs: undefined });
  }
  return current;
}

/** When the next attempt to tell somebody is due; `undefined` if none is waited for. */
export function nextCallbackMs({ callbacks }: ActivityExecutionState): number | undefined {
  const times = callbacks.flatMap(({ nextAttemptMs }) => nextAttemptMs ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

function withCallback(
  state: ActivityExecutionState,
  index: number,
  callback: ActivityCallback,
): ActivityExecutionState {
  const callbacks = state.callbacks.map((each, place) => (place === index ? callback : each));
  return { ...state, callbacks, transitions: state.transitions + 1 };
}

/** What callbacks are told of a closed activity; `undefined` while it is open. */
export function activityCompletion(state: ActivityExecutionState, link: Link): Completion | undefined {
  const { phase, outcome, scheduleMs, closeMs } = state;
  const value = outcome?.value;
  if (closeMs === undefined || value === undefined) return undefined;
  const times = { startMs: scheduleMs, closeMs, link };
  if (value.case === "result") return { outcome: { kind: "succeeded", result: firstOf(value.value) }, ...times };
  const canceled = phase === "canceled";
  const message = canceled ? "operation canceled" : "operation failed";
  const failure = value.value.message === "" ? Failure.create({ ...value.value, message }) : value.value;
  return { outcome: { kind: "unsuccessful", failure, canceled }, ...times };
}

/** Nexus operations have one result; of several, the others are dropped. */
function firstOf({ payloads }: Payloads): Payload | undefined {
  return payloads[0];
}
