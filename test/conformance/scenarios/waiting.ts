import assert from "node:assert/strict";
import { ApplicationError, CancelledError } from "perdure/exceptions";
import { Replayer } from "perdure/worker";
import * as activities from "../activities.ts";
import { admitUpdate } from "../admission.ts";
import { check, count, eventKindsOf, failureOf } from "../expectations.ts";
import { Logbook } from "../logbook.ts";
import type { Scenario } from "../scenario.ts";
import {
  CallsWithoutEnd,
  type CriticalSection,
  type Crowd,
  Crowded,
  MissesNews,
  Sleeps,
  SleepsConcurrently,
  TakesAsCompleted,
  TracesItself,
  WaitsForAll,
  WaitsForMany,
  WaitsTooLong,
} from "./waiting.workflows.ts";

const CROWD = 5;

function titleOf({ permits, timeoutMs }: CriticalSection): string {
  const limit = permits === "a lock" ? permits : `a semaphore of ${permits}`;
  return timeoutMs === undefined ? limit : `${limit}, for which nobody waits long`;
}

function coroutines(section: CriticalSection, expected: Crowd): Scenario {
  return {
    name: `parts of a workflow are limited by ${titleOf(section)}`,
    async run({ client, taskQueue, newId }) {
      const options = { args: [section, CROWD] as [CriticalSection, number], id: newId("crowded"), taskQueue };
      assert.deepEqual(await client.executeWorkflow(Crowded, options), expected);
    },
  };
}

/** All updates are there before the worker, and so come in one task. */
function handlers(section: CriticalSection, expected: Crowd): Scenario {
  return {
    name: `handlers of updates are limited by ${titleOf(section)}`,
    async run(world) {
      const { client, newId, withWorker } = world;
      const taskQueue = newId("crowded");
      await client.startWorkflow(Crowded, { args: [section, 0], id: taskQueue, taskQueue });
      const handle = client.getWorkflowHandle(taskQueue);
      const ids = Array.from({ length: CROWD }, (_one, index) => `update-${index}`);
      const updates = await Promise.all(ids.map((id) => admitUpdate(world, handle, "enter", { id })));
      await withWorker({ taskQueue, workflows: [Crowded], activities }, async () => {
        await Promise.all(updates.map(({ result }) => result));
        await handle.signal("finish");
        assert.deepEqual(await handle.result(), expected);
      });
    },
  };
}

const impatient = { sleepMs: 500, timeoutMs: 100 } as const;
const sections: readonly (readonly [CriticalSection, Crowd])[] = [
  [{ permits: "a lock" }, { ever: 5, most: 1 }],
  [
    { permits: "a lock", ...impatient },
    { ever: 1, most: 1 },
  ],
  [{ permits: 3 }, { ever: 5, most: 3 }],
  [
    { permits: 3, ...impatient },
    { ever: 3, most: 3 },
  ],
];

