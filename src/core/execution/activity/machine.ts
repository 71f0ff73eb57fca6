import { type Machine, to } from "../../machine.ts";

export type ActivityPhase = "scheduled" | "started" | "backingOff" | "closed";

export type ActivityInput =
  | { readonly kind: "start" }
  | { readonly kind: "retry" }
  | { readonly kind: "backOff" }
  | { readonly kind: "dispatch" }
  | { readonly kind: "requestCancel" }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "change" }
  | { readonly kind: "close" };

/**
 * The server's view of one activity, over all of its attempts.
 *
 * An attempt that fails and may be tried again leads to `backingOff`, from where time leads to `scheduled`. The started
 * event goes into history when the last attempt ends. `change` is a pause, an unpause, a reset or new options;
 * `backOff` is one of these that puts the next attempt at a later time. Once closed, it is forgotten.
 */
export const activityMachine: Machine<ActivityPhase, ActivityInput, never> = {
  name: "activity",
  table: {
    scheduled: {
      start: () => to("started"),
      backOff: () => to("backingOff"),
      requestCancel: () => to("scheduled"),
      change: () => to("scheduled"),
      close: () => to("closed"),
    },
    started: {
      heartbeat: () => to("started"),
      retry: () => to("backingOff"),
      requestCancel: () => to("started"),
      change: () => to("started"),
      close: () => to("closed"),
    },
    backingOff: {
      dispatch: () => to("scheduled"),
      backOff: () => to("backingOff"),
      start: () => to("started"),
      requestCancel: () => to("backingOff"),
      change: () => to("backingOff"),
      close: () => to("closed"),
    },
    closed: {},
  },
};
