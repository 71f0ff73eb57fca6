/** Prints how many events a second the replayer takes, on one history of 10,000 events. */
import { Client } from "perdure/client";
import { Replayer, Worker } from "perdure/worker";
import { noop } from "./activities.js";
import { Activities } from "./workflows.js";

const EVENTS_PER_ACTIVITY = 6;
const REPLAYS = 20;

await using client = await Client.connect("memory:");
const worker = await Worker.create(client, { taskQueue: "replay", workflows: [Activities], activities: [noop] });
const history = await worker.runUntil(async () => {
  const handle = await client.startWorkflow(Activities, {
    args: [Math.ceil(10_000 / EVENTS_PER_ACTIVITY)],
    id: "long",
    taskQueue: "replay",
  });
  await handle.result();
  return handle.fetchHistory();
});
const replayer = await Replayer.create({ workflows: [Activities] });
await replayer.replayWorkflow(history);
const started = performance.now();
for (let round = 0; round < REPLAYS; round++) await replayer.replayWorkflow(history);
console.log((history.events.length * REPLAYS * 1000) / (performance.now() - started));
process.exit(0);
