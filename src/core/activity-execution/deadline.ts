import { RetryState, TimeoutType } from "../../proto/gen/enums.ts";
import { durationMs } from "../execution/duration.ts";
import { attemptDeadlines, endTimedOutAttempt, timeOutForGood } from "./attempt-end.ts";
import { nextCallbackMs, rescheduleCallbacks } from "./callbacks.ts";
import type { ActivityExecutionStep } from "./contract.ts";
import { expirationMs, isClosed, isRunning, type ActivityExecutionState } from "./state.ts";

/** Something that time brings about. */
interface Due {
  readonly what: TimeoutType | "dispatch" | "callback";
  readonly atMs: number;
}

/** When time next brings something about, in milliseconds since the epoch; `undefined` if it never does. */
export function activityDeadlineMs(state: ActivityExecutionState): number | undefined {
  return nextDue(state)?.atMs;
}

/** Carries out what is due, the earliest first. */
export function passTime(state: ActivityExecutionState, nowMs: number): ActivityExecutionStep {
  let current = state;
  let dispatch = false;
  for (let due = nextDue(current); due !== undefined && due.atMs <= nowMs; due = nextDue(current)) {
    if (due.what === "dispatch") {
      dispatch = true;
      current = { ...current, offered: true };
    } else if (due.what === "callback") {
      current = rescheduleCallbacks(current, nowMs);
    } else {
      current = timeOut(current, due.what, nowMs);
      dispatch = false;
    }
  }
  return { state: current, ...(dispatch ? { dispatch } : {}) };
}

function timeOut(state: ActivityExecutionState, type: TimeoutType, nowMs: number): ActivityExecutionState {
  if (type === TimeoutType.START_TO_CLOSE || type === TimeoutType.HEARTBEAT) {
    const end = endTimedOutAttempt(state, type, nowMs);
    return "state" in end ? end.state : timeOutForGood(state, type, end.retryState, nowMs);
  }
  const { CANCEL_REQUESTED, TIMEOUT } = RetryState;
  const retryState =
    type === TimeoutType.SCHEDULE_TO_CLOSE && state.phase === "cancelRequested" ? CANCEL_REQUESTED : TIMEOUT;
  return timeOutForGood(state, type, retryState, nowMs);
}

function nextDue(state: ActivityExecutionState): Due | undefined {
  let next: Due | undefined;
  for (const due of allDue(state)) {
    if (next === undefined || due.atMs < next.atMs) next = due;
  }
  return next;
}

function allDue(state: ActivityExecutionState): readonly Due[] {
  if (isClosed(state)) {
    const callbackMs = nextCallbackMs(state);
    return callbackMs === undefined ? [] : [{ what: "callback", atMs: callbackMs }];
  }
  const endMs = expirationMs(state);
  const whole: readonly Due[] = endMs === undefined ? [] : [{ what: TimeoutType.SCHEDULE_TO_CLOSE, atMs: endMs }];
  if (isRunning(state)) return [...whole, ...attemptDeadlines(state).map(({ type, atMs }) => ({ what: type, atMs }))];
  const { dispatchMs } = state.attempt;
  if (state.phase !== "scheduled" || dispatchMs === undefined) return whole;
  const waitMs = durationMs(state.options.scheduleToStartTimeout);
  return [
    // Of two that come at once the first counts, as in the service.
    ...(waitMs > 0 ? [{ what: TimeoutType.SCHEDULE_TO_START, atMs: dispatchMs + waitMs }] : []),
    ...whole,
    ...(state.offered ? [] : [{ what: "dispatch" as const, atMs: dispatchMs }]),
  ];
}
