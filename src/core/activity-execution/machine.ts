import { type Machine, to } from "../machine.ts";

/** How far a standalone activity is. Those from `completed` on are final. */
export type ActivityExecutionPhase =
  | "scheduled"
  | "started"
  | "cancelRequested"
  | "paused"
  | "pauseRequested"
  | "resetRequested"
  | "completed"
  | "failed"
  | "canceled"
  | "terminated"
  | "timedOut";

/** What can happen to a standalone activity. */
export type ActivityExecutionInput =
  | { readonly kind: "start" }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "retry" }
  | { readonly kind: "complete" }
  | { readonly kind: "fail" }
  | { readonly kind: "cancel" }
  | { readonly kind: "timeOut" }
  | { readonly kind: "terminate" }
  | { readonly kind: "requestCancel" }
  | { readonly kind: "pause" }
  | { readonly kind: "unpause" }
  | { readonly kind: "reset" }
  | { readonly kind: "keepPaused" }
  | { readonly kind: "change" };

/**
 * An activity that no workflow has scheduled, over all of its attempts.
 *
 * While an attempt is with a worker, what is asked for from outside waits for the worker: `cancelRequested`,
 * `pauseRequested` and `resetRequested` are `started` with something to tell it. `retry` is an attempt that failed and
 * is followed by another; `keepPaused` is one after which a reset leaves the activity paused, or a reset of one that
 * stays paused.
 */
export const activityExecutionMachine: Machine<ActivityExecutionPhase, ActivityExecutionInput, never> = {
  name: "activity execution",
  table: {
    scheduled: {
      start: () => to("started"),
      complete: () => to("completed"),
      timeOut: () => to("timedOut"),
      terminate: () => to("terminated"),
      requestCancel: () => to("cancelRequested"),
      pause: () => to("paused"),
      reset: () => to("scheduled"),
      change: () => to("scheduled"),
    },
    started: {
      heartbeat: () => to("started"),
      retry: () => to("scheduled"),
      complete: () => to("completed"),
      fail: () => to("failed"),
      timeOut: () => to("timedOut"),
      terminate: () => to("terminated"),
      requestCancel: () => to("cancelRequested"),
      pause: () => to("pauseRequested"),
      reset: () => to("resetRequested"),
      change: () => to("started"),
    },
    cancelRequested: {
      heartbeat: () => to("cancelRequested"),
      complete: () => to("completed"),
      fail: () => to("failed"),
      cancel: () => to("canceled"),
      timeOut: () => to("timedOut"),
      terminate: () => to("terminated"),
    },
    paused: {
      complete: () => to("completed"),
      timeOut: () => to("timedOut"),
      terminate: () => to("terminated"),
      requestCancel: () => to("cancelRequested"),
      unpause: () => to("scheduled"),
      reset: () => to("scheduled"),
      keepPaused: () => to("paused"),
      change: () => to("paused"),
    },
    pauseRequested: {
      heartbeat: () => to("pauseRequested"),
      retry: () => to("paused"),
      complete: () => to("completed"),
      fail: () => to("failed"),
      timeOut: () => to("timedOut"),
      terminate: () => to("terminated"),
      requestCancel: () => to("cancelRequested"),
      unpause: () => to("started"),
      reset: () => to("resetRequested"),
      change: () => to("pauseRequested"),
    },
    resetRequested: {
      heartbeat: () => to("resetRequested"),
      retry: () => to("scheduled"),
      keepPaused: () => to("paused"),
      complete: () => to("completed"),
      fail: () => to("failed"),
      timeOut: () => to("timedOut"),
      terminate: () => to("terminated"),
      requestCancel: () => to("cancelRequested"),
    },
    completed: {},
    failed: {},
    canceled: {},
    terminated: {},
    timedOut: {},
  },
};

/** Whether the activity is in a state in which this can happen to it. */
export function isPossible(phase: ActivityExecutionPhase, kind: ActivityExecutionInput["kind"]): boolean {
  return Object.hasOwn(activityExecutionMachine.table[phase], kind);
}
