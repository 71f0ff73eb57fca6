/** A saga with compensation. `node --import tsx examples/saga/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { Client, WorkflowFailureError } from "perdure/client";
import { ActivityError } from "perdure/exceptions";
import { Worker } from "perdure/worker";
import * as activities from "./activities.ts";
import { BookTrip } from "./workflows.ts";

const taskQueue = "saga";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, { taskQueue, workflows: [BookTrip], activities });

await worker.runUntil(async () => {
  try {
    await client.executeWorkflow(BookTrip, { args: ["Ada's trip"], id: `trip-${randomUUID()}`, taskQueue });
  } catch (error) {
    if (!(error instanceof WorkflowFailureError) || !(error.cause instanceof ActivityError)) throw error;
    console.log(`Not booked: ${(error.cause.cause as Error).message}`);
  }
});
