/** A person's approval, with a timeout. `node --import tsx examples/approval/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { Expense } from "./workflows.ts";

const taskQueue = "approval";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, { taskQueue, workflows: [Expense] });

await worker.runUntil(async () => {
  const seen = await client.startWorkflow(Expense, { args: ["7 days"], id: `seen-${randomUUID()}`, taskQueue });
  await seen.signal("approve", "Ada");
  console.log(await seen.result());

  const unseen = await client.startWorkflow(Expense, { args: ["1s"], id: `unseen-${randomUUID()}`, taskQueue });
  console.log(await unseen.result());
});
