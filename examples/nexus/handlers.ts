import { serviceHandler } from "nexus-rpc";
import * as nexus from "perdure/nexus";
import { shop } from "./service.ts";
import { Deliver } from "./workflows.ts";

/** The shop's side. One operation answers at once, the other is a workflow. */
export const shopHandler = serviceHandler(shop, {
  price: async (_ctx, item) => item.length * 10,
  deliver: nexus.workflowRunOperation<string, string>((ctx, item) =>
    // The request's id makes a second try of the same request find the same workflow.
    ctx.startWorkflow(Deliver, { args: [item], id: `deliver-${ctx.requestId}` }),
  ),
});
