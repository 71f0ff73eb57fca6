import { onTestFinished, expect, test } from "vitest";
import { Client } from "../client.ts";
import { SearchAttributeKey } from "../common.ts";
import { silentLogger } from "../core/telemetry/logger.ts";
import { TimeoutError } from "../exceptions.ts";
import { type ActivitySource, Runtime, Worker } from "../worker/index.ts";
import * as activities from "./activities.test-support.ts";
import { Patient, Race, Sleeper, Stuck } from "./environment.workflows.ts";
import { WorkflowEnvironment } from "./workflow-environment.ts";

const DAY_MS = 86_400_000;

async function withWorker(
  starting: Promise<WorkflowEnvironment>,
  activitiesOf: (environment: WorkflowEnvironment) => ActivitySource = () => activities,
): Promise<WorkflowEnvironment> {
  const environment = await starting;
  const worker = await Worker.create(environment.client, {
    taskQueue: "q",
    workflows: [Sleeper, Race, Patient, Stuck],
    activities: activitiesOf(environment),
    runtime: new Runtime({ logger: silentLogger }),
  });
  onTestFinished(async () => {
    await worker.shutdown();
    await environment.shutdown();
  });
  return environment;
}

test("waiting for a result skips the time of all timers, and the clock shows it", async () => {
  const environment = await withWorker(WorkflowEnvironment.startTimeSkipping());
  const before = await environment.getCurrentTime();
  const took = await environment.client.executeWorkflow(Sleeper, { args: [30], id: "month", taskQueue: "q" });
  expect(took).toBeGreaterThanOrEqual(30 * DAY_MS);
  const now = await environment.getCurrentTime();
  expect(now.getTime() - before.getTime()).toBeGreaterThanOrEqual(took);
  expect(environment.supportsTimeSkipping).toBe(true);
});

test("time is not skipped while an activity runs", async () => {
  const { client } = await withWorker(WorkflowEnvironment.startTimeSkipping());
  expect(await client.executeWorkflow(Race, { id: "race", taskQueue: "q" })).toBe("activity");
});

test("an activity that sleeps in the environment lets time pass meanwhile", async () => {
  const { client } = await withWorker(WorkflowEnvironment.startTimeSkipping(), (environment) => ({
    slow: async (): Promise<string> => {
      await environment.sleep("36 hours");
      return "activity";
    },
  }));
  expect(await client.executeWorkflow(Race, { id: "race", taskQueue: "q" })).toBe("timer");
});

test("waits for several results at once skip time as one does", async () => {
  const { client } = await withWorker(WorkflowEnvironment.startTimeSkipping());
  const sleeps = [1, 2, 3].map((days) =>
    client.executeWorkflow(Sleeper, { args: [days], id: `sleeper-${days}`, taskQueue: "q" }),
  );
  for (const [index, took] of (await Promise.all(sleeps)).entries()) {
    expect(took).toBeGreaterThanOrEqual((index + 1) * DAY_MS);
  }
});

test("the waits between attempts and the timeouts of workflows are skipped", async () => {
  const { client } = await withWorker(WorkflowEnvironment.startTimeSkipping());
  expect(await client.executeWorkflow(Patient, { id: "patient", taskQueue: "q" })).toBe(4);
  const stuck = client.executeWorkflow(Stuck, { id: "stuck", taskQueue: "q", executionTimeout: "30 days" });
  await expect(stuck).rejects.toMatchObject({ cause: expect.any(TimeoutError) as unknown });
});

test("a sleep lets happen what happens meanwhile, and no more", async () => {
  const environment = await withWorker(WorkflowEnvironment.startTimeSkipping());
  const handle = await environment.client.startWorkflow(Sleeper, { args: [10], id: "sleeper", taskQueue: "q" });
  expect(await handle.query("woken")).toBe(0);
  await environment.sleep("60 hours");
  expect(await handle.query("woken")).toBe(2);
  await environment.sleep("1 day");
  expect(await handle.query("woken")).toBe(3);
});

test("a wait that begins while skipping is disabled does not skip", async () => {
  const environment = await withWorker(WorkflowEnvironment.startTimeSkipping());
  const handle = await environment.client.startWorkflow(Sleeper, { args: [1], id: "slow", taskQueue: "q" });
  const result = await environment.withAutoTimeSkippingDisabled(() => {
    const waiting = handle.result();
    return { waiting };
  });
  expect(await handle.query("woken")).toBe(0);
  await environment.sleep("2 days");
  expect(await result.waiting).toBeGreaterThanOrEqual(DAY_MS);
});

test("a local environment has its search attributes, and others reach it by its address", async () => {
  const environment = await withWorker(
    WorkflowEnvironment.startLocal({
      namespace: "tests",
      listen: {},
      searchAttributes: [SearchAttributeKey.forKeyword("Customer")],
      dynamicConfig: { "limit.maxIDLength": 100 },
    }),
  );
  expect(environment.supportsTimeSkipping).toBe(false);
  await using other = await Client.connect(environment.address ?? "", { namespace: "tests" });
  await other.startWorkflow("Stuck", { id: "stuck", taskQueue: "nobody" });
  expect((await environment.client.countWorkflows("WorkflowType = 'Stuck'")).count).toBe(1);
  expect((await other.countWorkflows("Customer = 'none'")).count).toBe(0);
  await expect(other.startWorkflow("Stuck", { id: "i".repeat(101), taskQueue: "nobody" })).rejects.toThrow(/length/i);
  await expect(other.testService.getCurrentTime({})).rejects.toMatchObject({ code: "TEMPORAL_RPC" });
  await environment.sleep(1);
});

test("an environment on any client leaves it open", async () => {
  await using client = await Client.connect("memory:");
  await using environment = WorkflowEnvironment.fromClient(client);
  expect(environment.address).toBeUndefined();
  expect(await environment.getCurrentTime()).toBeInstanceOf(Date);
  await environment.shutdown();
  expect((await client.countWorkflows()).count).toBe(0);
});
