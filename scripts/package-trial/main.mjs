/** Runs activities in threads and in processes, in plain JavaScript, and prints "placed" if each ran where it should. */
import { Client } from "perdure/client";
import { Runtime } from "perdure/runtime";
import { inProcesses, inThreads, Worker } from "perdure/worker";
import * as placed from "./placed.mjs";

const client = await Client.connect("memory:");
const logger = { trace() {}, debug() {}, info() {}, warn() {}, error: console.error };
try {
  for (const [name, put] of Object.entries({ inThreads, inProcesses })) {
    const worker = await Worker.create(client, {
      taskQueue: name,
      activities: put(placed, new URL("./placed.mjs", import.meta.url), { countMax: 1 }),
      runtime: new Runtime({ logger }),
    });
    await worker.runUntil(async () => {
      const call = (activity) =>
        client.executeActivity(activity, {
          id: `${name}-${activity}`,
          taskQueue: name,
          startToCloseTimeout: "1m",
          retryPolicy: { initialInterval: "1ms" },
        });
      const { pid, threadId, attempt } = await call("where");
      const isPlaced = name === "inThreads" ? pid === process.pid && threadId !== 0 : pid !== process.pid;
      if (!isPlaced || attempt !== 1) throw new Error(`An activity ${name} ran in process ${pid}, thread ${threadId}`);
      if ((await call("crashOnce")) !== 2) throw new Error(`An activity ${name} was not tried again`);
    });
  }
} finally {
  await client.connection.close();
}
console.log("placed");
