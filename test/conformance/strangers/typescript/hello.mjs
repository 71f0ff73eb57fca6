/**
 * The official TypeScript SDK's side of the conformance run; the same three modes as the Python side.
 *
 * hello.mjs ADDRESS both|worker|client TASK_QUEUE [ID]
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client, Connection } from "@temporalio/client";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";

const [address, mode, taskQueue, workflowId] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger("ERROR") });

async function drive() {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const handle = await client.workflow.start("Greeting", { args: ["World", true], workflowId, taskQueue });
  assert.equal(await handle.query("greeting"), "Hello");
  await handle.signal("setGreeting", "Hi");
  await handle.signal("let-go");
  assert.equal(await handle.result(), "Hi, World!");
  const { events } = await handle.fetchHistory();
  const kinds = new Set(events.flatMap((event) => Object.keys(event)));
  for (const wanted of [
    "timerFired",
    "activityTaskCompleted",
    "workflowExecutionSignaled",
    "workflowExecutionCompleted",
  ])
    assert(kinds.has(`${wanted}EventAttributes`), wanted);
  await connection.close();
}

async function driveEverything() {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const id = `${workflowId}-everything`;
  const handle = await client.workflow.start("Everything", { args: [1], workflowId: id, taskQueue });
  await assert.rejects(handle.executeUpdate("add", { args: [""] }));
  assert.equal(await handle.executeUpdate("add", { args: ["first"] }), 1);
  const follow = client.workflow.getHandle(id);
  while ((await follow.describe()).runId === handle.firstExecutionRunId)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await follow.executeUpdate("add", { args: ["second"] }), 1);
  assert.deepEqual(await handle.result(), ["second", "Hey, you!", "part one", "cancelled"]);
  const endless = await client.workflow.start("Part", { args: ["endless"], workflowId: `${id}-c`, taskQueue });
  await endless.cancel();
  await assert.rejects(endless.result(), (error) => error.cause?.name === "CancelledFailure");
  await connection.close();
}

if (mode === "client") await drive();
else {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL("./workflows.mjs", import.meta.url)),
    activities: { greet: async (greeting, name) => `${greeting}, ${name}!` },
  });
  await worker.runUntil(async () => {
    if (mode === "both") return drive().then(driveEverything);
    console.log("ready");
    process.stdin.resume();
    await once(process.stdin, "end");
  });
  await connection.close();
}
console.log("ok");
