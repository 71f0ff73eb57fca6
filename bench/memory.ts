/**
 * Prints the kilobytes of resident memory that one cached idle workflow costs the process of its worker, and before that
 * what it costs the server, a process of its own.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { inParallel } from "./measure.js";
import { serve } from "./served.js";
import { Interactive } from "./workflows.js";

const RUNS = 2000;

const server = await serve();
const client = await Client.connect(server.address);
const worker = await Worker.create(client, {
  taskQueue: "memory",
  workflows: [Interactive],
  maxCachedWorkflows: RUNS + 1000,
});
await worker.runUntil(async () => {
  await fill("warm", 500);
  const before = await settled();
  await fill("idle", RUNS);
  const after = await settled();
  console.log(`server: ${(after.serverKb - before.serverKb) / RUNS} KB`);
  console.log((after.workerKb - before.workerKb) / RUNS);
});
server.process.kill("SIGTERM");
process.exit(0);

async function fill(name: string, count: number): Promise<void> {
  await inParallel(count, 50, async (index) => {
    const handle = await client.startWorkflow(Interactive, { id: `${name}-${index}`, taskQueue: "memory" });
    await handle.query("count");
  });
}

async function settled(): Promise<{ readonly workerKb: number; readonly serverKb: number }> {
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    await delay(200);
  }
  return { workerKb: process.memoryUsage().rss / 1024, serverKb: residentKb(server.process.pid) };
}

function residentKb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
}
