import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Client } from "./client.ts";
import { GrpcServer } from "./rpc/grpc-server.ts";
import { RPCStatusCode } from "./rpc/status.ts";
import { failureOf } from "./rpc/transport.suite.ts";
import { startServer } from "./server/index.ts";

async function runThrough(client: Client): Promise<void> {
  const options = {
    id: "w",
    taskQueue: "q",
    args: [1],
    memo: { note: "hi" },
    staticSummary: "sum",
  };
  const handle = await client.startWorkflow("Order", options);
  await expect(client.startWorkflow("Order", options)).rejects.toMatchObject({
    code: "TEMPORAL_FAILURE_ALREADY_STARTED_WORKFLOW",
    runId: handle.firstExecutionRunId,
  });
  await handle.signal("add", "x");
  const described = await handle.describe();
  expect(described).toMatchObject({ id: "w", status: "running", workflowType: "Order" });
  expect(await described.memo()).toEqual({ note: "hi" });
  expect(await described.memoValue("note")).toBe("hi");
  expect(await described.memoValue("toString")).toBeUndefined();
  expect(await described.staticSummary()).toBe("sum");
  // Looked at from the start, for it may come before the answer to the call that makes it.
  const ended = expect(handle.result()).rejects.toMatchObject({
    code: "TEMPORAL_WORKFLOW_FAILURE",
    cause: { code: "TEMPORAL_FAILURE_TERMINATED", message: "enough", details: [1, "two"] },
  });
  await handle.terminate("enough", 1, "two");
  await ended;
  const history = await handle.fetchHistory();
  expect(history.runId).toBe(handle.resultRunId);
  expect(history.events.map(({ attributes }) => attributes?.case)).toEqual([
    "workflowExecutionStartedEventAttributes",
    "workflowTaskScheduledEventAttributes",
    "workflowExecutionSignaledEventAttributes",
    "workflowExecutionTerminatedEventAttributes",
  ]);
  const missing = await failureOf(client.getWorkflowHandle("nope").describe());
  expect(missing.status).toBe(RPCStatusCode.NOT_FOUND);
  expect(await client.connection.checkHealth()).toBe(true);
}

test('"memory:" runs a server of its own in this thread', async () => {
  await using client = await Client.connect("memory:");
  await runThrough(client);
  await using other = await Client.connect("memory:");
  expect((await other.countWorkflows()).count).toBe(0);
});

test('"host:port" reaches a server over gRPC', async () => {
  const server = await startServer({ listen: {} });
  onTestFinished(() => server.stop());
  await using client = await Client.connect(`127.0.0.1:${server.address?.port}`);
  await runThrough(client);
  expect((await client.countWorkflows()).count).toBe(1);
});

test('"sqlite:" keeps what it is told, and clients of one file share its server', async () => {
  const folder = await mkdtemp(join(tmpdir(), "perdure-client-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const address = `sqlite:${join(folder, "app.db")}`;
  {
    await using client = await Client.connect(address);
    await using second = await Client.connect(address);
    await runThrough(client);
    expect((await second.getWorkflowHandle("w").describe()).status).toBe("terminated");
  }
  await using again = await Client.connect(address);
  expect((await again.getWorkflowHandle("w").describe()).status).toBe("terminated");
}, 30_000);

test("a service that wants a key admits clients that show it", async () => {
  const inner = await startServer();
  const server = new GrpcServer(inner.handler, { apiKeys: ["key"] });
  onTestFinished(async () => {
    await server.stop(0);
    await inner.stop();
  });
  const { port } = await server.listen();
  const address = `127.0.0.1:${port}`;
  const refused = await failureOf(Client.connect(address));
  expect(refused.status).toBe(RPCStatusCode.UNAUTHENTICATED);
  await using client = await Client.connect(address, { apiKey: "key", tls: false });
  expect(client.connection.serverVersion).toMatch(/^\d/);
});
