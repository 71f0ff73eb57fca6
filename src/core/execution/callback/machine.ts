import { type Machine, to } from "../../machine.ts";

export type CallbackPhase = "absent" | "standby" | "scheduled" | "backingOff" | "succeeded" | "failed";

export type CallbackInput =
  | { readonly kind: "attach" }
  | { readonly kind: "trigger" }
  | { readonly kind: "failAttempt" }
  | { readonly kind: "reschedule" }
  | { readonly kind: "succeed" }
  | { readonly kind: "fail" };

/** One who wants to be told how something ends: told once it has, until it answers that it knows. */
export const callbackMachine: Machine<CallbackPhase, CallbackInput, never> = {
  name: "completion callback",
  table: {
    absent: { attach: () => to("standby") },
    standby: { trigger: () => to("scheduled") },
    scheduled: {
      failAttempt: () => to("backingOff"),
      succeed: () => to("succeeded"),
      fail: () => to("failed"),
    },
    backingOff: { reschedule: () => to("scheduled") },
    succeeded: {},
    failed: {},
  },
};
