/** Large payloads in files. `node --import tsx examples/external-storage/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "perdure/client";
import { DataConverter, ExternalStorage } from "perdure/converter";
import { FileSystemStorageDriver } from "perdure/storage";
import { Worker } from "perdure/worker";
import * as activities from "./activities.ts";
import { Draw } from "./workflows.ts";

// A folder that lasts, and that all workers and clients share, in a program of yours.
const folder = await mkdtemp(join(tmpdir(), "payloads-"));
const externalStorage = new ExternalStorage({ drivers: [new FileSystemStorageDriver({ folder })] });

const taskQueue = "external-storage";
await using client = await Client.connect(process.argv[2] ?? "memory:", {
  dataConverter: new DataConverter({ externalStorage }),
});
const worker = await Worker.create(client, { taskQueue, workflows: [Draw], activities });

await worker.runUntil(async () => {
  const size = await client.executeWorkflow(Draw, { args: [10_000], id: `draw-${randomUUID()}`, taskQueue });
  console.log(`${size} characters, in ${(await readdir(folder)).length} file`);
});
await rm(folder, { recursive: true });
