import { expect, onTestFinished, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import { silentLogger, type LogAttributes } from "../../core/telemetry/logger.ts";
import { DirectTransport } from "../../rpc/direct-transport.ts";
import { startServer } from "../../server/index.ts";
import { Runtime, Worker, type WorkerOptions } from "../index.ts";
import { createWorld } from "./world.test-support.ts";
import { Patching, Runaway } from "./limits.workflows.ts";

/** A worker whose workflow code runs in threads, on a server in memory. */
async function startWorker(options: Partial<WorkerOptions>): Promise<Client> {
  const server = await startServer();
  const client = new Client(new Connection(new DirectTransport(server.handler)));
  const worker = await Worker.create(client, {
    taskQueue: "q",
    workflows: [Runaway],
    runtime: new Runtime({ logger: silentLogger }),
    ...options,
  });
  onTestFinished(async () => {
    await worker.shutdown();
    await client.connection.close();
    await server.stop();
  });
  return client;
}

/** Why a task of a workflow failed, as soon as one has. */
async function taskFailure(client: Client, id: string): Promise<string> {
  for await (const { attributes } of client.getWorkflowHandle(id).fetchHistoryEvents({ waitNewEvent: true }))
    if (attributes?.case === "workflowTaskFailedEventAttributes") return attributes.value.failure?.message ?? "";
  throw new Error(`workflow "${id}" ended without a failed task`);
}

const start = { taskQueue: "q" } as const;

test.each(["loop", "microtasks"] as const)(
  "a workflow caught in %s fails its task, and others go on",
  async (way) => {
    const client = await startWorker({ deadlockTimeout: 1_000 });
    await client.startWorkflow(Runaway, { ...start, args: [way], id: way });
    const message = await taskFailure(client, way);
    expect(message).toContain("did not yield within 1 s");
    // A stack cannot always be had in time; one that is there names the user's files.
    expect(message).not.toContain("perdure:");
    expect(await client.executeWorkflow(Runaway, { ...start, args: ["none"], id: "after" })).toBe("done");
    await client.getWorkflowHandle(way).terminate();
  },
  30_000,
);

test("a workflow that takes all memory fails its task, and the worker goes on with a new thread", async () => {
  const errors: [string, LogAttributes | undefined][] = [];
  const error = (message: string, attributes?: LogAttributes): void => void errors.push([message, attributes]);
  const client = await startWorker({
    workflowThreadMemoryMb: 64,
    deadlockTimeout: 0,
    runtime: new Runtime({ logger: { ...silentLogger, error } }),
  });
  const bystander = await client.startWorkflow(Runaway, { ...start, args: ["wait"], id: "bystander" });
  await client.executeWorkflow(Runaway, { ...start, args: ["none"], id: "before" });
  const greedy = await client.startWorkflow(Runaway, { ...start, args: ["memory"], id: "greedy" });
  expect(await taskFailure(client, "greedy")).toContain("its thread ran out of memory");
  const [line, attributes] = errors[0] ?? [];
  expect(line).toBe("Workflow thread was lost, its runs start anew from their histories in another one");
  expect(attributes).toMatchObject({ cause: "outOfMemory", runId: greedy.firstExecutionRunId });
  await bystander.signal("release");
  expect(await bystander.result()).toBe("done");
  expect(await client.executeWorkflow(Runaway, { ...start, args: ["none"], id: "after" })).toBe("done");
  await client.getWorkflowHandle("greedy").terminate();
}, 30_000);

test("a workflow that asks for more activities than may be pending fails its task with the limit", async () => {
  const client = await startWorker({ deadlockTimeout: "30s" });
  await client.startWorkflow(Runaway, { ...start, args: ["activities"], id: "many" });
  expect(await taskFailure(client, "many")).toMatch(/the number of pending activities.*per-workflow limit/);
  expect(await client.executeWorkflow(Runaway, { ...start, args: ["none"], id: "after" })).toBe("done");
  await client.getWorkflowHandle("many").terminate();
}, 30_000);

test("a worker may hold back a patch from workflows that have not met it", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows: [Patching], heldBackPatches: ["newer"] });
  expect(await world.until(world.client.executeWorkflow(Patching, { ...start, id: "held" }))).toBe("old");
});
