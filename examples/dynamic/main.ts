/** Dynamic workflows and activities. `node --import tsx examples/dynamic/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { anyStep } from "./activities.ts";
import { Anything } from "./workflows.ts";

const taskQueue = "dynamic";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, { taskQueue, workflows: [Anything], activities: [anyStep] });

await worker.runUntil(async () => {
  for (const [type, args] of [
    ["Invoice", ["Ada", 12]],
    ["Reminder", ["Bob"]],
  ] as const) {
    console.log(await client.executeWorkflow<string>(type, { args, id: `${type}-${randomUUID()}`, taskQueue }));
  }
});
