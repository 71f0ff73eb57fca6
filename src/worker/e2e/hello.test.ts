import { expect, test } from "vitest";
import { Client } from "../../client.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { Runtime, Worker } from "../index.ts";
import * as activities from "./activities.test-support.ts";
import * as workflows from "./hello.workflows.ts";
import { createWorld } from "./world.test-support.ts";

const { Hello, Nap, Approval, CallActivity, Anything, Outside } = workflows;

test("a workflow in a thread calls an activity on the main thread", async () => {
  await using client = await Client.connect("memory:");
  const runtime = new Runtime({ logger: silentLogger });
  const worker = await Worker.create(client, { taskQueue: "q", workflows: [Hello], activities, runtime });
  const result = await worker.runUntil(() =>
    client.executeWorkflow(Hello, { args: ["World"], id: "hello", taskQueue: "q" }),
  );
  expect(result).toBe("Hello, World!");
  expect(worker.state).toBe("stopped");
});

test("a timer fires after its time", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Nap] });
  expect(
    await until(client.executeWorkflow(Nap, { args: ["10 minutes"], id: "nap", taskQueue: "q" })),
  ).toBeGreaterThanOrEqual(600_000);
});

test("signals, queries and updates reach the workflow", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Approval] });
  const handle = await until(client.startWorkflow(Approval, { args: [3], id: "approval", taskQueue: "q" }));
  await until(handle.signal("vote", "a"));
  expect(await until(handle.query("count"))).toBe(1);
  expect(await until(handle.executeUpdate("voteNow", { args: ["b"] }))).toBe(2);
  await expect(until(handle.executeUpdate("voteNow", { args: [""] }))).rejects.toThrow("Workflow update failed");
  await until(handle.signal("vote", "c"));
  expect(await until(handle.result())).toEqual(["a", "b", "c"]);
  expect(await until(handle.query("count"))).toBe(3);
});

test("a run that is not kept goes on from its history", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Approval], maxCachedWorkflows: 0 });
  const handle = await until(client.startWorkflow(Approval, { args: [2], id: "approval", taskQueue: "q" }));
  await until(handle.signal("vote", "a"));
  expect(await until(handle.query("count"))).toBe(1);
  await until(handle.signal("vote", "b"));
  expect(await until(handle.result())).toEqual(["a", "b"]);
});

test("another worker takes over what one that has stopped was sticky for", async () => {
  const { client, createWorker, until } = await createWorld();
  const first = await createWorker({ workflows: [Approval] });
  const handle = await until(client.startWorkflow(Approval, { args: [2], id: "approval", taskQueue: "q" }));
  await until(handle.executeUpdate("voteNow", { args: ["a"] }));
  await until(first.shutdown());
  await createWorker({ workflows: [Approval] });
  expect(await until(handle.query("count"))).toBe(1);
  await until(handle.signal("vote", "b"));
  expect(await until(handle.result())).toEqual(["a", "b"]);
});

test("cancellation of a workflow reaches what it waits for", async () => {
  const { client, createWorker, until, settle } = await createWorld();
  await createWorker({ workflows: [Nap, CallActivity], activities });
  const nap = await until(client.startWorkflow(Nap, { args: ["1 day"], id: "nap", taskQueue: "q" }));
  await until(nap.cancel());
  await expect(until(nap.result())).rejects.toThrow(/cancel/i);
  const call = await until(
    client.startWorkflow(CallActivity, {
      args: ["untilCancelled", [], { heartbeatTimeout: "5s", cancellationType: "waitCancellationCompleted" }],
      id: "call",
      taskQueue: "q",
    }),
  );
  await settle();
  await until(call.cancel());
  await expect(until(call.result())).rejects.toThrow(/cancel/i);
});

test("a dynamic workflow takes every type that no other has", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Hello, Anything], activities });
  expect(await until(client.executeWorkflow("Whatever", { args: [1, 2], id: "w", taskQueue: "q" }))).toBe(
    "Whatever with 2",
  );
});

test("an unsandboxed workflow runs beside sandboxed ones", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Hello, Outside], activities });
  const outside = client.executeWorkflow(Outside, { id: "outside", taskQueue: "q" });
  const inside = client.executeWorkflow(Hello, { args: ["you"], id: "inside", taskQueue: "q" });
  expect(await until(Promise.all([outside, inside]))).toEqual(["string", "Hello, you!"]);
});

test("a task of an unknown workflow type fails and waits for a worker that knows it", async () => {
  const { client, createWorker, until, settle } = await createWorld();
  const first = await createWorker({ workflows: [Nap] });
  const handle = await until(client.startWorkflow(Hello, { args: ["you"], id: "hello", taskQueue: "q" }));
  await settle();
  const { events } = await until(handle.fetchHistory());
  const failure = events.flatMap(({ attributes }) =>
    attributes?.case === "workflowTaskFailedEventAttributes" ? [attributes.value.failure?.message] : [],
  );
  expect(failure).toEqual(["Workflow class Hello is not registered on this worker, available workflows: Nap"]);
  await until(first.shutdown());
  await createWorker({ workflows: [Hello], activities });
  expect(await until(handle.result())).toBe("Hello, you!");
});

test("a client hands the first task of a workflow straight to its worker", async () => {
  const { client, createWorker, until } = await createWorld();
  await createWorker({ workflows: [Hello], activities });
  const handle = await until(
    client.startWorkflow(Hello, { args: ["you"], id: "eager", taskQueue: "q", requestEagerStart: true }),
  );
  expect(await until(handle.result())).toBe("Hello, you!");
});
