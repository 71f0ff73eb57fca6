import assert from "node:assert/strict";
import * as activity from "perdure/activity";
import { ActivityError, CancelledError, ChildWorkflowError } from "perdure/exceptions";
import { Replayer } from "perdure/worker";
import type { ActivityCancellationType } from "perdure/workflow";
import { check, count, eventKindsOf, failureOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import {
  AwaitsChild,
  CancelsAll,
  CancelsAndStays,
  CancelsChildFor,
  CancelsChildLater,
  CancelsOtherFor,
  CancelsTimer,
  CancelsUnsent,
  EndsOnSignal,
  GivesIn,
  LetsItThrough,
  LosesPatience,
  NotesReasons,
  SleepsLong,
  StartsNobodys,
  TellsReason,
  WaitsTwice,
} from "./cancellation.workflows.ts";

/** An activity that ends when it is told to, whether it has, and one that ends soon. */
function createPatient(): { readonly activities: object; readonly ends: () => number } {
  let ends = 0;
  const waitForEnd = async (): Promise<string> => {
    const signal = activity.cancellationSignal();
    const beat = setInterval(() => activity.heartbeat(), 50);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    clearInterval(beat);
    ends++;
    return `told to stop: ${activity.isCancelled()}`;
  };
  const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
  return { activities: { waitForEnd, rest }, ends: () => ends };
}

function hears(type: ActivityCancellationType, isLocal: boolean, outcome: string): Scenario {
  const title = `${isLocal ? "a local" : "an"} activity that is cancelled with ${type}`;
  return {
    name: type === "abandon" ? `${title} hears of its workflow's end only` : `${title} hears of it`,
    needsCache: isLocal,
    async run({ client, newId, eventually, withWorker }) {
      const taskQueue = newId("hears");
      const { activities, ends } = createPatient();
      await withWorker({ taskQueue, workflows: [CancelsAndStays], activities }, async () => {
        const handle = await client.startWorkflow(CancelsAndStays, {
          args: [type, isLocal],
          id: taskQueue,
          taskQueue,
        });
        await eventually(async () => (await handle.query("outcome")) === outcome);
        if (type === "abandon") {
          await new Promise((resolve) => setTimeout(resolve, 500));
          assert.equal(ends(), 0);
        } else await eventually(async () => ends() === 1);
        await handle.cancel();
        await eventually(async () => ends() === 1);
        check((await failureOf(handle.result())).cause instanceof CancelledError);
      });
    },
  };
}

function letsThrough(what: "activity" | "child"): Scenario {
  return {
    name: `a workflow that does nothing about its cancellation while it waits for its ${what} ends as cancelled`,
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(LetsItThrough, { args: [what], id: newId("lets"), taskQueue });
      const sign = what === "child" ? "childWorkflowExecutionStarted" : "activityTaskScheduled";
      await eventually(async () => (await eventKindsOf(handle)).includes(sign));
      await handle.cancel();
      const { cause } = await failureOf(handle.result());
      check(cause instanceof CancelledError, String(cause));
      assert.equal((await handle.describe()).status, "canceled");
    },
  };
}

function cancelsLater(how: "scope" | "handle"): Scenario {
  return {
    name: `a child that its parent cancels by ${how} fails the parent, with the cancellation as its cause`,
    async run({ client, taskQueue, newId, eventually }) {
      const childId = newId("child");
      const handle = await client.startWorkflow(CancelsChildLater, {
        args: [childId, how],
        id: newId("later"),
        taskQueue,
      });
      await eventually(async () => (await eventKindsOf(handle)).includes("childWorkflowExecutionStarted"));
      await handle.signal("cancelChild");
      const { cause } = await failureOf(handle.result());
      check(cause instanceof ChildWorkflowError && cause.cause instanceof CancelledError, String(cause));
      assert.equal((await client.getWorkflowHandle(childId).describe()).status, "canceled");
    },
  };
}

