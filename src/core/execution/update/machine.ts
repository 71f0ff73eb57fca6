import { type Machine, to } from "../../machine.ts";

export type UpdatePhase = "absent" | "admitted" | "sent" | "accepted" | "completed";

export type UpdateInput =
  | { readonly kind: "admit" }
  | { readonly kind: "send" }
  | { readonly kind: "unsend" }
  | { readonly kind: "accept" }
  | { readonly kind: "complete" }
  | { readonly kind: "reject" };

/**
 * The server's view of one update.
 *
 * It is admitted when its request arrives, sent with a workflow task, and accepted or rejected when that task completes;
 * a rejection leaves nothing behind. When the task fails or times out, what was sent is sent again with the next one.
 */
export const updateMachine: Machine<UpdatePhase, UpdateInput, never> = {
  name: "update",
  table: {
    absent: { admit: () => to("admitted"), accept: () => to("accepted") },
    // What was sent before a failed workflow task may be accepted after all.
    admitted: { send: () => to("sent"), accept: () => to("accepted"), reject: () => to("absent") },
    sent: {
      unsend: () => to("admitted"),
      accept: () => to("accepted"),
      reject: () => to("absent"),
    },
    accepted: { complete: () => to("completed") },
    completed: {},
  },
};
