import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { Client } from "perdure/client";
import { WorkflowStreamClient } from "perdure/workflow-streams";
import { Worker } from "perdure/worker";
import { take } from "./expectations.ts";
import type { DataTrial } from "./strangers-data.ts";
import { Relay } from "./strangers-streams.workflows.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;
const script = "test/conformance/strangers/python/streams.py";

/** What is tried with the official Python SDK's workflow streams. @param python Its interpreter. */
export function streamTrials(python: string, address: string, unique: string): DataTrial[] {
  return [
    {
      name: "official Python SDK: it publishes and subscribes to the stream of our workflow",
      run: () => weWork(python, address, `stranger-streams-${unique}-client`),
    },
    {
      name: "official Python SDK: we publish and subscribe to the stream of its workflow",
      run: () => strangerWorks(python, address, `stranger-streams-${unique}-worker`),
    },
  ];
}

async function weWork(python: string, address: string, taskQueue: string): Promise<void> {
  await using client = await Client.connect(address);
  const worker = await Worker.create(client, { taskQueue, workflows: [Relay] });
  await worker.runUntil(async () => {
    const handle = await client.startWorkflow(Relay, { args: [null, 0], id: taskQueue, taskQueue });
    await run(python, [script, "client", address, taskQueue], { timeout: TIMEOUT_MS });
    assert.equal(await handle.result(), 1);
  });
}

async function strangerWorks(python: string, address: string, taskQueue: string): Promise<void> {
  await using client = await Client.connect(address);
  const child = spawn(python, [script, "worker", address, taskQueue], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    await client.startWorkflow(Relay, { args: [null, 0], id: taskQueue, taskQueue });
    const latest = client.getWorkflowHandleFor(Relay, taskQueue);
    await using stream = new WorkflowStreamClient(client, taskQueue);
    const news = stream.topic<{ readonly text: string }>("news");
    // What comes before the workflow's first task is there before what that publishes.
    await take(news.subscribe(), 1);
    news.publish({ text: "from TypeScript" });
    await stream.flush();
    await latest.signal("go", "renew");
    const seen: [number, string][] = [];
    for await (const { offset, data } of news.subscribe()) {
      seen.push([offset, data.text]);
      if (data.text === "run 1") news.publish({ text: "again" }, { forceFlush: true });
      if (data.text === "again") await latest.signal("go", "end");
    }
    assert.deepEqual(seen, [
      [0, "run 0"],
      [1, "from TypeScript"],
      [2, "run 1"],
      [3, "again"],
    ]);
    assert.equal(await stream.getOffset(), 4);
  } finally {
    child.stdin.end();
    child.kill("SIGTERM");
  }
}
