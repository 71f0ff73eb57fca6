/** An activity that polls and heartbeats. `node --import tsx examples/polling/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import { awaitJob } from "./activities.ts";
import { FollowJob } from "./workflows.ts";

// The service: its job is done when it is asked for the third time.
let requests = 0;
const service = createServer((_request, response) => {
  requests += 1;
  response.end(requests < 3 ? "running" : "done");
}).listen(0, "127.0.0.1");
await once(service, "listening");
const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;

const taskQueue = "polling";
await using client = await Client.connect(process.argv[2] ?? "memory:");
const worker = await Worker.create(client, { taskQueue, workflows: [FollowJob], activities: [awaitJob] });

await worker.runUntil(async () => {
  console.log(await client.executeWorkflow(FollowJob, { args: [url], id: `job-${randomUUID()}`, taskQueue }));
});
service.closeAllConnections();
service.close();
