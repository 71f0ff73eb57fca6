import { type Table, to } from "../machine.ts";

/** How far a delivery has come. */
export type DeliveryPhase = "scheduled" | "backingOff" | "succeeded" | "failed";

/** What may happen to a delivery. */
export type DeliveryInput =
  | { readonly kind: "failAttempt" }
  | { readonly kind: "reschedule" }
  | { readonly kind: "succeed" }
  | { readonly kind: "fail" };

/** How somebody outside is told something until they answer: the end of each machine that does so. */
export const deliveryTable: Table<DeliveryPhase, DeliveryInput, never> = {
  scheduled: {
    failAttempt: () => to("backingOff"),
    succeed: () => to("succeeded"),
    fail: () => to("failed"),
  },
  backingOff: { reschedule: () => to("scheduled") },
  succeeded: {},
  failed: {},
};
