import { expect, test } from "vitest";
import { z } from "zod";
import type { Client, WorkflowHandle } from "../client.ts";
import { RawValue } from "../common.ts";
import { defaultPayloadConverter } from "../payload/default-converter.ts";
import type { WorkerOptions } from "../worker.ts";
import { createWorld, type World } from "../worker/e2e/world.test-support.ts";
import { WorkflowStreamClient, type WorkflowStreamItem } from "../workflow-streams.ts";
import { encodeItem, POLL_HANDLER, PUBLISH_SIGNAL } from "../workflow/streams.ts";
import { Chain, Delegating, Progress } from "./streams.workflows.ts";

async function take<T>(items: AsyncIterable<T>, count = Infinity): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) >= count) break;
  return taken;
}

const dataOf = (items: readonly WorkflowStreamItem[]): unknown[] => items.map(({ data }) => data);
const offsetsOf = (items: readonly WorkflowStreamItem[]): number[] => items.map(({ offset }) => offset);

interface Started extends World {
  readonly client: Client;
  readonly stream: WorkflowStreamClient;
  readonly handle: WorkflowHandle<Progress>;
}

async function startProgress(options: Partial<WorkerOptions> = {}): Promise<Started> {
  const world = await createWorld();
  await world.createWorker({ workflows: [Progress], ...options });
  const handle = await world.client.startWorkflow(Progress, { id: "p", taskQueue: "q" });
  return { ...world, handle, stream: new WorkflowStreamClient(world.client, "p") };
}

test("subscribers get the items of their topics, in order, each with its place in the stream", async () => {
  const { until, handle, stream } = await startProgress({ maxCachedWorkflows: 0 });
  await until(handle.executeUpdate("publish", { args: [2] }));
  await until(handle.executeUpdate("publishText", { args: ["texts", 3] }));
  await until(handle.executeUpdate("publish", { args: [1] }));
  expect(await until(take(stream.subscribe(), 4))).toEqual([
    { topic: "steps", data: { step: 0 }, offset: 0 },
    { topic: "steps", data: { step: 1 }, offset: 1 },
    { topic: "texts", data: "xxx", offset: 2 },
    { topic: "steps", data: { step: 0 }, offset: 3 },
  ]);
  expect(offsetsOf(await until(take(stream.topic("steps").subscribe({ fromOffset: 1 }), 2)))).toEqual([1, 3]);
  expect(await until(stream.getOffset())).toBe(4);
});

test("a subscriber who waits gets what is published, and the rest when the workflow has ended", async () => {
  const { until, handle, stream } = await startProgress();
  const items = take(stream.subscribe());
  await until(stream.getOffset());
  await until(handle.executeUpdate("publish", { args: [2] }));
  await until(handle.signal("close"));
  expect(dataOf(await until(items))).toEqual([{ step: 0 }, { step: 1 }, "closed"]);
  expect(dataOf(await until(take(stream.subscribe({ topics: ["ends"] }))))).toEqual(["closed"]);
});

test("what a client publishes waits for more, goes when it is urgent, and is there after a flush", async () => {
  const { until, settle, clock, client, handle } = await startProgress();
  const startMs = clock.now();
  const stream = new WorkflowStreamClient(client, "p", { batchInterval: "1 minute" });
  const events = stream.topic<string>("events");
  events.publish("a");
  events.publish("b");
  await settle();
  expect(await until(stream.getOffset())).toBe(0);
  events.publish("c", { forceFlush: true });
  expect(dataOf(await until(take(events.subscribe(), 3)))).toEqual(["a", "b", "c"]);
  events.publish("d");
  await until(stream.flush());
  expect(await until(stream.getOffset())).toBe(4);
  expect(clock.now() - startMs).toBeLessThan(60_000);
  events.publish("e");
  const fifth = take(events.subscribe({ fromOffset: 4 }), 1);
  expect(dataOf(await until(fifth))).toEqual(["e"]);
  expect(clock.now() - startMs).toBeGreaterThanOrEqual(60_000);
  events.publish("f");
  await until(stream.close());
  expect(() => events.publish("g")).toThrow(`Cannot publish to topic "events": the client is closed`);
  const { events: history } = await until(handle.fetchHistory());
  const signals = history.filter(({ attributes }) => attributes?.case === "workflowExecutionSignaledEventAttributes");
  expect(signals).toHaveLength(4);
});

