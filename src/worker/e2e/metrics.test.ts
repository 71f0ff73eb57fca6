import { expect, onTestFinished, test } from "vitest";
import { Client, Connection } from "../../client/index.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { VirtualClock } from "../../core/time/virtual-clock.ts";
import { DirectTransport } from "../../rpc/direct-transport.ts";
import { startServer } from "../../server/index.ts";
import { MetricBuffer, Runtime, Worker, type BufferedMetricUpdate, type TelemetryConfig } from "../index.ts";
import * as activities from "./activities.test-support.ts";
import { CallActivity, CallLocalActivity, Count, Hello } from "./hello.workflows.ts";

/** Runs one workflow of each sort in a world of its own and answers what was measured. */
async function measured(telemetry: TelemetryConfig): Promise<Runtime> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const server = await startServer({ clock });
  const runtime = new Runtime({ clock, logger: silentLogger, telemetry });
  const connection = new Connection(new DirectTransport(server.handler, { clock }), { clock, runtime });
  const client = new Client(connection);
  const workflows = [CallActivity, CallLocalActivity, Count, Hello];
  const worker = await Worker.create(client, { taskQueue: "q", workflows, activities });
  const until = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false;
    const watch = (): void => void (isSettled = true);
    promise.then(watch, watch);
    for (;;) {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) return promise;
      clock.advanceToNext();
    }
  };
  onTestFinished(async () => {
    await runtime.close();
    await connection.close();
    await server.stop();
  });
  const start = (workflow: typeof CallActivity, id: string, name: string, args: unknown[]) =>
    client.executeWorkflow(workflow, { args: [name, args, {}], id, taskQueue: "q" });
  await until(start(CallActivity, "remote", "greet", ["you"]));
  await until(start(CallLocalActivity, "local", "greet", ["you"]));
  await until(start(CallActivity, "failing", "failForGood", []).catch(() => undefined));
  await until(client.executeWorkflow(Count, { args: [3], id: "count", taskQueue: "q" }));
  await until(
    client
      .getWorkflowHandle("nobody")
      .describe()
      .catch(() => undefined),
  );
  await until(worker.shutdown());
  return runtime;
}

function sumOf(
  updates: readonly BufferedMetricUpdate[],
  name: string,
  attributes: Readonly<Record<string, unknown>> = {},
): number {
  return updates
    .filter(({ metric }) => metric.name === name)
    .filter((update) => Object.entries(attributes).every(([key, value]) => update.attributes[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

test("workflows, activities, polls, slots and requests are measured by the names of the reference SDK", async () => {
  const buffer = new MetricBuffer();
  await measured({ metrics: buffer, globalTags: { team: "a" } });
  const updates = buffer.retrieveUpdates();
  const remote = { activity_type: "greet", workflow_type: "CallActivity" };
  expect(sumOf(updates, "temporal_worker_start")).toBe(1);
  expect(sumOf(updates, "temporal_workflow_completed", { workflow_type: "CallActivity" })).toBe(1);
  expect(sumOf(updates, "temporal_workflow_failed", { workflow_type: "CallActivity" })).toBe(1);
  expect(sumOf(updates, "temporal_activity_task_received", remote)).toBe(1);
  expect(sumOf(updates, "temporal_activity_execution_failed", { activity_type: "failForGood" })).toBe(1);
  expect(sumOf(updates, "temporal_local_activity_total", { activity_type: "greet" })).toBe(1);
  expect(sumOf(updates, "temporal_workflow_task_queue_poll_succeed")).toBeGreaterThan(3);
  expect(sumOf(updates, "temporal_sticky_cache_hit")).toBeGreaterThan(0);
  expect(sumOf(updates, "temporal_request", { operation: "StartWorkflowExecution", namespace: "default" })).toBe(4);
  expect(
    sumOf(updates, "temporal_long_request", { operation: "PollWorkflowTaskQueue", task_queue: "q" }),
  ).toBeGreaterThan(3);
  const failure = { operation: "DescribeWorkflowExecution", status_code: "NOT_FOUND" };
  expect(sumOf(updates, "temporal_request_failure", failure)).toBe(1);
  const last = (name: string, key: string, value: string): number | undefined =>
    updates.findLast(({ metric, attributes }) => metric.name === name && attributes[key] === value)?.value;
  expect(last("temporal_worker_task_slots_used", "worker_type", "ActivityWorker")).toBe(0);
  expect(last("temporal_worker_task_slots_available", "worker_type", "ActivityWorker")).toBe(100);
  expect(last("temporal_num_pollers", "poller_type", "activity_task")).toBe(0);
  expect(updates.findLast(({ metric }) => metric.name === "temporal_sticky_cache_size")?.value).toBe(0);
  for (const { attributes } of updates) expect(attributes).toMatchObject({ team: "a", service_name: "perdure" });
});

test("workflow code's own metrics count once and have no prefix", async () => {
  const buffer = new MetricBuffer();
  await measured({ metrics: buffer, attachServiceName: false });
  const counted = buffer.retrieveUpdates().filter(({ metric }) => metric.name === "counted");
  expect(counted.map(({ value }) => value)).toEqual([1, 1, 1]);
  expect(counted[0]?.attributes).toMatchObject({ namespace: "default", workflow_type: "Count", task_queue: "q" });
});

test("two runtimes in a process measure apart, each at an address of its own", async () => {
  const runtimes = [
    await measured({ metrics: { kind: "prometheus" } }),
    await measured({
      metrics: { kind: "prometheus", countersTotalSuffix: true, unitSuffix: true, durationsAsSeconds: true },
    }),
  ];
  const pages = await Promise.all(
    runtimes.map(async (runtime) => (await fetch(`http://${await runtime.metricsAddress()}/metrics`)).text()),
  );
  expect(pages[0]).toMatch(/^temporal_long_request\{.*operation="PollWorkflowTaskQueue".*\} \d+$/m);
  expect(pages[0]).toMatch(/^temporal_activity_execution_latency_bucket\{.*le="60000"\} \d+$/m);
  expect(pages[1]).toMatch(/^temporal_long_request_total\{/m);
  expect(pages[1]).toMatch(/^temporal_activity_execution_latency_seconds_bucket\{.*le="0\.05"\} \d+$/m);
});
