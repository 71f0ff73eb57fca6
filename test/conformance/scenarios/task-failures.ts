import assert from "node:assert/strict";
import * as activity from "perdure/activity";
import { Client, type WorkflowHandle } from "perdure/client";
import { DataConverter } from "perdure/converter";
import { ActivityError, ApplicationError } from "perdure/exceptions";
import { greet } from "../activities.ts";
import { check, failureOf } from "../expectations.ts";
import { Logbook } from "../logbook.ts";
import type { Scenario, ScenarioWorld } from "../scenario.ts";
import { CannotConfigure, FailsOneTask, GreetsLocally, Hogs, ThrowsUnconvertible } from "./task-failures.workflows.ts";
import { failureConverter, Unconvertible } from "./unconvertible.ts";

/** Waits until a task of the workflow has failed, and says why. */
async function taskFailure(
  { eventually }: Pick<ScenarioWorld, "eventually">,
  handle: Pick<WorkflowHandle, "fetchHistory">,
) {
  let found: string | undefined;
  await eventually(async () => {
    for (const { attributes } of (await handle.fetchHistory()).events)
      if (attributes?.case === "workflowTaskFailedEventAttributes") found ??= attributes.value.failure?.message ?? "";
    return found !== undefined;
  });
  return found ?? "";
}

function missing(title: string, activities: readonly (() => string)[], expected: string): Scenario {
  return {
    name: `a local activity that the worker does not have fails the task, and says what it has: ${title}`,
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("missing");
      const { id } = await client.startWorkflow(GreetsLocally, { args: ["you"], id: taskQueue, taskQueue });
      const handle = client.getWorkflowHandle(id);
      const message = await withWorker({ taskQueue, workflows: [GreetsLocally], activities }, () =>
        taskFailure(world, handle),
      );
      assert.equal(message, `Activity function greet is not registered on this worker, ${expected}`);
      assert.equal((await handle.describe()).status, "running");
      await handle.terminate();
    },
  };
}

/** What keeps the task of a workflow from being done, and that it goes no further. */
export const taskFailures: readonly Scenario[] = [
  ...(["loop", "microtasks"] as const).map((way): Scenario => ({
    name: `a workflow that never yields fails its task, and its worker stops when it is to: ${way}`,
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("hogs");
      const handle = await client.startWorkflow(Hogs, { args: [way], id: newId("hogs"), taskQueue });
      const message = await withWorker(
        { taskQueue, workflows: [Hogs], deadlockTimeout: 500, runtime: new Logbook().runtime },
        () => taskFailure(world, handle),
      );
      assert.match(message, /did not yield within/);
      await handle.terminate();
    },
  })),
  {
    name: "more workflows that never yield than there are threads do not keep others from being done",
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("hogs");
      const start = (way: "loop" | "not at all") =>
        client.startWorkflow(Hogs, { args: [way], id: newId("hogs"), taskQueue });
      await withWorker(
        { taskQueue, workflows: [Hogs], deadlockTimeout: 500, runtime: new Logbook().runtime },
        async () => {
          const hogs = await Promise.all([start("loop"), start("loop"), start("loop")]);
          for (const handle of hogs) assert.match(await taskFailure(world, handle), /did not yield within/);
          assert.equal(await (await start("not at all")).result(), "done");
          for (const handle of hogs) await handle.terminate();
        },
      );
    },
  },
  {
    name: "an error of which no failure is made fails the activity or the workflow task in its place",
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("unconvertible");
      const own = new Client(client.connection, {
        ...client.options,
        dataConverter: new DataConverter({ failureConverter }),
      });
      const throwUnconvertible = (): never => {
        throw new Unconvertible();
      };
      const converterModule = new URL("./unconvertible.ts", import.meta.url).href;
      await withWorker(
        {
          taskQueue,
          workflows: [ThrowsUnconvertible],
          activities: { throwUnconvertible },
          workflowRunner: { kind: "sandboxed", converterModule },
          runtime: new Logbook().runtime,
        },
        async () => {
          const execute = own.executeWorkflow(ThrowsUnconvertible, { args: ["activity"], id: newId("un"), taskQueue });
          const { cause } = await failureOf(execute);
          check(cause instanceof ActivityError && cause.cause instanceof ApplicationError, String(cause));
          assert.match(cause.cause.message, /no failure is made of this/);
          const handle = await own.startWorkflow(ThrowsUnconvertible, {
            args: ["workflow"],
            id: newId("un"),
            taskQueue,
          });
          assert.match(await taskFailure(world, handle), /no failure is made of this/);
          await handle.terminate();
        },
        own,
      );
    },
  },
  {
    name: "a dynamic workflow whose config cannot be had fails its task and is not run",
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("dynamic");
      const handle = await client.startWorkflow("OfAnyType", { id: newId("dynamic"), taskQueue });
      const message = await withWorker({ taskQueue, workflows: [CannotConfigure] }, () => taskFailure(world, handle));
      assert.match(message, /no such settings/);
      await handle.terminate();
    },
  },
  missing(
    "another",
    [
      function other() {
        return "";
      },
    ],
    "available activities: other",
  ),
  missing("none", [], "no available activities"),
  {
    name: "a local activity that the worker does not have by name is done by its dynamic one",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("missing");
      const other = (): string => "other";
      const named = activity.defn({ dynamic: true })(async () => activity.info().activityType);
      const options = { taskQueue, workflows: [GreetsLocally], activities: [other, named] };
      const result = await withWorker(options, () =>
        client.executeWorkflow(GreetsLocally, { args: ["you"], id: newId("missing"), taskQueue }),
      );
      assert.equal(result, greet.name);
    },
  },
  {
    name: "the log says of a failed workflow task whose it was and why",
    async run({ client, newId, withWorker }) {
      const logbook = new Logbook();
      const taskQueue = newId("fails-once");
      let tasks = 0;
      const activities = { countTasks: () => ++tasks };
      const options = { taskQueue, workflows: [FailsOneTask], activities, runtime: logbook.runtime };
      const id = newId("fails-once");
      await withWorker(options, async () => {
        assert.equal(await client.executeWorkflow(FailsOneTask, { id, taskQueue }), "done");
      });
      const [line] = logbook.about(id, "Workflow task failed");
      check(line !== undefined);
      assert.deepEqual(
        [line.level, line.attributes["workflowType"], line.attributes["error"]],
        ["warn", "FailsOneTask", "only once"],
      );
    },
  },
];
