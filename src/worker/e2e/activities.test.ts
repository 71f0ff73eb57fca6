import { expect, test } from "vitest";
import { AsyncActivityHandle } from "../../client/index.ts";
import { ActivityError, ApplicationError, TimeoutError } from "../../exceptions.ts";
import { EventType } from "../../proto/gen/enums.ts";
import type { HistoryEvent } from "../../proto/gen/history.ts";
import * as activities from "./activities.test-support.ts";
import { CallActivity, CallLocalActivity, Hello } from "./hello.workflows.ts";
import { createWorld, type World } from "./world.test-support.ts";

type Options = Readonly<Record<string, unknown>>;
const workflows = [CallActivity, CallLocalActivity, Hello];

function call(world: World, name: string, args: readonly unknown[] = [], options: Options = {}): Promise<unknown> {
  return world.until(
    world.client.executeWorkflow(CallActivity, { args: [name, args, options], id: name, taskQueue: "q" }),
  );
}

function callLocal(world: World, name: string, args: readonly unknown[] = [], options: Options = {}): Promise<unknown> {
  return world.until(
    world.client.executeWorkflow(CallLocalActivity, { args: [name, args, options], id: name, taskQueue: "q" }),
  );
}

async function causesOf(promise: Promise<unknown>): Promise<unknown[]> {
  const causes: unknown[] = [];
  for (
    let error: unknown = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    error instanceof Error;
    error = error.cause
  )
    causes.push(error);
  return causes;
}

async function eventsOf(world: World, workflowId: string): Promise<readonly HistoryEvent[]> {
  return (await world.until(world.client.getWorkflowHandle(workflowId).fetchHistory())).events;
}

test("a failed activity is tried again, and says which attempt it is", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  expect(await call(world, "failUntil", [3])).toBe(3);
});

test("a failure that is not to be retried fails the workflow with its causes", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  const [, activityError, applicationError] = await causesOf(call(world, "failForGood"));
  expect(activityError).toBeInstanceOf(ActivityError);
  expect(applicationError).toBeInstanceOf(ApplicationError);
  expect(applicationError).toMatchObject({ message: "no way", type: "NoWay", details: ["because"] });
});

test("an unknown activity fails, to be tried again by a worker that knows it", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities: [activities.greet] });
  const causes = await causesOf(call(world, "nonesuch", [], { retryPolicy: { maximumAttempts: 2 } }));
  expect(causes.at(-1)).toMatchObject({
    type: "NotFoundError",
    message:
      "Activity function nonesuch for workflow nonesuch is not registered on this worker, available activities: greet",
  });
});

test("details of the last heartbeat reach the next attempt, though it was never sent on its own", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  expect(await call(world, "countTo", [5], { heartbeatTimeout: "1m" })).toEqual([4, 5]);
});

test("an activity that stops to heartbeat is tried again with what it told", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  expect(await call(world, "hangOnce", [], { heartbeatTimeout: "5s" })).toEqual(["alive"]);
});

test("an activity without a heartbeat that is out of time ends by the worker's own clock", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  const causes = await causesOf(
    call(world, "outlast", ["1 day"], { startToCloseTimeout: "1m", retryPolicy: { maximumAttempts: 1 } }),
  );
  expect(causes.at(-1)).toBeInstanceOf(TimeoutError);
});

test("an activity may be completed later, by its token", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  activities.taskTokens.length = 0;
  const result = call(world, "completeLater");
  while (activities.taskTokens.length === 0) await world.settle();
  const [taskToken = new Uint8Array()] = activities.taskTokens;
  const handle: AsyncActivityHandle = world.client.getAsyncActivityHandle({ taskToken });
  await handle.complete("done");
  expect(await result).toBe("done");
});

test("an activity has the worker's client", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  expect(await call(world, "describeSelf")).toBe("CallActivity");
});

test("more eager activities than there are slots are left to the task queue", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities, maxConcurrentActivities: 1 });
  const names = ["a", "b", "c", "d"];
  const runs = names.map((name) => world.client.executeWorkflow(Hello, { args: [name], id: name, taskQueue: "q" }));
  expect(await world.until(Promise.all(runs))).toEqual(names.map((name) => `Hello, ${name}!`));
});

test("a local activity leaves nothing but a marker", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  expect(await callLocal(world, "greet", ["you"])).toBe("Hello, you!");
  const types = (await eventsOf(world, "greet")).map(({ eventType }) => eventType);
  expect(types).toContain(EventType.MARKER_RECORDED);
  expect(types).not.toContain(EventType.ACTIVITY_TASK_SCHEDULED);
});

test("a local activity is tried again while its task waits, beyond the task's time", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  expect(await callLocal(world, "failUntil", [6])).toBe(6);
  const types = (await eventsOf(world, "failUntil")).map(({ eventType }) => eventType);
  expect(types.filter((type) => type === EventType.WORKFLOW_TASK_COMPLETED).length).toBeGreaterThan(2);
});

test("a local activity's long wait becomes a timer", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  expect(await callLocal(world, "failUntil", [2], { localRetryThreshold: "100ms" })).toBe(2);
  expect((await eventsOf(world, "failUntil")).map(({ eventType }) => eventType)).toContain(EventType.TIMER_FIRED);
});

test("a local activity that fails for good fails the workflow", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities });
  const causes = await causesOf(callLocal(world, "failForGood"));
  expect(causes.at(-1)).toMatchObject({ message: "no way", type: "NoWay" });
});

test("a local activity outlasts its task although runs are not kept", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities, maxCachedWorkflows: 0 });
  expect(await callLocal(world, "outlast", ["45s"])).toBe(undefined);
  const types = (await eventsOf(world, "outlast")).map(({ eventType }) => eventType);
  expect(types.filter((type) => type === EventType.WORKFLOW_TASK_COMPLETED).length).toBeGreaterThan(4);
});

test("a run with a local activity in its past goes on where the run is not kept", async () => {
  const world = await createWorld();
  await world.createWorker({ workflows, activities, maxCachedWorkflows: 0 });
  expect(await callLocal(world, "failUntil", [2], { localRetryThreshold: "100ms" })).toBe(2);
});
