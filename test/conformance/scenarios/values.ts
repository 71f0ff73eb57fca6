import assert from "node:assert/strict";
import { implement } from "perdure/activity";
import { Client, WorkflowQueryFailedError } from "perdure/client";
import {
  DataConverter,
  type DataConverterOptions,
  defaultPayloadConverter,
  encodeUtf8,
  type PayloadCodec,
} from "perdure/converter";
import { ActivityError, ApplicationError } from "perdure/exceptions";
import type { WorkerOptions } from "perdure/worker";
import { check, eventKindsOf, failureOf, rejectionOf } from "../expectations.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { CarriesText } from "./data.workflows.ts";
import { Listens, TakesUpdates } from "./messages.workflows.ts";
import { failureConverter, OwnError, payloadConverter, UNREADABLE } from "./values-converters.ts";
import {
  AsksByName,
  CarriesThings,
  Converts,
  FailsAsItself,
  HasDefault,
  keepThing,
  RecallsMemo,
  TakesText,
  Thing,
  type ThingCarrier,
} from "./values.workflows.ts";

const converterModule = new URL("./values-converters.ts", import.meta.url).href;

const activities = {
  keepThing: implement(keepThing, (thing) => {
    thing.check();
    return thing;
  }),
  echo: (value: unknown) => value,
  failAsItself(): never {
    throw new OwnError("the activity fails");
  },
};

/** Puts all payloads that come together into one. */
const wrapping: PayloadCodec = {
  encode: async (payloads) => {
    const wrapped = payloads.map(({ metadata, data }) => [
      Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
      Buffer.from(data).toString("base64"),
    ]);
    return [
      { metadata: { wrapped: encodeUtf8("true") }, data: encodeUtf8(JSON.stringify(wrapped)), externalPayloads: [] },
    ];
  },
  decode: async (payloads) => {
    const [only] = payloads;
    if (only?.metadata["wrapped"] === undefined || payloads.length !== 1) throw new Error("not wrapped");
    const wrapped = JSON.parse(Buffer.from(only.data).toString()) as [[string, string][], string][];
    return wrapped.map(([metadata, data]) => ({
      metadata: Object.fromEntries(metadata.map(([key, value]) => [key, Buffer.from(value, "base64")])),
      data: Buffer.from(data, "base64"),
      externalPayloads: [],
    }));
  },
};

/** Answers with the very payloads that it is given. */
const passing: PayloadCodec = { encode: async (payloads) => [...payloads], decode: async (payloads) => [...payloads] };

/** Runs a worker of a converter's own, with a client of the same. */
async function withConverter(
  { client, newId, withWorker }: ScenarioWorld,
  options: DataConverterOptions,
  worker: Omit<WorkerOptions, "taskQueue">,
  use: (client: Client, taskQueue: string) => Promise<void>,
): Promise<void> {
  const taskQueue = newId("values");
  const own = new Client(client.connection, { ...client.options, dataConverter: new DataConverter(options) });
  await withWorker({ activities, taskQueue, ...worker }, () => use(own, taskQueue), own);
}

