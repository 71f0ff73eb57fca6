import assert from "node:assert/strict";
import { ActivityError, ApplicationError, RetryState, TimeoutError, TimeoutType } from "perdure/exceptions";
import { check, count, eventKindsOf, failureOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { Till } from "../till.ts";
import {
  CallsInAllWays,
  CallsMethods,
  CancelsAtOnce,
  CancelsOne,
  FailsByPolicy,
  KeepsOptions,
  LocalAndLong,
  LocalCancelled,
  LocalDeclined,
  LocalInSequence,
  LocalRetries,
  LocalTimesOut,
  ManyActivities,
  Unanswered,
} from "./activities.workflows.ts";

/** One of the ways in which an activity is cancelled. */
function cancelled(
  type: "tryCancel" | "waitCancellationCompleted" | "abandon",
  behaves: "gives in" | "insists",
  outcome: string,
): Scenario {
  return {
    name: `cancelling one activity of two with ${type}, where it ${behaves}: ${outcome}`,
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(CancelsOne, {
        args: [type, behaves],
        id: newId("cancels-one"),
        taskQueue,
      });
      await eventually(async () =>
        (await handle.describe()).raw.pendingActivities.some(
          (one) => one.heartbeatDetails !== undefined || one.lastHeartbeatTime !== undefined,
        ),
      );
      await handle.signal("cancelIt");
      assert.deepEqual(await handle.result(), [outcome, "took its time"]);
      const kinds = await eventKindsOf(handle);
      assert.equal(count(kinds, "activityTaskCancelRequested"), type === "abandon" ? 0 : 1, "never asked twice");
    },
  };
}

/** One of the ways in which nobody answers. */
function timedOut(kind: "queue" | "untaken" | "silence", type: TimeoutType, title: string): Scenario {
  return {
    name: title,
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(Unanswered, { args: [kind], id: newId("unanswered"), taskQueue }),
      );
      check(cause instanceof ActivityError);
      check(cause.cause instanceof TimeoutError);
      assert.equal(cause.cause.type, type);
    },
  };
}

