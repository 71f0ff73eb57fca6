import assert from "node:assert/strict";
import { check, count, eventKindsOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import {
  CancelledOnce,
  Collects,
  NeverSent,
  PlainTimers,
  Scopes,
  Shields,
  Signals,
  Synchronizes,
  WaitsWithTimeout,
} from "./concurrency.workflows.ts";

/** Time, conditions, and code that runs side by side. */
export const concurrency: readonly Scenario[] = [
  {
    name: "a condition is waited for, and no longer than its timeout",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(WaitsWithTimeout, { id: newId("waits"), taskQueue });
      assert.deepEqual(await handle.result(), ["timed out", "answered undefined", "answered undefined"]);
      const { events } = await handle.fetchHistory();
      const kinds = await eventKindsOf(handle);
      assert.equal(count(kinds, "timerCanceled"), 1, "the timer of a condition that was met");
      const summaries = events
        .filter(({ attributes }) => attributes?.case === "timerStartedEventAttributes")
        .map(({ userMetadata }) => new TextDecoder().decode(userMetadata?.summary?.data));
      assert.deepEqual(summaries, ['"not for ever"', "", '"a short rest"']);
    },
  },
  {
    name: "a timer that is cancelled before it was sent leaves no event",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(NeverSent, { id: newId("never-sent"), taskQueue });
      assert.equal(await handle.result(), "cancelled");
      check(!(await eventKindsOf(handle)).includes("timerStarted"));
    },
  },
  {
    name: "promises are collected as they end, in an order that replay keeps",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(Collects, { id: newId("collects"), taskQueue });
      assert.deepEqual(result, {
        inOrder: [1, 150, 300],
        sizes: [
          [1, 1],
          [1, 1],
          [1, 1],
          [2, 0],
        ],
        race: 3,
        ownRace: 1,
      });
    },
  },
  {
    name: "locks, semaphores, events and queues are fair and the same in replay",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(Synchronizes, { id: newId("synchronizes"), taskQueue });
      assert.deepEqual(result, {
        log: ["a in", "a out", "b in", "b out", "c in", "c out", "event"],
        most: 2,
        taken: [1, 2, 3],
        isLocked: false,
        isSet: true,
      });
    },
  },
  {
    name: "a cancelled scope reaches what runs in it, and nothing else",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(Scopes, { id: newId("scopes"), taskQueue });
      assert.deepEqual(result, {
        both: ["cancelled", "cancelled"],
        timedOut: "timed out",
        inTime: "answered in time",
        nested: ["answered undefined", "cancelled"],
      });
    },
  },
  {
    name: "shielded work goes on while its caller is told of the cancellation",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Shields, { id: newId("shields"), taskQueue });
      await eventually(async () => (await eventKindsOf(handle)).includes("timerStarted"));
      await handle.cancel();
      assert.deepEqual(await handle.result(), ["told of the cancellation", "Kept, work!", "shielded work ended"]);
    },
  },
  {
    name: "scopes have abort signals, and those of the language keep the workflow's time",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(Signals, { id: newId("signals"), taskQueue });
      assert.deepEqual(result, { before: false, after: true, heard: 1, isCancelled: true, own: true });
    },
  },
  {
    name: "the timers and clocks of the language are the workflow's",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(PlainTimers, { id: newId("timers"), taskQueue });
      assert.deepEqual(result, { hasWaited: true, turns: 3, isSameClock: true });
    },
  },
  {
    name: "a cancellation reaches each wait once, and clean-up runs as usual",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(CancelledOnce, { id: newId("once"), taskQueue });
      await eventually(async () => (await eventKindsOf(handle)).includes("timerStarted"));
      await handle.cancel({ reason: "changed plans" });
      assert.deepEqual(await handle.result(), {
        reached: 3,
        afterwards: ["answered undefined", "answered clean-up"],
        reason: "changed plans",
      });
    },
  },
];
