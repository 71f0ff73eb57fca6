import { type Machine, to } from "../../machine.ts";
import { type DeliveryInput, type DeliveryPhase, deliveryTable } from "../delivery.ts";

export type NexusOperationPhase = "absent" | "scheduled" | "backingOff" | "started";

export type NexusOperationInput =
  | { readonly kind: "schedule" }
  | { readonly kind: "failAttempt" }
  | { readonly kind: "reschedule" }
  | { readonly kind: "start" }
  | { readonly kind: "end" };

/** A Nexus operation from its command to its end. Whatever ends it, it is gone. */
export const nexusOperationMachine: Machine<NexusOperationPhase, NexusOperationInput, never> = {
  name: "Nexus operation",
  table: {
    absent: { schedule: () => to("scheduled") },
    scheduled: {
      failAttempt: () => to("backingOff"),
      start: () => to("started"),
      end: () => to("absent"),
    },
    backingOff: {
      reschedule: () => to("scheduled"),
      start: () => to("started"),
      end: () => to("absent"),
    },
    started: { end: () => to("absent") },
  },
};

export type NexusCancelPhase = "absent" | "waiting" | DeliveryPhase;

export type NexusCancelInput =
  | { readonly kind: "request" }
  | { readonly kind: "requestStarted" }
  | { readonly kind: "operationStarted" }
  | DeliveryInput;

/** The request to cancel a Nexus operation. It cannot be sent before the operation has started, because only then has it a token. */
export const nexusCancelMachine: Machine<NexusCancelPhase, NexusCancelInput, never> = {
  name: "Nexus cancel request",
  table: {
    absent: { request: () => to("waiting"), requestStarted: () => to("scheduled") },
    waiting: { operationStarted: () => to("scheduled") },
    ...deliveryTable,
  },
};
