import { type Machine, to } from "../../machine.ts";

export type ChildPhase = "absent" | "initiated" | "started";

export type ChildInput =
  | { readonly kind: "initiate" }
  | { readonly kind: "start" }
  | { readonly kind: "failToStart" }
  | { readonly kind: "close" };

/** A child workflow as its parent sees it. */
export const childMachine: Machine<ChildPhase, ChildInput, never> = {
  name: "child workflow",
  table: {
    absent: { initiate: () => to("initiated") },
    initiated: { start: () => to("started"), failToStart: () => to("absent") },
    started: { close: () => to("absent") },
  },
};