/** Time, order and limits of what a workflow waits for. */
export const waiting: readonly Scenario[] = [
  ...sections.map(([section, expected]) => coroutines(section, expected)),
  ...sections.map(([section, expected]) => handlers(section, expected)),
  ...[TakesAsCompleted, WaitsForAll].map((cls): Scenario => ({
    name: `ten promises are waited for in an order that every replay keeps: ${cls.name}`,
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("ten");
      const options = { taskQueue, workflows: [cls], activities, maxCachedWorkflows: 0 };
      const handle = client.getWorkflowHandle(newId("ten"));
      const greetings = await withWorker(options, () =>
        client.executeWorkflow<string[]>(cls.name, { id: handle.id, taskQueue }),
      );
      assert.equal(new Set(greetings).size, 10);
      check(!(await eventKindsOf(handle)).includes("workflowTaskFailed"));
    },
  })),
  {
    name: "a workflow sleeps for a second by its own clock and by any other",
    async run({ client, taskQueue, newId }) {
      const startMs = performance.now();
      check((await client.executeWorkflow(Sleeps, { id: newId("sleeps"), taskQueue })) >= 1_000);
      check(performance.now() - startMs >= 1_000);
    },
  },
  {
    name: "timers that run at the same time keep their summaries and their order",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(SleepsConcurrently, { id: newId("concurrently"), taskQueue });
      await handle.result();
      const summaries = (await handle.fetchHistory()).events.flatMap(({ attributes, userMetadata }) =>
        attributes?.case === "timerStartedEventAttributes"
          ? [new TextDecoder().decode(userMetadata?.summary?.data).replaceAll('"', "")]
          : [],
      );
      const first = ["t0", "t1", "t2", "t3", "t4", "no time", "some time", "", "t5", "t6", "t7", "t8", "t9"];
      assert.deepEqual(summaries, [...first, ...Array.from({ length: 10 }, (_one, index) => `g${index}`)]);
      await client.getWorkflowHandle(handle.id).query("__temporal_workflow_metadata");
    },
  },
  {
    name: "signals, updates, timers and activities that come together come in an order that replay keeps",
    async run({ client, newId, withWorker, eventually }) {
      const taskQueue = newId("traces");
      const handle = await client.startWorkflow(TracesItself, { id: newId("traces"), taskQueue });
      await handle.signal("hear", "early");
      const seen = await withWorker({ taskQueue, workflows: [TracesItself], activities }, async () => {
        await eventually(async () => (await eventKindsOf(handle)).includes("timerStarted"));
        await Promise.all([handle.signal("hear", "late"), handle.executeUpdate("change", { args: ["update"] })]);
        return handle.result();
      });
      assert.equal(seen[0], "early begins");
      for (const name of ["early", "late", "update", "timer", "activity"])
        assert.deepEqual(
          seen.filter((one) => one.startsWith(name)),
          [`${name} begins`, `${name} goes on`, `${name} ends`],
        );
      await using replayer = await Replayer.create({ workflows: [TracesItself] });
      await replayer.replayWorkflow(await handle.fetchHistory());
    },
  },
  {
    name: "a result and signals that come while the worker is away come in an order that replay keeps",
    async run({ client, newId, withWorker }) {
      const [taskQueue, elsewhere] = [newId("misses"), newId("elsewhere")];
      const handle = await client.startWorkflow(MissesNews, { args: [elsewhere], id: newId("misses"), taskQueue });
      const worker = { taskQueue, workflows: [MissesNews] };
      const until = async (kind: string): Promise<void> => {
        for await (const { attributes } of handle.fetchHistoryEvents({ waitNewEvent: true }))
          if (attributes?.case === `${kind}EventAttributes`) break;
      };
      await withWorker(worker, () => until("activityTaskScheduled"));
      await withWorker({ taskQueue: elsewhere, activities }, async () => {
        await until("activityTaskCompleted");
        await handle.signal("hear", "one");
        await handle.signal("hear", "two");
      });
      const seen = await withWorker(worker, () => handle.result());
      const [counted, ...others] = seen.toSorted(
        (a, b) => Number(b.startsWith("counted")) - Number(a.startsWith("counted")),
      );
      assert.match(counted ?? "", /^counted [23]$/);
      assert.deepEqual(others.toSorted(), ["called", "calls", "hears one", "hears two"]);
      await using replayer = await Replayer.create({ workflows: [MissesNews] });
      await replayer.replayWorkflow(await handle.fetchHistory());
    },
  },
  ...(["condition", "scope"] as const).map((way): Scenario => ({
    name: `a workflow that waits too long fails with a TimeoutError: ${way}`,
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(WaitsTooLong, { args: [way], id: newId("too-long"), taskQueue });
      const { cause } = await failureOf(handle.result());
      check(cause instanceof ApplicationError, String(cause));
      assert.equal(cause.type, "TimeoutError");
    },
  })),
  {
    name: "cancelling a workflow that waits for several activities is no error in the log of its worker",
    async run({ client, newId, withWorker, eventually }) {
      const logbook = new Logbook();
      const taskQueue = newId("many");
      const options = { taskQueue, workflows: [WaitsForMany], activities, runtime: logbook.runtime };
      await withWorker(options, async () => {
        const handle = await client.startWorkflow(WaitsForMany, { id: newId("many"), taskQueue });
        await eventually(async () =>
          (await handle.describe()).raw.pendingActivities.some(({ lastHeartbeatTime }) => lastHeartbeatTime),
        );
        await handle.cancel();
        check((await failureOf(handle.result())).cause instanceof CancelledError);
      });
      assert.deepEqual(
        logbook.lines.filter(({ level }) => level === "error"),
        [],
      );
    },
  },
  {
    name: "a workflow that calls quick activities without end hears of its cancellation",
    async run({ client, taskQueue, newId, eventually }) {
      for (const calls of [1, 2, 3]) {
        const handle = await client.startWorkflow(CallsWithoutEnd, { id: newId("calls"), taskQueue });
        await eventually(async () => count(await eventKindsOf(handle), "activityTaskCompleted") >= calls);
        await handle.cancel();
        const { cause } = await failureOf(handle.result());
        check(cause instanceof CancelledError, String(cause));
        assert.equal(cause.message, "Workflow cancelled");
      }
    },
  },
];
