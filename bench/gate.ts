/** Prints how many short histories a minute the replay gate takes from a service over gRPC, fetching included. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Client } from "perdure/client";
import { startServerThread } from "perdure/server";
import { Worker } from "perdure/worker";
import { noop } from "./activities.js";
import { Hello } from "./workflows.js";

const HISTORIES = 10_000;
const AT_ONCE = 100;

const server = await startServerThread({ store: "memory:", listen: {} });
const address = `${server.address?.host}:${server.address?.port}`;
await using client = await Client.connect(address);
await using worker = await Worker.create(client, { taskQueue: "gate", workflows: [Hello], activities: [noop] });
let next = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let id = next++; id < HISTORIES; id = next++) {
      await client.executeWorkflow(Hello, { args: ["x"], id: `short-${id}`, taskQueue: worker.taskQueue });
    }
  }),
);

const started = performance.now();
const { status, stdout } = spawnSync(
  process.execPath,
  [
    "dist/cli/main.js",
    "replay",
    "-w",
    join("bench", "workflows.ts"),
    "--address",
    address,
    "--sample",
    String(HISTORIES),
  ],
  { encoding: "utf8", maxBuffer: 1 << 28 },
);
const seconds = (performance.now() - started) / 1000;
if (status !== 0 || !stdout.includes(`${HISTORIES} replayed, 0 failed`)) throw new Error(stdout.slice(-500));
console.error(`${HISTORIES} histories in ${seconds.toFixed(1)} s`);
console.log((HISTORIES * 60) / seconds);
process.exit(0);