/** What values become on their way, and who says so. */
export const values: readonly Scenario[] = [
  {
    name: "a codec may put several payloads into one, of signals, queries, updates, activities and failures",
    async run(world) {
      const worker = { workflows: [CarriesText, Listens, TakesUpdates] };
      await withConverter(world, { codec: wrapping }, worker, async (client, taskQueue) => {
        const listens = await client.startWorkflow(Listens, { id: world.newId("listens"), taskQueue });
        const untyped = client.getWorkflowHandle(listens.id);
        await listens.signal("hear", "one");
        assert.equal(await listens.query("last"), "hear: one");
        await untyped.signal("unheard", "two", "and more");
        assert.equal(await listens.query("last"), "any unheard: two");
        assert.equal(await untyped.query("unasked", "three", "and more"), "any unasked: three");
        const updates = await client.startWorkflow(TakesUpdates, { id: world.newId("updates"), taskQueue });
        assert.equal(await updates.executeUpdate("note", { args: ["one"] }), "nothing");
        assert.equal(await updates.executeUpdate("noteLater", { args: ["two"] }), "one");
        await updates.executeUpdate("learnAny");
        assert.equal(await client.getWorkflowHandle(updates.id).executeUpdate("some"), "any some");
        const unasked = await rejectionOf(client.getWorkflowHandle(updates.id).query("unasked"));
        check(unasked instanceof WorkflowQueryFailedError);
        assert.match(unasked.message, /'unasked'.*__stack_trace/);
        const options = { args: ["a text", true] as [string, boolean], id: world.newId("fails"), taskQueue };
        const { cause } = await failureOf(client.executeWorkflow(CarriesText, options));
        check(cause instanceof ApplicationError);
        assert.deepEqual(cause.details, ["a text"]);
        for (const handle of [listens, updates]) await handle.terminate();
      });
    },
  },
  {
    name: "a codec may answer with the payloads that it was given, those of memos among them",
    async run(world) {
      await withConverter(world, { codec: passing }, { workflows: [RecallsMemo] }, async (client, taskQueue) => {
        const memo = { key: { inner: "value" } };
        const options = { args: ["key"] as [string], id: world.newId("recalls"), taskQueue, memo };
        assert.deepEqual(await client.executeWorkflow(RecallsMemo, options), { inner: "value" });
      });
    },
  },
  {
    name: "objects of a class arrive as such in workflows, activities, children, signals, queries and results",
    async run(world) {
      await withConverter(world, {}, { workflows: [CarriesThings] }, async (client, taskQueue) => {
        const thing = new Thing("some value");
        const handle = await client.startWorkflow(CarriesThings, {
          args: [thing],
          id: world.newId("things"),
          taskQueue,
        });
        await handle.signal("take", thing);
        await handle.signal("takeLater", thing);
        (await handle.query("tell", thing)).check();
        await handle.signal("complete");
        (await handle.result()).check();
        const again = await client.getWorkflowHandleFor(CarriesThings, handle.id).result();
        assert.ok(again instanceof Thing);
      });
    },
  },
  {
    name: "a workflow is called by a type of it alone, where its code is not",
    async run(world) {
      await withConverter(world, {}, { workflows: [CarriesThings] }, async (client, taskQueue) => {
        const thing = new Thing("some value");
        const options = { args: [thing] as [Thing], id: world.newId("typed"), taskQueue };
        const handle = await client.startWorkflow<ThingCarrier>("CarriesThings", options);
        await handle.signal("take", thing);
        assert.deepEqual(await handle.query("tell", thing), { field: "some value" });
        await handle.signal("complete");
        assert.deepEqual(await handle.result(), { field: "some value" });
      });
    },
  },
  {
    name: "what is asked for by name is plain, unless a schema or a class says what it is",
    async run(world) {
      await withConverter(world, {}, { workflows: [AsksByName] }, async (client, taskQueue) => {
        const plain = await client.startWorkflow("AsksByName", { id: world.newId("by-name"), taskQueue });
        assert.deepEqual(await plain.result(), { field: "from a workflow" });
        assert.deepEqual(await plain.query("some"), { field: "from a query" });
        const read = client.getWorkflowHandleFor(AsksByName, plain.id);
        assert.deepEqual(await read.result(), new Thing("from a workflow"));
        assert.deepEqual(await read.query("some"), new Thing("from a query"));
      });
    },
  },
  {
    name: "a workflow whose argument its schema refuses fails, and says which one and why",
    async run(world) {
      await withConverter(world, {}, { workflows: [CarriesThings, TakesText] }, async (client, taskQueue) => {
        for (const [type, value] of [
          ["CarriesThings", { field: 123 }],
          ["TakesText", 123],
        ] as const) {
          const options = { args: [value], id: world.newId("refused"), taskQueue };
          const { cause } = await failureOf(client.executeWorkflow(type, options));
          check(cause instanceof ApplicationError);
          assert.equal(cause.type, "PayloadValidationError");
          assert.ok(cause.message.includes(`argument 1 of workflow "${type}"`), cause.message);
          const [{ issues }] = cause.details as [{ issues: readonly { message: string }[] }];
          assert.match(issues[0]?.message ?? "", /invalid/i);
        }
      });
    },
  },
  {
    name: "an argument that is left out has its default, null is null, and a value is itself",
    async run(world) {
      await withConverter(world, {}, { workflows: [HasDefault] }, async (client, taskQueue) => {
        const given = async (...args: unknown[]): Promise<unknown> =>
          client.executeWorkflow("HasDefault", { args, id: world.newId("default"), taskQueue });
        assert.deepEqual(await given(), { field: "default" });
        assert.equal(await given(null), null);
        assert.deepEqual(await given({ field: "own" }), { field: "own" });
      });
    },
  },
  {
    name: "a failure that a converter throws for what comes in or goes out fails the workflow, and nothing half is sent",
    async run(world) {
      const worker = { workflows: [Converts], workflowRunner: { kind: "sandboxed", converterModule } as const };
      await withConverter(world, { payloadConverter }, worker, async (client, taskQueue) => {
        for (const how of ["argument", "activity", "local activity", "child"] as const) {
          const args: [string, typeof how] = [how === "argument" ? UNREADABLE : "any", how];
          const handle = await client.startWorkflow(Converts, { args, id: world.newId("converts"), taskQueue });
          const { cause } = await failureOf(handle.result());
          check(cause instanceof ApplicationError);
          assert.deepEqual(
            [cause.type, cause.message],
            how === "argument" ? ["Unreadable", "refused to read"] : ["Unsendable", "refused to send"],
          );
          const sent = (await eventKindsOf(handle)).filter((kind) => /activity|child|marker/i.test(kind));
          assert.deepEqual(sent, []);
        }
      });
    },
  },
  {
    name: "errors of one's own arrive as what they were thrown as, and history has nothing of what they say",
    async run(world) {
      const workflowRunner = { kind: "sandboxed", converterModule } as const;
      const worker = { workflows: [FailsAsItself], workflowRunner };
      await withConverter(world, { failureConverter }, worker, async (client, taskQueue) => {
        const handle = await client.startWorkflow(FailsAsItself, { id: world.newId("itself"), taskQueue });
        const { cause } = await failureOf(handle.result());
        check(
          cause instanceof OwnError && cause.cause instanceof ActivityError && cause.cause.cause instanceof OwnError,
        );
        assert.deepEqual(
          [cause.message, cause.cause.cause.message, cause.cause.cause.cause],
          ["the workflow fails", "the activity fails", undefined],
        );
        const last = (await handle.fetchHistory()).events.at(-1)?.attributes;
        check(last?.case === "workflowExecutionFailedEventAttributes");
        let failure = last.value.failure;
        check(failure?.failureInfo?.case === "applicationFailureInfo");
        assert.equal(failure.failureInfo.value.type, "OwnError");
        for (let depth = 0; depth < 3; depth++, failure = failure?.cause) {
          assert.deepEqual([failure?.message, failure?.stackTrace], ["Encoded failure", ""]);
          check(failure?.encodedAttributes !== undefined);
          const attributes = defaultPayloadConverter.fromPayload(failure.encodedAttributes) as object;
          assert.deepEqual(Object.keys(attributes).toSorted(), ["message", "stack_trace"]);
        }
        assert.equal(failure, undefined);
      });
    },
  },
];
