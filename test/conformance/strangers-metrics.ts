import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { HandlerError, OperationError, serviceHandler } from "nexus-rpc";
import * as activity from "perdure/activity";
import { Client } from "perdure/client";
import { ApplicationError } from "perdure/exceptions";
import { Runtime } from "perdure/runtime";
import { WorkflowEnvironment } from "perdure/testing";
import { Worker } from "perdure/worker";
import { compareMetrics, readMetricsPage, type MetricShape } from "./metrics-page.ts";
import { Measured, measured, Part } from "./strangers-metrics.workflows.ts";

const SCRIPT = "test/conformance/strangers/python/metrics.py";
/** How long a workflow whose task fails is left alone, so that the failure is measured. */
const BROKEN_MS = 1_000;

const activities = {
  good: async () => "good",
  bad: async () => {
    throw new ApplicationError("on purpose");
  },
  endless: async () => activity.waitForCancelled(),
};

const handler = serviceHandler(measured, {
  echo: async (_ctx, text) => text,
  fail: async (_ctx, how) => {
    if (how === "operation") throw new OperationError("failed", "it did not work");
    throw new HandlerError("BAD_REQUEST", "makes no sense");
  },
});

/** Puts one load on the official Python SDK and on us, and compares which metrics that makes. @throws If they differ. */
export async function compareMetricsWith(python: string, address: string, unique: string): Promise<void> {
  await using client = await Client.connect(address);
  const environment = WorkflowEnvironment.fromClient(client);
  const pages: ReadonlyMap<string, MetricShape>[] = [];
  for (const [name, measure] of [
    ["official", measureOfficial],
    ["own", measureOwn],
  ] as const) {
    const taskQueue = `metrics-${unique}-${name}`;
    const endpoint = await environment.createNexusEndpoint(taskQueue, taskQueue);
    try {
      pages.push(readMetricsPage(await measure({ python, address, taskQueue, endpoint: taskQueue })));
    } finally {
      await environment.deleteNexusEndpoint(endpoint);
    }
  }
  const [official = new Map(), own = new Map()] = pages;
  const differences = compareMetrics(official, own);
  if (differences.length > 0) throw new Error(`Metrics differ:\n${differences.join("\n")}`);
}

interface Measuring {
  readonly python: string;
  readonly address: string;
  readonly taskQueue: string;
  readonly endpoint: string;
}

async function measureOfficial({ python, address, taskQueue, endpoint }: Measuring): Promise<string> {
  const port = await freePort();
  const child = spawn(python, [SCRIPT, address, taskQueue, endpoint, String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const exited = once(child, "exit").then(([code]) => {
      throw new Error(`The official SDK's program ended with code ${String(code)} before it had measured anything`);
    });
    await Promise.race([saying(child.stdout, "measured"), exited]);
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } finally {
    child.stdin.end();
    child.kill("SIGTERM");
  }
}

/** Resolves when a line is there; the SDK writes its log to the same stream. */
function saying(output: Readable, wanted: string): Promise<void> {
  const lines = createInterface({ input: output });
  return new Promise((resolve) => lines.on("line", (line) => line === wanted && resolve()));
}

async function measureOwn({ address, taskQueue, endpoint }: Measuring): Promise<string> {
  const runtime = new Runtime({ telemetry: { metrics: { kind: "prometheus" } } });
  try {
    await using client = await Client.connect(address, { runtime });
    const worker = await Worker.create(client, {
      taskQueue,
      workflows: [Measured, Part],
      activities,
      nexusServiceHandlers: [handler],
    });
    return await worker.runUntil(async () => {
      await load(client, taskQueue, endpoint);
      return (await fetch(`http://${await runtime.metricsAddress()}/metrics`)).text();
    });
  } finally {
    await runtime.close();
  }
}

/** What metrics.py does too. */
async function load(client: Client, taskQueue: string, endpoint: string): Promise<void> {
  const start = (way: string) =>
    client.startWorkflow(Measured, { args: [way, endpoint], id: `${taskQueue}-${way}`, taskQueue });
  await (await start("all")).result();
  await (await start("again")).result();
  await (await start("fail")).result().catch(() => undefined);
  const waiting = await start("wait");
  await waiting.cancel();
  await waiting.result().catch(() => undefined);
  const broken = await start("broken");
  await new Promise((resolve) => setTimeout(resolve, BROKEN_MS));
  await broken.terminate();
  await client
    .getWorkflowHandle("nobody")
    .describe()
    .catch(() => undefined);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
