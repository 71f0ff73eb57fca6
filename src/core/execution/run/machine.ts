import { type Machine, to } from "../../machine.ts";

export type RunPhase = "absent" | "running" | "closed";

export type RunInput = { readonly kind: "start" } | { readonly kind: "close" };

/** A run from its started event to the one that closes it; nothing comes after that. */
export const runMachine: Machine<RunPhase, RunInput, never> = {
  name: "run",
  table: {
    absent: { start: () => to("running") },
    running: { close: () => to("closed") },
    closed: {},
  },
};
