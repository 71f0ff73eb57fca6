import type { HistoryEvent, TimerStartedEventAttributes } from "../../../proto/gen/history.ts";
import { advance } from "../advance.ts";
import { durationMs, timestampMs } from "../duration.ts";
import { put, remove } from "../journal.ts";
import type { ExecutionState } from "../state.ts";
import { timerMachine } from "./machine.ts";

/** A started event. */
export function foldTimerStarted(
  state: ExecutionState,
  event: HistoryEvent,
  attributes: TimerStartedEventAttributes,
): void {
  // Each started event is a timer of its own: an id may be used again while the firing of the one before waits in the
  // buffer, and the second start then stands first in history.
  advance(timerMachine, "absent", "start");
  put(state, state.timers, attributes.timerId, {
    timerId: attributes.timerId,
    startedEventId: event.eventId,
    fireMs: timestampMs(event.eventTime) + durationMs(attributes.startToFireTimeout),
  });
}

/** A fired or canceled event. The id may be another timer's by now, so the started event decides. */
export function foldTimerEnded(
  state: ExecutionState,
  timerId: string,
  startedEventId: number,
  input: "fire" | "cancel",
): void {
  const timer = state.timers.get(timerId);
  if (timer?.startedEventId !== startedEventId) return;
  advance(timerMachine, "started", input);
  remove(state, state.timers, timerId);
}