/** Activities, remote and local. */
export const activities: readonly Scenario[] = [
  {
    name: "activities are called by function, name, proxy and method, remotely and locally",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(CallsInAllWays, { id: newId("calls"), taskQueue });
      const results = (await handle.result()) as unknown[];
      assert.deepEqual(results.slice(0, 7), [
        "Hi, reference!",
        "Hi, name!",
        "Hi, proxy!",
        "Hi, method, stamped by the desk",
        "Hi, local!",
        "Hi, local name!",
        "Hi, local proxy!",
      ]);
      const own = { activityType: "describeSelf", attempt: 1, workflowType: "CallsInAllWays", taskQueue };
      assert.deepEqual(results[7], { ...own, activityId: "own-id", isLocal: false });
      assert.equal((results[8] as { isLocal: boolean }).isLocal, true);
      const { events } = await handle.fetchHistory();
      const scheduled = events.find(
        ({ attributes }) =>
          attributes?.case === "activityTaskScheduledEventAttributes" && attributes.value.activityId === "own-id",
      );
      assert.equal(new TextDecoder().decode(scheduled?.userMetadata?.summary?.data), '"says who it is"');
    },
  },
  {
    name: "methods of an object are activities, each by the name that it was given",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("methods");
      const options = { taskQueue, workflows: [CallsMethods], activities: new Till("the till") };
      const handle = await client.startWorkflow(CallsMethods, { args: [{ text: ", open" }], id: taskQueue, taskQueue });
      await withWorker(options, async () =>
        assert.deepEqual(await handle.result(), { text: "the till, open, and more" }),
      );
      const { events } = await handle.fetchHistory();
      const types = events.flatMap(({ attributes }) =>
        attributes?.case === "activityTaskScheduledEventAttributes" ? [attributes.value.activityType?.name] : [],
      );
      assert.deepEqual(types, ["custom-name", "add"]);
    },
  },
  {
    name: "options of activities and children are kept as values, and a local activity's summary is in its marker",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(KeepsOptions, { id: newId("options"), taskQueue });
      assert.deepEqual(await handle.result(), [2, 2, 3]);
      const { events } = await handle.fetchHistory();
      const marker = events.find(({ attributes }) => attributes?.case === "markerRecordedEventAttributes");
      assert.equal(new TextDecoder().decode(marker?.userMetadata?.summary?.data), '"in the worker"');
    },
  },
  {
    name: "many activities run side by side",
    async run({ client, taskQueue, newId }) {
      assert.equal(await client.executeWorkflow(ManyActivities, { args: [30], id: newId("many"), taskQueue }), 435);
    },
  },
  cancelled("tryCancel", "gives in", "cancelled"),
  cancelled("waitCancellationCompleted", "gives in", "cancelled"),
  cancelled("waitCancellationCompleted", "insists", "done anyway"),
  cancelled("abandon", "gives in", "cancelled"),
  {
    name: "an activity that is cancelled before it was sent leaves no event",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(CancelsAtOnce, { id: newId("at-once"), taskQueue });
      assert.equal(await handle.result(), "never left");
      check(!(await eventKindsOf(handle)).includes("activityTaskScheduled"));
    },
  },
  {
    name: "error types that the retry policy names are not retried",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(FailsByPolicy, { args: ["type"], id: newId("hopeless"), taskQueue }),
      );
      check(cause instanceof ActivityError && cause.cause instanceof ApplicationError);
      assert.equal(cause.cause.type, "Hopeless");
      assert.equal(cause.retryState, RetryState.NON_RETRYABLE_FAILURE);
    },
  },
  {
    name: "retries end with the policy's attempts, and history has the last one",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(FailsByPolicy, { args: ["attempts"], id: newId("hopeful"), taskQueue });
      const { cause } = await failureOf(handle.result());
      check(cause instanceof ActivityError);
      assert.equal(cause.retryState, RetryState.MAXIMUM_ATTEMPTS_REACHED);
      const { events } = await handle.fetchHistory();
      const attempts = events.flatMap(({ attributes }) =>
        attributes?.case === "activityTaskStartedEventAttributes" ? [attributes.value.attempt] : [],
      );
      assert.deepEqual(attempts, [3]);
    },
  },
  {
    name: "an error's own delay takes the place of the policy's interval",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(FailsByPolicy, { args: ["delay"], id: newId("delayed"), taskQueue }),
      );
      check(cause instanceof ActivityError);
      assert.equal(cause.retryState, RetryState.MAXIMUM_ATTEMPTS_REACHED);
    },
  },
  timedOut("queue", TimeoutType.SCHEDULE_TO_START, "an activity that no worker takes times out"),
  timedOut(
    "untaken",
    TimeoutType.SCHEDULE_TO_START,
    "an activity that no worker takes in all its time is late in starting",
  ),
  timedOut("silence", TimeoutType.HEARTBEAT, "an activity that stays silent times out"),
  {
    name: "retries end with the time of all attempts, and the cause is the last failure",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(Unanswered, { args: ["total"], id: newId("total"), taskQueue }),
      );
      check(cause instanceof ActivityError);
      const inner = cause.cause;
      const last = inner instanceof TimeoutError ? inner.cause : inner;
      check(last instanceof ApplicationError, String(last));
      assert.match(last.message, /attempt \d+ fails/);
    },
  },
  {
    name: "local activities end in the task that starts them, with a marker each",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(LocalInSequence, { args: [5], id: newId("local"), taskQueue });
      assert.equal(await handle.result(), 15);
      const kinds = await eventKindsOf(handle);
      assert.equal(count(kinds, "markerRecorded"), 5);
      assert.equal(count(kinds, "workflowTaskCompleted"), 1);
      check(!kinds.includes("activityTaskScheduled"));
    },
  },
  {
    name: "a local activity's short retries wait in the worker",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(LocalRetries, { args: [60_000], id: newId("local-retry"), taskQueue });
      assert.equal(await handle.result(), 3);
      check(!(await eventKindsOf(handle)).includes("timerStarted"));
    },
  },
  {
    name: "a local activity's long retries wait for a timer of the workflow",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(LocalRetries, { args: [1], id: newId("local-backoff"), taskQueue });
      assert.equal(await handle.result(), 3);
      assert.equal(count(await eventKindsOf(handle), "timerFired"), 2);
    },
  },
  {
    name: "a local activity's failure reaches the workflow as it was thrown",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(LocalDeclined, { id: newId("local-declined"), taskQueue }),
      );
      check(cause instanceof ApplicationError, String(cause));
      assert.deepEqual([cause.type, cause.details, cause.nonRetryable], ["CardDeclined", ["4000", 2], true]);
    },
  },
  {
    name: "a local activity that outlasts its task keeps the workflow alive by new tasks",
    needsCache: true,
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(LocalAndLong, {
        args: [2500],
        id: newId("local-long"),
        taskQueue,
        taskTimeout: 2000,
      });
      assert.equal(await handle.result(), "took its time");
      const kinds = await eventKindsOf(handle);
      check(count(kinds, "workflowTaskCompleted") > 1);
    },
  },
  ...(["tryCancel", "waitCancellationCompleted"] as const).map((type): Scenario => ({
    name: `a local activity is cancelled with ${type}`,
    needsCache: true,
    async run({ client, taskQueue, newId }) {
      assert.equal(
        await client.executeWorkflow(LocalCancelled, {
          args: [type],
          id: newId("local-cancelled"),
          taskQueue,
          taskTimeout: 1000,
        }),
        "cancelled",
      );
    },
  })),
  {
    name: "a local activity times out",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(LocalTimesOut, { id: newId("local-timeout"), taskQueue }),
      );
      check(cause instanceof ActivityError && cause.cause instanceof TimeoutError, String(cause));
      assert.equal(cause.cause.type, TimeoutType.START_TO_CLOSE);
    },
  },
];
