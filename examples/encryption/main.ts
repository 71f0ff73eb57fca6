/** Encrypted payloads, with the workflow of examples/hello. `node --import tsx examples/encryption/main.ts [address]` */
import { randomUUID, webcrypto } from "node:crypto";
import { Client } from "perdure/client";
import { DataConverter } from "perdure/converter";
import { Worker } from "perdure/worker";
import { encryptionCodec, importKey } from "../codecs/encryption.ts";
import { sayHello } from "../hello/activities.ts";
import { SayHello } from "../hello/workflows.ts";

// A program of yours gets its key from a key management service.
const key = await importKey(webcrypto.getRandomValues(new Uint8Array(32)));
const dataConverter = new DataConverter({ codec: encryptionCodec({ current: "first", keys: { first: key } }) });

const taskQueue = "encryption";
// The worker takes the converter of its client.
await using client = await Client.connect(process.argv[2] ?? "memory:", { dataConverter });
const worker = await Worker.create(client, { taskQueue, workflows: [SayHello], activities: [sayHello] });

await worker.runUntil(async () => {
  const args = ["Ada"] as [string];
  const handle = await client.startWorkflow(SayHello, { args, id: `secret-${randomUUID()}`, taskQueue });
  console.log(await handle.result());
  const history = (await handle.fetchHistory()).toJson();
  console.log("The service knows her name:", history.includes(Buffer.from('"Ada"').toString("base64")));
});