test("a batch that comes again is taken once, and one that cannot be read not at all", async () => {
  const { until, client, stream } = await startProgress();
  const data = encodeItem(defaultPayloadConverter.toPayload("once"));
  const send = (input: unknown): Promise<void> => until(client.getWorkflowHandle("p").signal(PUBLISH_SIGNAL, input));
  const batch = { items: [{ topic: "t", data }], publisher_id: "publisher", sequence: 1 };
  await send(batch);
  await send(batch);
  await send({ ...batch, publisher_id: "another" });
  await send({ items: [{ topic: "t", data: "no base64!" }], publisher_id: "publisher", sequence: 2 });
  await send({ items: "nothing" });
  await send(null);
  await send({ items: [{ topic: "t", data }] });
  await send({ ...batch, sequence: 3 });
  expect(await until(stream.getOffset())).toBe(4);
});

test("subscribers pass over what was truncated, also while they wait", async () => {
  const { until, handle, stream } = await startProgress();
  await until(handle.executeUpdate("publish", { args: [5] }));
  await until(handle.executeUpdate("truncate", { args: [3] }));
  expect(offsetsOf(await until(take(stream.subscribe(), 2)))).toEqual([3, 4]);
  expect(offsetsOf(await until(take(stream.subscribe({ fromOffset: 1 }), 2)))).toEqual([3, 4]);
  const waiting = take(stream.subscribe({ fromOffset: 10 }), 1);
  await until(stream.getOffset());
  await until(handle.executeUpdate("publishAndTruncate", { args: [7, 11] }));
  expect(offsetsOf(await until(waiting))).toEqual([11]);
  await expect(until(handle.executeUpdate("truncate", { args: [100] }))).rejects.toMatchObject({
    cause: { type: "TruncateOutOfRange", message: "Cannot truncate to offset 100: valid range is [11, 12]" },
  });
});

test("large items come in several answers, and all of them come", async () => {
  const { until, handle, stream } = await startProgress();
  for (const size of [400_000, 400_000, 1_000_000])
    await until(handle.executeUpdate("publishText", { args: ["large", size] }));
  expect(await until(take(stream.subscribe(), 3))).toHaveLength(3);
  await until(handle.signal("close"));
  await until(handle.result());
  const items = await until(take(stream.subscribe<string>()));
  expect(items.map(({ data }) => data.length)).toEqual([400_000, 400_000, 1_000_000, 6]);
});

test("a stream goes on in the next run: items, offsets, and who has published", async () => {
  const world = await createWorld();
  const { client, until } = world;
  await world.createWorker({ workflows: [Chain] });
  const handle = await client.startWorkflow("Chain", { id: "c", taskQueue: "q" });
  const stream = new WorkflowStreamClient(client, "c");
  const items = take(stream.subscribe({ topics: ["runs"] }));
  const data = encodeItem(defaultPayloadConverter.toPayload("mine"));
  const batch = { items: [{ topic: "other", data }], publisher_id: "publisher", sequence: 7 };
  const latest = client.getWorkflowHandle("c");
  await until(latest.signal(PUBLISH_SIGNAL, batch));
  await until(latest.signal("renew"));
  await until(
    client.getWorkflowHandle("c", { runId: handle.resultRunId as string }).result({ followRuns: false }),
  ).catch(() => undefined);
  await until(latest.signal(PUBLISH_SIGNAL, batch));
  expect(await until(latest.query("publishers"))).toEqual(["publisher"]);
  await until(latest.signal("end"));
  expect(await until(handle.result())).toBe(1);
  expect(await until(items)).toEqual([
    { topic: "runs", data: 0, offset: 0 },
    { topic: "runs", data: 1, offset: 2 },
  ]);
});

