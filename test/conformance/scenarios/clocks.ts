import assert from "node:assert/strict";
import type { WorkflowHandle } from "perdure/client";
import { check } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { LooksAtClocks, MakesIds, Swells, TellsDefaults } from "./clocks.workflows.ts";

/** Events from which on the service suggests to continue as new, unless it is told otherwise. */
const SUGGESTED_FROM_EVENTS = 4096;

/** When events of a kind happened, in whole milliseconds. */
async function timesOf(handle: Pick<WorkflowHandle, "fetchHistory">, kind: string): Promise<number[]> {
  const { events } = await handle.fetchHistory();
  return events
    .filter(({ attributes }) => attributes?.case === `${kind}EventAttributes`)
    .map(({ eventTime }) => (eventTime?.seconds ?? 0) * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000));
}

/** What a workflow takes from its history: its clock, what it is called by, how long it has become. */
export const clocks: readonly Scenario[] = [
  {
    name: "a workflow of which nothing is said has the service's defaults, and its times are those of its events",
    async run({ client, taskQueue, newId }) {
      const id = newId("defaults");
      const retryPolicy = {
        initialInterval: "3s",
        backoffCoefficient: 4,
        maximumInterval: "5s",
        maximumAttempts: 6,
      } as const;
      const handle = await client.startWorkflow(TellsDefaults, { id, taskQueue, retryPolicy });
      const told = await handle.result();
      assert.deepEqual(told.plain, {
        attempt: 1,
        namespace: client.namespace,
        taskQueue,
        taskTimeoutMs: 10_000,
        workflowId: id,
        workflowType: "TellsDefaults",
        unsaid: [],
      });
      const { initialInterval, backoffCoefficient, maximumInterval, maximumAttempts } = told.retryPolicy ?? {};
      assert.deepEqual([initialInterval, backoffCoefficient, maximumInterval, maximumAttempts], [3000, 4, 5000, 6]);
      assert.equal(told.runId, handle.resultRunId);
      assert.equal(told.runId[14], "7");
      assert.deepEqual(await timesOf(handle, "workflowExecutionStarted"), [told.workflowStartTimeMs]);
      assert.deepEqual(await timesOf(handle, "workflowTaskStarted"), [told.startTimeMs]);
    },
  },
  {
    name: "a workflow knows how long its history is, and when the service suggests to begin a new one",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Swells, { id: newId("swells"), taskQueue, taskTimeout: "60s" });
      const before = await handle.query("size");
      assert.equal(before.length, 3);
      assert.ok(before.sizeBytes > 100);
      assert.equal(before.isSuggested, false);
      await handle.signal("swell", SUGGESTED_FROM_EVENTS);
      await eventually(async () => (await handle.describe()).historyLength > SUGGESTED_FROM_EVENTS);
      // What a query is told is as of the last task.
      await handle.signal("swell", 1);
      await eventually(async () => (await handle.query("size")).isSuggested);
      const after = await handle.query("size");
      assert.ok(after.length > SUGGESTED_FROM_EVENTS && after.sizeBytes > before.sizeBytes);
      await handle.terminate();
    },
  },
  {
    name: "the clocks of a workflow show when its tasks began, by the service's own events",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(LooksAtClocks, { id: newId("clocks"), taskQueue });
      await eventually(async () => (await handle.query("status")) === "waits for the event");
      await handle.signal("set");
      await eventually(async () => (await handle.query("status")) === "waits for the condition");
      await handle.signal("release");
      const { start, end } = await handle.result();
      assert.equal(await handle.query("status"), "done");
      const times = await timesOf(handle, "workflowTaskStarted");
      const [first = 0, last = 0] = [times[0], times.at(-1)];
      assert.deepEqual([...new Set(start)], [first]);
      assert.deepEqual([...new Set(end)], [last]);
      check(first < last);
    },
  },
  {
    name: "ids that a workflow makes are the same in every replay, on whatever worker",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("makes-ids");
      const options = { taskQueue, workflows: [MakesIds], maxCachedWorkflows: 0 };
      const handles = await Promise.all(
        [0, 1].map((index) => client.startWorkflow(MakesIds, { id: `${taskQueue}-${index}`, taskQueue })),
      );
      const madeOf = () => Promise.all(handles.map((handle) => handle.query("made")));
      const made = await withWorker(options, async () => {
        await Promise.all(handles.map((handle) => handle.result()));
        const answers = await madeOf();
        assert.deepEqual(await madeOf(), answers);
        return answers;
      });
      assert.equal(new Set(made.flatMap(({ uuid4, uuid7 }) => [uuid4, uuid7])).size, 4);
      for (const { uuid4 = "", uuid7 = "", timeMs } of made) {
        assert.deepEqual([uuid4[14], uuid7[14]], ["4", "7"]);
        for (const uuid of [uuid4, uuid7]) assert.match(uuid[19] ?? "", /[89ab]/);
        assert.equal(Number.parseInt(uuid7.replaceAll("-", "").slice(0, 12), 16), timeMs);
      }
      await withWorker(options, async () => assert.deepEqual(await madeOf(), made));
    },
  },
];
