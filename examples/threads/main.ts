/** Activities that compute, in threads. `node --import tsx examples/threads/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client } from "perdure/client";
import { inThreads, Worker } from "perdure/worker";
import * as primes from "./primes.ts";
import { Primes } from "./workflows.ts";

const taskQueue = "threads";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, {
  taskQueue,
  workflows: [Primes],
  // Each thread loads the module by its URL; the import serves for names and types.
  activities: inThreads(primes, new URL("./primes.ts", import.meta.url), { countMax: 2 }),
});

await worker.runUntil(async () => {
  const limits = [10_000, 100_000];
  console.log(await client.executeWorkflow(Primes, { args: [limits], id: `primes-${randomUUID()}`, taskQueue }));
});
