import { type Machine, to } from "../../machine.ts";
import { type DeliveryInput, type DeliveryPhase, deliveryTable } from "../delivery.ts";

export type CallbackPhase = "absent" | "standby" | DeliveryPhase;

export type CallbackInput = { readonly kind: "attach" } | { readonly kind: "trigger" } | DeliveryInput;

/** One who wants to be told how something ends: told once it has, until it answers that it knows. */
export const callbackMachine: Machine<CallbackPhase, CallbackInput, never> = {
  name: "completion callback",
  table: {
    absent: { attach: () => to("standby") },
    standby: { trigger: () => to("scheduled") },
    ...deliveryTable,
  },
};
