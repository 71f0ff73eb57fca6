/** A stream of what a workflow and its activity do. `node --import tsx examples/streams/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { WorkflowStreamClient } from "perdure/workflow-streams";
import { writeChapter } from "./activities.ts";
import { WriteBook } from "./workflows.ts";

const taskQueue = "streams";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, { taskQueue, workflows: [WriteBook], activities: [writeChapter] });

await worker.runUntil(async () => {
  const id = `book-${randomUUID()}`;
  await client.startWorkflow(WriteBook, { args: [["bees", "trees"]], id, taskQueue });
  // Ends with the workflow. A reader that starts anew goes on with `fromOffset`.
  for await (const { offset, topic, data } of new WorkflowStreamClient(client, id).subscribe())
    console.log(`${offset} ${topic}: ${String(data)}`);
});
