import { enumNames } from "../core/options/enum-names.ts";
import { ActivityExecutionStatus as StatusCode, PendingActivityState as StateCode } from "../proto/gen/enums.ts";

/** How an activity that no workflow started stands. */
export const ActivityExecutionStatus = {
  running: "running",
  completed: "completed",
  failed: "failed",
  canceled: "canceled",
  terminated: "terminated",
  timedOut: "timedOut",
  paused: "paused",
} as const;
export type ActivityExecutionStatus = keyof typeof ActivityExecutionStatus;

const statuses = enumNames(ActivityExecutionStatus, StatusCode);

/** The status of a number in `temporal.api.enums.v1.ActivityExecutionStatus`; `undefined` for none and for a later one. */
export function toActivityStatus(code: StatusCode): ActivityExecutionStatus | undefined {
  return statuses.toName(code);
}

/** What an activity that is not over waits for. */
export const PendingActivityState = {
  /** For a worker, or for the time of its next attempt. */
  scheduled: "scheduled",
  /** For the attempt that a worker has. */
  started: "started",
  /** For its worker to hear that it is to be cancelled. */
  cancelRequested: "cancelRequested",
  /** For somebody to unpause it. */
  paused: "paused",
  /** For the attempt that a worker has; none follows it. */
  pauseRequested: "pauseRequested",
} as const;
export type PendingActivityState = keyof typeof PendingActivityState;

const states = enumNames(PendingActivityState, StateCode);

/** The state of a number in `temporal.api.enums.v1.PendingActivityState`; `undefined` for none and for a later one. */
export function toPendingState(code: StateCode): PendingActivityState | undefined {
  return states.toName(code);
}
