/** Nexus between two workers. `node --import tsx examples/nexus/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { shopHandler } from "./handlers.ts";
import { Deliver, Order } from "./workflows.ts";

const [shopQueue, customerQueue] = ["nexus-shop", "nexus-customer"];
await using client = await Client.connect(process.argv[2] ?? "memory:");

// An operator makes an endpoint once; here the program does. Its name is what callers know, its target where requests go.
const name = `shop-${randomUUID()}`;
const target = { case: "worker", value: { namespace: client.namespace, taskQueue: shopQueue } } as const;
const { endpoint } = await client.operatorService.createNexusEndpoint({ spec: { name, target: { variant: target } } });

const shopWorker = await Worker.create(client, {
  taskQueue: shopQueue,
  workflows: [Deliver],
  nexusServiceHandlers: [shopHandler],
});
const customerWorker = await Worker.create(client, { taskQueue: customerQueue, workflows: [Order] });

await shopWorker.runUntil(() =>
  customerWorker.runUntil(async () => {
    const options = { id: `order-${randomUUID()}`, taskQueue: customerQueue };
    console.log(await client.executeWorkflow(Order, { args: [name, "lamp"], ...options }));
  }),
);
await client.operatorService.deleteNexusEndpoint({ id: endpoint?.id ?? "", version: endpoint?.version ?? 0 });
