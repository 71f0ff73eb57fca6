/** Child workflows. `node --import tsx examples/children/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { countWords } from "./activities.ts";
import { CountBook, CountChapter } from "./workflows.ts";

const taskQueue = "children";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, {
  taskQueue,
  workflows: [CountBook, CountChapter],
  activities: [countWords],
});

await worker.runUntil(async () => {
  const chapters = ["It was late.", "Nobody came.", "Then somebody did."];
  const words = await client.executeWorkflow(CountBook, { args: [chapters], id: `book-${randomUUID()}`, taskQueue });
  console.log(`${words} words`);
});
