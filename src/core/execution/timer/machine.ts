import { type Machine, to } from "../../machine.ts";

export type TimerPhase = "absent" | "started";

export type TimerInput = { readonly kind: "start" } | { readonly kind: "fire" } | { readonly kind: "cancel" };

/** One timer by its id, which may be used again once the timer is gone. */
export const timerMachine: Machine<TimerPhase, TimerInput, never> = {
  name: "timer",
  table: {
    absent: { start: () => to("started") },
    started: { fire: () => to("absent"), cancel: () => to("absent") },
  },
};