test("subscribers try again while their workflow is about to go on in another run", async () => {
  const { until, settle, handle, stream } = await startProgress();
  const items = take(stream.subscribe());
  await until(handle.executeUpdate("drain"));
  await settle();
  await until(handle.executeUpdate("publish", { args: [1] }));
  await until(handle.signal("close"));
  expect(dataOf(await until(items))).toEqual([{ step: 0 }, "closed"]);
});

test("an activity publishes to its workflow's stream and reads it", async () => {
  const world = await createWorld();
  const { client, until } = world;
  async function publishItems(count: number): Promise<number> {
    await using stream = WorkflowStreamClient.fromWithinActivity();
    const events = stream.topic<number>("events");
    for (let item = 0; item < count; item++) events.publish(item);
    await stream.flush();
    return (await take(events.subscribe(), count)).length;
  }
  async function alone(): Promise<void> {
    WorkflowStreamClient.fromWithinActivity();
  }
  await world.createWorker({ workflows: [Delegating], activities: { publishItems, alone } });
  const handle = await client.startWorkflow(Delegating, { args: [3], id: "d", taskQueue: "q" });
  const stream = new WorkflowStreamClient(client, "d");
  expect(dataOf(await until(take(stream.subscribe())))).toEqual([0, 1, 2, "done"]);
  expect(await until(handle.result())).toBe(3);
  const options = { id: "a", taskQueue: "q", startToCloseTimeout: "1 minute", retryPolicy: { maximumAttempts: 1 } };
  await expect(until(client.executeActivity(alone, options))).rejects.toMatchObject({
    cause: { message: expect.stringContaining("no workflow started it") as string },
  });
});

test("items are validated by the topic's schema, or given as they are", async () => {
  const { until, client, handle, stream } = await startProgress();
  await until(handle.executeUpdate("publish", { args: [1] }));
  const schema = z.object({ step: z.number() });
  const topic = stream.topic("steps", { schema });
  expect(dataOf(await until(take(topic.subscribe(), 1)))).toEqual([{ step: 0 }]);
  expect(() => stream.topic("steps")).toThrow(`Cannot open topic "steps": this client has it with another schema`);
  const strict = new WorkflowStreamClient(client, "p").topic("steps", { schema: z.object({ step: z.string() }) });
  await expect(until(take(strict.subscribe(), 1))).rejects.toMatchObject({ type: "PayloadValidationError" });
  const [item] = await until(take(stream.subscribe({ raw: true }), 1));
  expect(item?.data).toBeInstanceOf(RawValue);
  stream.topic("copies").publish(item?.data);
  await until(stream.flush());
  expect(dataOf(await until(take(stream.subscribe({ topics: "copies" }), 1)))).toEqual([{ step: 0 }]);
});

test("a subscription ends with the reason of its signal, and with the error of a workflow that has no stream", async () => {
  const { until, settle, client, stream } = await startProgress();
  const controller = new AbortController();
  const aborted = take(stream.subscribe({ signal: controller.signal }));
  await settle();
  controller.abort(new Error("seen enough"));
  await expect(until(aborted)).rejects.toThrow("seen enough");
  const nowhere = new WorkflowStreamClient(client, "nowhere");
  await expect(until(take(nowhere.subscribe()))).rejects.toMatchObject({ code: "TEMPORAL_RPC" });
  await expect(
    until(client.getWorkflowHandle("p").executeUpdate(POLL_HANDLER, { args: [{ topics: 1 }] })),
  ).rejects.toMatchObject({ cause: { type: "InvalidPoll" } });
});

test("a workflow has one stream", async () => {
  const { until, handle } = await startProgress();
  expect(await until(handle.executeUpdate("secondStream"))).toBe(
    "Cannot make a stream: this workflow has one already, use that with several topics",
  );
});
