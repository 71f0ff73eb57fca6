import { type Machine, to } from "../../machine.ts";

export type ExternalPhase = "absent" | "initiated";

export type ExternalInput = { readonly kind: "initiate" } | { readonly kind: "succeed" } | { readonly kind: "fail" };

const table = {
  absent: { initiate: () => to("initiated") },
  initiated: { succeed: () => to("absent"), fail: () => to("absent") },
} satisfies Machine<ExternalPhase, ExternalInput, never>["table"];

/** A signal that the run sends to another one. */
export const externalSignalMachine: Machine<ExternalPhase, ExternalInput, never> = {
  name: "external signal",
  table,
};

/** A cancellation that the run asks of another one. */
export const externalCancelMachine: Machine<ExternalPhase, ExternalInput, never> = {
  name: "external cancellation",
  table,
};
