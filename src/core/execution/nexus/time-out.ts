import { TimeoutType } from "../../../proto/gen/enums.ts";
import { durationMs } from "../duration.ts";
import type { Transition } from "../transition.ts";
import { nexusOperationFailure, nexusTimeoutFailure } from "./failure.ts";
import type { NexusOperationState } from "./nexus-state.ts";

/** A timeout of an operation and when it comes. */
export interface NexusDeadline {
  readonly atMs: number;
  readonly type: TimeoutType;
}

/** All timeouts that an operation is subject to now. */
export function nexusDeadlines({ phase, scheduled, scheduledMs, startedMs }: NexusOperationState): NexusDeadline[] {
  const deadlines: NexusDeadline[] = [];
  const add = (type: TimeoutType, fromMs: number, timeoutMs: number): void => {
    if (timeoutMs > 0) deadlines.push({ atMs: fromMs + timeoutMs, type });
  };
  add(TimeoutType.SCHEDULE_TO_CLOSE, scheduledMs, durationMs(scheduled.scheduleToCloseTimeout));
  if (phase !== "started")
    add(TimeoutType.SCHEDULE_TO_START, scheduledMs, durationMs(scheduled.scheduleToStartTimeout));
  else add(TimeoutType.START_TO_CLOSE, startedMs ?? scheduledMs, durationMs(scheduled.startToCloseTimeout));
  return deadlines;
}

/** Ends an operation because time is up. */
export function addNexusTimedOut(t: Transition, operation: NexusOperationState, timeoutType: TimeoutType): void {
  const { scheduledEventId, scheduled } = operation;
  const failure = nexusOperationFailure(operation, nexusTimeoutFailure(timeoutType));
  t.add({
    case: "nexusOperationTimedOutEventAttributes",
    value: { scheduledEventId, failure, requestId: scheduled.requestId },
  });
}
