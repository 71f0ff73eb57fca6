import { type Machine, to } from "../machine.ts";

/** How far a standalone Nexus operation is. Those from `succeeded` on are final. */
export type NexusExecutionPhase =
  | "scheduled"
  | "backingOff"
  | "started"
  | "succeeded"
  | "failed"
  | "canceled"
  | "timedOut"
  | "terminated";

/** What can happen to a standalone Nexus operation. */
export type NexusExecutionInput =
  | { readonly kind: "failAttempt" }
  | { readonly kind: "reschedule" }
  | { readonly kind: "start" }
  | { readonly kind: "succeed" }
  | { readonly kind: "fail" }
  | { readonly kind: "cancel" }
  | { readonly kind: "timeOut" }
  | { readonly kind: "terminate" }
  | { readonly kind: "change" };

const ends: Machine<NexusExecutionPhase, NexusExecutionInput, never>["table"][NexusExecutionPhase] = {
  succeed: () => to("succeeded"),
  fail: () => to("failed"),
  cancel: () => to("canceled"),
  timeOut: () => to("timedOut"),
  terminate: () => to("terminated"),
};

/** A Nexus operation that no workflow has scheduled. `change` is news of a request to cancel it. */
export const nexusExecutionMachine: Machine<NexusExecutionPhase, NexusExecutionInput, never> = {
  name: "Nexus operation execution",
  table: {
    scheduled: {
      failAttempt: () => to("backingOff"),
      start: () => to("started"),
      change: () => to("scheduled"),
      ...ends,
    },
    backingOff: {
      reschedule: () => to("scheduled"),
      start: () => to("started"),
      change: () => to("backingOff"),
      ...ends,
    },
    started: { change: () => to("started"), ...ends },
    succeeded: {},
    failed: {},
    canceled: {},
    timedOut: {},
    terminated: {},
  },
};
