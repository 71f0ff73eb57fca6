import { type Machine, to } from "../../machine.ts";

export type WorkflowTaskPhase = "none" | "scheduled" | "started";

export type WorkflowTaskInput =
  | { readonly kind: "schedule" }
  | { readonly kind: "start" }
  | { readonly kind: "complete" }
  | { readonly kind: "fail" }
  | { readonly kind: "timeOut" }
  | { readonly kind: "discard" };

/**
 * The server's view of a run's one workflow task.
 *
 * There is never more than one: what happens while it is started waits in the buffer, and the next is scheduled when it
 * has ended. A scheduled one times out on a sticky queue only, and fails only when the run is
 * paused. A speculative one may vanish without a trace.
 */
export const workflowTaskMachine: Machine<WorkflowTaskPhase, WorkflowTaskInput, never> = {
  name: "workflow task",
  table: {
    none: { schedule: () => to("scheduled") },
    scheduled: {
      schedule: () => to("scheduled"),
      start: () => to("started"),
      fail: () => to("none"),
      timeOut: () => to("none"),
    },
    started: {
      schedule: () => to("started"),
      start: () => to("started"),
      complete: () => to("none"),
      fail: () => to("none"),
      timeOut: () => to("none"),
      discard: () => to("none"),
    },
  },
};
