/**
 * The quick start: a durable server, a worker and a workflow in one program.
 *
 * `node --import tsx examples/hello/main.ts [address]`; the address may be that of any Temporal Service.
 */
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { sayHello } from "./activities.ts";
import { SayHello } from "./workflows.ts";

const address = process.argv[2] ?? "sqlite:./hello.db";
await using client = await Client.connect(address);
const worker = await Worker.create(client, {
  taskQueue: "my-task-queue",
  workflows: [SayHello],
  activities: [sayHello],
});

await worker.runUntil(async () => {
  const handle = await client.startWorkflow(SayHello, {
    args: ["World"],
    id: `hello-${process.pid}-${Date.now()}`,
    taskQueue: "my-task-queue",
  });
  console.log(`Result: ${await handle.result()}`);

  console.log(`\nThe history that it left in ${address}:`);
  for await (const event of handle.fetchHistoryEvents())
    console.log(`  ${String(event.eventId).padStart(2)}  ${event.attributes?.case.replace("EventAttributes", "")}`);
});
