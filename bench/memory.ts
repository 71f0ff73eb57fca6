/** Prints the kilobytes of resident memory that one cached idle workflow costs, worker and embedded server together. */
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { inParallel } from "./measure.js";
import { Interactive } from "./workflows.js";

const RUNS = 2000;

await using client = await Client.connect("memory:");
const worker = await Worker.create(client, {
  taskQueue: "memory",
  workflows: [Interactive],
  maxCachedWorkflows: RUNS + 1000,
});
await worker.runUntil(async () => {
  await fill("warm", 500);
  const before = await settledBytes();
  await fill("idle", RUNS);
  console.log(((await settledBytes()) - before) / RUNS / 1024);
});
process.exit(0);

async function fill(name: string, count: number): Promise<void> {
  await inParallel(count, 50, async (index) => {
    const handle = await client.startWorkflow(Interactive, { id: `${name}-${index}`, taskQueue: "memory" });
    await handle.query("count");
  });
}

async function settledBytes(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await delay(200);
  }
  return process.memoryUsage().rss;
}
