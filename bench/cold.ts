/** Prints the milliseconds from the start of the process to the first result of a workflow. */
import { join } from "node:path";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { noop } from "./activities.js";
import { Hello } from "./workflows.js";

await using client = await Client.connect(`sqlite:${join(process.env["BENCH_FOLDER"] ?? ".", "cold.db")}`);
const worker = await Worker.create(client, { taskQueue: "cold", workflows: [Hello], activities: [noop] });
await worker.runUntil(async () => {
  await client.executeWorkflow(Hello, { args: ["x"], id: "cold", taskQueue: "cold" });
  console.log(Date.now() - Number(process.env["BENCH_STARTED_MS"]));
});
