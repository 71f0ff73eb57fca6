import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SnapshotError } from "../testing.ts";
import { fixtureUrl, prepareEnvironment, startWorker } from "./environment-fixture.test-support.ts";
import { Sleeper } from "./environment.workflows.ts";
import { WorkflowEnvironment } from "./workflow-environment.ts";

const DAY_MS = 86_400_000;

function shutDownLater(environment: WorkflowEnvironment): WorkflowEnvironment {
  onTestFinished(() => environment.shutdown());
  return environment;
}

/** Checks that all goes on in an environment that was prepared as a fixture. */
async function expectToGoOn(environment: WorkflowEnvironment): Promise<void> {
  const { client } = environment;
  expect(environment.supportsTimeSkipping).toBe(true);
  const startedMs = (await environment.getCurrentTime()).getTime();
  const sleeper = client.getWorkflowHandleFor(Sleeper, "sleeper");
  const started = (await sleeper.describe()).startTime?.getTime() ?? 0;
  expect(startedMs - started).toBeGreaterThanOrEqual(2.5 * DAY_MS);
  expect(startedMs - started).toBeLessThan(3 * DAY_MS);
  const worker = await startWorker(environment);
  onTestFinished(() => worker.shutdown());
  expect(await sleeper.query("woken")).toBe(2);
  // Sixty hours hold two or three midnights.
  expect([2, 3]).toContain((await client.getScheduleHandle("daily").describe()).info.numActions);
  expect(await client.getWorkflowHandle("done").result()).toBe(0);
  expect((await client.countWorkflows("ExecutionStatus = 'Running' AND Customer IS NULL")).count).toBe(3);
  // A task that no worker takes keeps time from being skipped.
  await client.getWorkflowHandle("waiting").terminate();
  // The attempt of the worker that is gone times out; the timer of a day ends first.
  expect(await client.getWorkflowHandle("race").result()).toBe("timer");
  expect(await sleeper.result()).toBeGreaterThanOrEqual(10 * DAY_MS);
  expect((await client.getScheduleHandle("daily").describe()).info.numActions).toBeGreaterThanOrEqual(10);
}

test("an environment is restored from a snapshot with its workflows, queues, schedules and time", async () => {
  const environment = shutDownLater(await prepareEnvironment());
  const snapshot = await environment.snapshot();
  const restored = shutDownLater(await WorkflowEnvironment.restore(snapshot));
  await expectToGoOn(restored);
  const worker = await startWorker(environment);
  onTestFinished(() => worker.shutdown());
  expect(await environment.client.getWorkflowHandleFor(Sleeper, "sleeper").query("woken")).toBe(2);
}, 20_000);

test("a snapshot that an earlier version wrote is restored", async () => {
  const restored = shutDownLater(await WorkflowEnvironment.restore(await readFile(fixtureUrl)));
  await expectToGoOn(restored);
  expect((await restored.client.getWorkflowHandle("race").describe()).status).toBe("completed");
}, 20_000);

test("forks go on from the same instant, each on its own, with the tasks that wait for workers", async () => {
  const environment = shutDownLater(await WorkflowEnvironment.startTimeSkipping());
  await environment.client.startWorkflow(Sleeper, { args: [3], id: "sleeper", taskQueue: "q" });
  const forks = await Promise.all([environment.fork(), environment.fork()]);
  const [one, other] = forks.map(shutDownLater) as [WorkflowEnvironment, WorkflowEnvironment];
  const worker = await startWorker(one);
  onTestFinished(() => worker.shutdown());
  expect(await one.client.getWorkflowHandle("sleeper").result()).toBeGreaterThanOrEqual(3 * DAY_MS);
  await other.client.getWorkflowHandle("sleeper").terminate();
  const statuses = [environment, one, other].map(
    async ({ client }) => (await client.getWorkflowHandle("sleeper").describe()).status,
  );
  expect(await Promise.all(statuses)).toEqual(["running", "completed", "terminated"]);
});

test("an environment with the time of the world is restored at the time of its snapshot", async () => {
  const environment = shutDownLater(await WorkflowEnvironment.startLocal({ namespace: "own" }));
  await environment.client.startWorkflow(Sleeper, { args: [1], id: "sleeper", taskQueue: "q" });
  const restored = shutDownLater(await WorkflowEnvironment.restore(await environment.snapshot()));
  expect(restored.supportsTimeSkipping).toBe(false);
  expect(restored.client.namespace).toBe("own");
  expect((await restored.client.getWorkflowHandle("sleeper").describe()).status).toBe("running");
});

test("what is no snapshot, is damaged or comes from a newer version is refused", async () => {
  const environment = shutDownLater(await WorkflowEnvironment.startTimeSkipping());
  const snapshot = await environment.snapshot();
  const restore = (bytes: Uint8Array) => async (): Promise<unknown> => WorkflowEnvironment.restore(bytes);
  await expect(restore(new Uint8Array(0))).rejects.toThrow("0 bytes that are no snapshot found");
  await expect(restore(new TextEncoder().encode('{"events":[{"eventId":"1"}]}'.repeat(9)))).rejects.toThrow(
    SnapshotError,
  );
  await expect(restore(snapshot.subarray(0, -1))).rejects.toThrow("its snapshot is damaged");
  const flipped = snapshot.slice();
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
  await expect(restore(flipped)).rejects.toThrow("its snapshot is damaged");
  const newer = snapshot.slice();
  newer[16] = 2;
  await expect(restore(newer)).rejects.toThrow("its snapshot has version 2, this package knows up to 1");
});

test("an environment on a database or on another's service says why it has no snapshot", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perdure-snapshot-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const onFile = shutDownLater(await WorkflowEnvironment.startLocal({ dbFilename: join(folder, "a.db") }));
  await expect(onFile.snapshot()).rejects.toThrow("a database keeps what happens");
  await expect(WorkflowEnvironment.fromClient(onFile.client).fork()).rejects.toThrow("a service that is not its own");
});
