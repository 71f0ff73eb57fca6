import assert from "node:assert/strict";
import {
  ActivityError,
  ApplicationError,
  CancelledError,
  TerminatedError,
  TimeoutError,
  WorkflowAlreadyStartedError,
} from "perdure/exceptions";
import type { Scenario } from "../scenario.ts";
import { check, failureOf } from "../expectations.ts";
import {
  CancelsActivity,
  CleansUp,
  Countdown,
  Declined,
  Deterministic,
  FailsTwice,
  Greeting,
  Resuming,
  Retrying,
  Sleeper,
  TimesOut,
} from "./spine.workflows.ts";

/** The behaviours of the spine. */
export const spine: readonly Scenario[] = [
  {
    name: "a workflow runs a timer and an activity and completes",
    async run({ client, taskQueue, newId }) {
      const result = await client.executeWorkflow(Greeting, {
        args: ["World", false],
        id: newId("greeting"),
        taskQueue,
      });
      assert.equal(result, "Hello, World!");
    },
  },
  {
    name: "signals change what queries and the result say",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Greeting, { args: ["World", true], id: newId("greeting"), taskQueue });
      assert.equal(await handle.query("greeting"), "Hello");
      await handle.signal("setGreeting", "Hi");
      await eventually(async () => (await handle.query("greeting")) === "Hi");
      await handle.signal("release");
      assert.equal(await handle.result(), "Hi, World!");
      assert.equal(await handle.query("greeting"), "Hi", "a closed workflow still answers queries");
    },
  },
  {
    name: "signal-with-start starts once and signals twice",
    async run({ client, taskQueue, newId }) {
      const options = { args: ["you", true] as [string, boolean], id: newId("signal-with-start"), taskQueue };
      const first = await client.startWorkflow(Greeting, {
        ...options,
        startSignal: "setGreeting",
        startSignalArgs: ["Hey"],
      });
      const second = await client.startWorkflow(Greeting, { ...options, startSignal: "let-go" });
      assert.equal(second.firstExecutionRunId, first.firstExecutionRunId);
      assert.equal(await first.result(), "Hey, you!");
    },
  },
  {
    name: "an activity is retried as its policy says",
    async run({ client, taskQueue, newId }) {
      assert.equal(await client.executeWorkflow(Retrying, { args: [3], id: newId("retrying"), taskQueue }), 3);
    },
  },
  {
    name: "a non-retryable failure reaches the client with its chain and details",
    async run({ client, taskQueue, newId }) {
      const error = await failureOf(client.executeWorkflow(Declined, { id: newId("declined"), taskQueue }));
      check(error.cause instanceof ActivityError);
      assert.equal(error.cause.activityType, "failForGood");
      const { cause } = error.cause;
      check(cause instanceof ApplicationError);
      assert.equal(cause.message, "not this card");
      assert.equal(cause.type, "CardDeclined");
      assert.equal(cause.nonRetryable, true);
      assert.deepEqual(cause.details, ["4000", 2]);
    },
  },
  {
    name: "heartbeat details reach the next attempt",
    async run({ client, taskQueue, newId }) {
      assert.deepEqual(await client.executeWorkflow(Resuming, { id: newId("resuming"), taskQueue }), [
        { page: 7 },
        "last",
      ]);
    },
  },
  {
    name: "an attempt that takes too long times out",
    async run({ client, taskQueue, newId }) {
      const error = await failureOf(client.executeWorkflow(TimesOut, { id: newId("times-out"), taskQueue }));
      check(error.cause instanceof ActivityError);
      check(error.cause.cause instanceof TimeoutError);
    },
  },
  {
    name: "cancelling a workflow cancels the activity that it waits for",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(CancelsActivity, { id: newId("cancels"), taskQueue });
      await eventually(async () =>
        (await handle.describe()).raw.pendingActivities.some((one) => one.heartbeatDetails !== undefined),
      );
      await handle.cancel();
      assert.equal(await handle.result(), "cancelled as asked");
    },
  },
  {
    name: "a cancelled workflow may clean up before it ends as cancelled",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(CleansUp, { id: newId("cleans-up"), taskQueue });
      await eventually(async () =>
        (await handle.fetchHistory()).events.some((event) => event.attributes?.case === "timerStartedEventAttributes"),
      );
      await handle.cancel();
      const error = await failureOf(handle.result());
      check(error.cause instanceof CancelledError);
      const kinds = (await handle.fetchHistory()).events.map((event) => event.attributes?.case);
      check(kinds.includes("activityTaskCompletedEventAttributes"));
      check(kinds.includes("timerCanceledEventAttributes"));
    },
  },
  {
    name: "termination ends a workflow at once with its reason",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Sleeper, { id: newId("sleeper"), taskQueue });
      await handle.terminate("enough", "slept", "long");
      const error = await failureOf(handle.result());
      check(error.cause instanceof TerminatedError);
      assert.equal(error.cause.message, "enough");
    },
  },
  {
    name: "continue-as-new makes a chain that a handle follows to its end",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Countdown, { args: [3], id: newId("countdown"), taskQueue });
      assert.equal(await handle.result(), "lift-off");
      assert.notEqual((await handle.describe()).runId, handle.firstExecutionRunId);
    },
  },
  {
    name: "a workflow with a retry policy is run again after it failed",
    async run({ client, taskQueue, newId }) {
      const options = {
        id: newId("fails-twice"),
        taskQueue,
        retryPolicy: { initialInterval: 10, maximumInterval: 20, maximumAttempts: 5 },
      };
      assert.equal(await client.executeWorkflow(FailsTwice, options), 3);
    },
  },
  {
    name: "time, dice and ids are the same on every replay",
    async run({ client, taskQueue, newId }) {
      assert.equal(await client.executeWorkflow(Deterministic, { id: newId("deterministic"), taskQueue }), true);
    },
  },
  {
    name: "a workflow id that is taken is refused, and the error names the run",
    async run({ client, taskQueue, newId }) {
      const options = { id: newId("taken"), taskQueue };
      const handle = await client.startWorkflow(Sleeper, options);
      await assert.rejects(
        client.startWorkflow(Sleeper, options),
        (error: unknown) => error instanceof WorkflowAlreadyStartedError && error.runId === handle.firstExecutionRunId,
      );
      await handle.terminate();
    },
  },
  {
    name: "an execution timeout ends a workflow",
    async run({ client, taskQueue, newId }) {
      const error = await failureOf(
        client.executeWorkflow(Sleeper, { id: newId("timeout"), taskQueue, executionTimeout: 1000 }),
      );
      check(error.cause instanceof TimeoutError);
    },
  },
  {
    name: "history is read in pages, forward and as it grows",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Greeting, { args: ["World", true], id: newId("history"), taskQueue });
      const seen: number[] = [];
      for await (const event of handle.fetchHistoryEvents({ waitNewEvent: true })) {
        seen.push(event.eventId);
        if (event.attributes?.case === "timerFiredEventAttributes") await handle.signal("release");
      }
      assert.deepEqual(
        seen,
        Array.from({ length: seen.length }, (_one, index) => index + 1),
      );
      assert.equal(seen.length, (await handle.fetchHistory()).events.length);
    },
  },
  {
    name: "a list by filter finds what was started",
    async run({ client, taskQueue, newId, eventually }) {
      const id = newId("listed");
      const handle = await client.startWorkflow(Sleeper, { id, taskQueue });
      const found = async (query: string): Promise<number> => {
        let count = 0;
        for await (const execution of client.listWorkflows(query)) count += execution.id === id ? 1 : 0;
        return count;
      };
      await eventually(async () => (await found(`WorkflowId = '${id}' AND ExecutionStatus = 'Running'`)) === 1);
      assert.equal((await client.countWorkflows(`WorkflowId = '${id}'`)).count, 1);
      await handle.terminate();
      await eventually(async () => (await found(`WorkflowId = '${id}' AND ExecutionStatus = 'Terminated'`)) === 1);
    },
  },
];
