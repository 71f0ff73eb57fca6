import { expect, onTestFinished, test } from "vitest";
import { WorkflowFailureError } from "../client.ts";
import { silentLogger } from "../core/telemetry/logger.ts";
import { Runtime, Worker, type ActivitySource } from "../worker/index.ts";
import * as realActivities from "./activities.test-support.ts";
import { Caller, Claim } from "./environment.workflows.ts";
import { mockActivities } from "./mock-activities.ts";
import { WorkflowEnvironment } from "./workflow-environment.ts";

async function createEnvironment(activities?: ActivitySource): Promise<WorkflowEnvironment> {
  const environment = await WorkflowEnvironment.startTimeSkipping();
  const worker = await Worker.create(environment.client, {
    taskQueue: "q",
    workflows: [Caller, Claim],
    ...(activities === undefined ? {} : { activities }),
    runtime: new Runtime({ logger: silentLogger }),
  });
  onTestFinished(async () => {
    await worker.shutdown();
    await environment.shutdown();
  });
  return environment;
}

test("mocks of activities are typed by the real ones, and know their calls", async () => {
  const mocks = mockActivities<typeof realActivities>({
    slow: () => "mock",
    // @ts-expect-error -- What a mock answers must be what the activity answers.
    flaky: () => "no number",
  });
  mocks.set({ flaky: (attempt) => attempt * 2 });
  const { client } = await createEnvironment(mocks.activities);
  expect(await client.executeWorkflow(Caller, { id: "a", taskQueue: "q" })).toEqual(["mock", 6]);
  expect(mocks.calls.flaky).toEqual([[3]]);
  mocks.clearCalls();
  expect(mocks.calls.flaky).toEqual([]);
});

test("an activity without a mock fails at once, by its name", async () => {
  const { client } = await createEnvironment(mockActivities<typeof realActivities>({ slow: () => "mock" }).activities);
  await expect(client.executeWorkflow(Caller, { id: "a", taskQueue: "q" })).rejects.toMatchObject({
    cause: { cause: { message: `Cannot run activity "flaky": it has no mock, give one to "mockActivities"` } },
  });
});

test("an assertion that fails in workflow code fails the test, with its line", async () => {
  const { client } = await createEnvironment();
  const failed: unknown = await client
    .executeWorkflow(Claim, { args: [false], id: "a", taskQueue: "q" })
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkflowFailureError);
  const { cause } = failed as WorkflowFailureError;
  expect(cause).toMatchObject({ type: "AssertionError", message: "expected 1 to be 2" });
  expect(cause.stack).toMatch(/environment\.workflows\.ts:\d+/);
  const waiting = await client.startWorkflow(Claim, { args: [true], id: "b", taskQueue: "q" });
  await waiting.signal("claim");
  await expect(waiting.result()).rejects.toMatchObject({ cause: { message: "expected 3 to be 4" } });
});
