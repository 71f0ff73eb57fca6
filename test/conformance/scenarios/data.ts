import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { implement } from "perdure/activity";
import { Client } from "perdure/client";
import { chainCodecs, DataConverter, type DataConverterOptions, ExternalStorage } from "perdure/converter";
import { ApplicationError } from "perdure/exceptions";
import { InMemoryStorageDriver } from "perdure/storage";
import { Worker } from "perdure/worker";
import { gzipCodec } from "../../../examples/codecs/compression.ts";
import { encryptionCodec, importKey } from "../../../examples/codecs/encryption.ts";
import { check, failureOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { AnswersAtLength, CarriesText, ReadsFailure, SendsParcel, weigh } from "./data.workflows.ts";

const activities = {
  echo: (text: string) => text,
  failWithDetails(): never {
    throw new ApplicationError("fails on purpose", { details: ["one", { code: "NOT_FOUND" }], nonRetryable: true });
  },
  weigh: implement(weigh, ({ name, sentAt }) => name.length + sentAt.getUTCFullYear()),
};

/** Runs a worker and a client with a data converter of their own. */
async function withConverter(
  { client, newId }: ScenarioWorld,
  options: DataConverterOptions,
  use: (client: Client, taskQueue: string) => Promise<void>,
): Promise<void> {
  const taskQueue = newId("data");
  const own = new Client(client.connection, { ...client.options, dataConverter: new DataConverter(options) });
  const workflows = [CarriesText, AnswersAtLength, ReadsFailure, SendsParcel];
  const worker = await Worker.create(own, { taskQueue, workflows, activities });
  await worker.runUntil(() => use(own, taskQueue));
}

async function carryText(client: Client, taskQueue: string, id: string, text: string): Promise<string> {
  const handle = await client.startWorkflow(CarriesText, { args: [text, false], id, taskQueue, memo: { text } });
  assert.equal(await handle.result(), text);
  assert.equal(await handle.query("text"), text);
  assert.deepEqual(await (await handle.describe()).memo(), { text });
  const failed = client.executeWorkflow(CarriesText, { args: [text, true], id: `${id}-fails`, taskQueue });
  const { cause } = await failureOf(failed);
  check(cause instanceof ApplicationError);
  assert.deepEqual(cause.details, [text]);
  return (
    (await handle.fetchHistory()).toJson() + (await client.getWorkflowHandle(`${id}-fails`).fetchHistory()).toJson()
  );
}

export const data: readonly Scenario[] = [
  {
    name: "encrypted and compressed payloads are read by client and worker, and by nobody else",
    async run(world) {
      const key = await importKey(webcrypto.getRandomValues(new Uint8Array(32)));
      const codec = chainCodecs(gzipCodec, encryptionCodec({ current: "k1", keys: { k1: key } }));
      await withConverter(world, { codec }, async (client, taskQueue) => {
        const text = "a secret that nobody else reads";
        const history = await carryText(client, taskQueue, world.newId("encrypted"), text);
        assert.ok(!history.includes(Buffer.from(JSON.stringify(text)).toString("base64").slice(4, 30)));
        assert.ok(history.includes(Buffer.from("binary/encrypted").toString("base64")));
      });
    },
  },
  {
    name: "large payloads are kept outside of the service, which holds references",
    async run(world) {
      const driver = new InMemoryStorageDriver();
      const externalStorage = new ExternalStorage({ drivers: [driver], payloadSizeThreshold: 1024 });
      await withConverter(world, { externalStorage }, async (client, taskQueue) => {
        const history = await carryText(client, taskQueue, world.newId("external"), "l".repeat(5000));
        assert.ok(history.includes(Buffer.from("json/protobuf").toString("base64")));
        assert.ok(!history.includes(Buffer.from("l".repeat(300)).toString("base64")));
        assert.ok(driver.size > 0);
      });
    },
  },
  {
    name: "a result that the service would refuse fails the workflow task before it is sent",
    async run(world) {
      await withConverter(world, {}, async (client, taskQueue) => {
        const handle = await client.startWorkflow(AnswersAtLength, {
          args: [3 * 1024 * 1024],
          id: world.newId("too-large"),
          taskQueue,
          executionTimeout: "1 minute",
        });
        await world.eventually(async () => (await handle.fetchHistory()).toJson().includes("PAYLOADS_TOO_LARGE"));
        await handle.terminate();
      });
    },
  },
  {
    name: "a workflow reads the details of its activity's failure through the codec",
    async run(world) {
      const key = await importKey(webcrypto.getRandomValues(new Uint8Array(32)));
      const codec = encryptionCodec({ current: "k1", keys: { k1: key } });
      await withConverter(world, { codec }, async (client, taskQueue) => {
        const found = await client.executeWorkflow(ReadsFailure, { id: world.newId("reads"), taskQueue });
        assert.deepEqual(found, ["fails on purpose", "one", { code: "NOT_FOUND" }]);
      });
    },
  },
  {
    name: "schemas read what a workflow takes, what its activity answers and what it answers itself",
    async run(world) {
      await withConverter(world, {}, async (client, taskQueue) => {
        const sentAt = new Date(Date.UTC(2026, 0, 1));
        const options = { id: world.newId("parcel"), taskQueue };
        const answer = await client.executeWorkflow(SendsParcel, { ...options, args: [{ name: "ab", sentAt }] });
        assert.deepEqual(answer, { grams: 2028, sentAt });
        const { cause } = await failureOf(
          client.executeWorkflow(SendsParcel, {
            ...options,
            id: world.newId("no-parcel"),
            args: [{ name: "", sentAt }],
          }),
        );
        check(cause instanceof ApplicationError);
        assert.equal(cause.type, "PayloadValidationError");
      });
    },
  },
];