/** The cancellation of workflows, and what workflows cancel themselves. */
export const cancellation: readonly Scenario[] = [
  {
    name: "a workflow that does nothing about its cancellation while it sleeps ends as cancelled",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(SleepsLong, { id: newId("sleeps"), taskQueue });
      await eventually(() => handle.query("isStarted"));
      await handle.cancel();
      check((await failureOf(handle.result())).cause instanceof CancelledError);
      assert.equal((await handle.describe()).status, "canceled");
    },
  },
  letsThrough("activity"),
  letsThrough("child"),
  ...["they changed their minds", ""].map((reason): Scenario => ({
    name: `a workflow learns the reason for its own cancellation only: "${reason}"`,
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(NotesReasons, { id: newId("reasons"), taskQueue });
      await eventually(async () => (await handle.query("reasons")).inner !== undefined);
      assert.deepEqual(await handle.query("reasons"), { inner: "none" });
      await handle.cancel(reason === "" ? {} : { reason });
      check((await failureOf(handle.result())).cause instanceof CancelledError);
      assert.deepEqual(await handle.query("reasons"), { inner: "none", outer: reason });
    },
  })),
  {
    name: "a child learns the reason for which its parent cancels it",
    async run({ client, taskQueue, newId }) {
      const options = { args: ["from the parent"] as [string], id: newId("cancels-for"), taskQueue };
      assert.equal(await client.executeWorkflow(CancelsChildFor, options), "from the parent");
    },
  },
  {
    name: "a workflow learns the reason for which another one cancels it",
    async run({ client, taskQueue, newId }) {
      const target = await client.startWorkflow(TellsReason, { id: newId("target"), taskQueue });
      const options = { args: [target.id, "from elsewhere"] as [string, string], id: newId("cancels-for"), taskQueue };
      await client.executeWorkflow(CancelsOtherFor, options);
      assert.match(await target.result(), /from elsewhere/);
    },
  },
  {
    name: "a cancellation that came before any worker reaches the workflow's first wait",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("early");
      const handle = await client.startWorkflow(GivesIn, { id: newId("gives-in"), taskQueue });
      await handle.cancel();
      const options = { taskQueue, workflows: [GivesIn] };
      assert.equal(await withWorker(options, () => handle.result()), "cancelled");
    },
  },
  ...[0, 1_000_000].map((timeoutMs): Scenario => ({
    name: `a signal ends a wait before the cancellation of the same task does, also with a timeout of ${timeoutMs} ms`,
    async run({ client, newId, eventually, withWorker }) {
      const taskQueue = newId("both");
      const options = { taskQueue, workflows: [WaitsTwice], maxCachedWorkflows: 0 };
      const handle = await client.startWorkflow(WaitsTwice, { args: [timeoutMs], id: newId("both"), taskQueue });
      const other = await client.startWorkflow(WaitsTwice, { args: [timeoutMs], id: newId("late"), taskQueue });
      await withWorker(options, async () => {
        for (const one of [handle, other])
          await eventually(async () => (await eventKindsOf(one)).includes("workflowTaskCompleted"));
      });
      await handle.signal("proceed");
      for (const one of [handle, other]) await one.cancel();
      await withWorker(options, async () => {
        assert.equal(await handle.result(), "condition");
        await eventually(() => other.query("isCancelled"));
        await other.signal("finish");
        assert.equal(await other.result(), "cancelled", "the cancellation that was caught is not told again");
      });
      await using replayer = await Replayer.create({ workflows: [WaitsTwice] });
      for (const one of [handle, other]) await replayer.replayWorkflow(await one.fetchHistory());
    },
  })),
  {
    name: "an answer that comes in the same task as a cancellation counts, and does so in replay",
    async run({ client, taskQueue, newId, eventually, withWorker }) {
      const id = newId("awaits");
      const options = { taskQueue: id, workflows: [AwaitsChild], maxCachedWorkflows: 0 };
      const args: [string, string] = [`${id}-child`, taskQueue];
      const handle = await client.startWorkflow(AwaitsChild, { args, id, taskQueue: id });
      const has = async (kind: string): Promise<boolean> => (await eventKindsOf(handle)).includes(kind);
      await withWorker(options, () =>
        eventually(async () => count(await eventKindsOf(handle), "workflowTaskCompleted") === 2),
      );
      const child = client.getWorkflowHandleFor(EndsOnSignal, `${id}-child`);
      await child.signal("end");
      assert.equal(await child.result(), "the child's answer");
      await eventually(() => has("childWorkflowExecutionCompleted"));
      await handle.cancel();
      assert.equal(await withWorker(options, () => handle.result()), "the child's answer");
      assert.equal(await has("workflowExecutionCancelRequested"), true);
      await using replayer = await Replayer.create({ workflows: [AwaitsChild] });
      await replayer.replayWorkflow(await handle.fetchHistory());
    },
  },
  cancelsLater("scope"),
  cancelsLater("handle"),
  {
    name: "a workflow that is cancelled while nobody takes its child's tasks ends as cancelled",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(StartsNobodys, {
        args: [newId("child")],
        id: newId("nobodys"),
        taskQueue,
        executionTimeout: "30s",
      });
      await handle.signal("proceed");
      await handle.cancel();
      check((await failureOf(handle.result())).cause instanceof CancelledError);
    },
  },
  {
    name: "one cancellation reaches a timer, an activity and a child, and not what is shielded",
    async run({ client, taskQueue, newId }) {
      const ends = await client.executeWorkflow(CancelsAll, { id: newId("cancels-all"), taskQueue });
      assert.deepEqual(ends.toSorted(), [
        "activity cancelled",
        "child cancelled",
        "timer cancelled",
        "timer succeeded",
      ]);
    },
  },
  {
    name: "of what is cancelled before it was sent nothing is in history but markers of local activities",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(CancelsUnsent, { id: newId("unsent"), taskQueue });
      assert.equal(await handle.result(), 6);
      const kinds = await eventKindsOf(handle);
      assert.deepEqual(
        kinds.filter((kind) => /activity|child/i.test(kind)),
        [],
      );
      const { events } = await handle.fetchHistory();
      const timers = events.flatMap(({ attributes }) =>
        attributes?.case === "timerStartedEventAttributes" ? [attributes.value.startToFireTimeout] : [],
      );
      assert.deepEqual(
        timers.map((timeout) => timeout?.nanos),
        [10_000_000],
      );
    },
  },
  {
    name: "a signal cancels a timer of its workflow, and the service's with it",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(CancelsTimer, { id: newId("cancels-timer"), taskQueue });
      await eventually(() => handle.query("isReady"));
      await handle.signal("cancelTimer");
      assert.equal(await handle.result(), "timer cancelled");
      assert.equal(count(await eventKindsOf(handle), "timerCanceled"), 1);
    },
  },
  ...(["setTimeout", "withTimeout", "scope option", "AbortSignal"] as const).map((how): Scenario => ({
    name: `an activity is cancelled when its time is up, by a timer of the workflow: ${how}`,
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(LosesPatience, { args: [how], id: newId("patience"), taskQueue });
      const { cause } = await failureOf(handle.result());
      check(cause instanceof ActivityError && cause.cause instanceof CancelledError, String(cause));
      const { events } = await handle.fetchHistory();
      const timer = events.find(({ attributes }) => attributes?.case === "timerStartedEventAttributes")?.attributes;
      check(timer?.case === "timerStartedEventAttributes");
      assert.equal(timer.value.startToFireTimeout?.nanos, 200_000_000);
    },
  })),
  hears("tryCancel", false, "cancelled"),
  hears("waitCancellationCompleted", false, "told to stop: true"),
  hears("abandon", false, "cancelled"),
  hears("tryCancel", true, "cancelled"),
  hears("waitCancellationCompleted", true, "told to stop: true"),
  hears("abandon", true, "cancelled"),
];
