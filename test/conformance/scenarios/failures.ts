import assert from "node:assert/strict";
import { WorkflowQueryFailedError, type WorkflowHandle } from "perdure/client";
import {
  ActivityError,
  ApplicationError,
  ApplicationErrorCategory,
  CancelledError,
  ChildWorkflowError,
} from "perdure/exceptions";
import { check, count, eventKindsOf, failureOf, rejectionOf, updateFailureOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { Counter } from "./updates.workflows.ts";
import { Excessive, FailsAsFamily, FailsWhenCancelled, Throws, ThrowsPlain, Trespasses } from "./failures.workflows.ts";
import { DivergingAfter } from "./version-after.workflows.ts";
import { DivergingBefore } from "./version-before.workflows.ts";
import { DivergingForGood } from "./version-failing.workflows.ts";

/** Numbers of `temporal.api.enums.v1.WorkflowTaskFailedCause` that are expected here. */
const UNHANDLED_FAILURE = 14;
const NONDETERMINISTIC = 24;
const TOO_MANY_ACTIVITIES = 27;
/** One more than a workflow may have open. */
const ACTIVITIES = 2001;
/** Updates that a workflow may handle at a time. */
const UPDATES = 10;

/** Failures of a workflow's tasks, by their causes. */
async function taskFailuresOf(
  handle: Pick<WorkflowHandle, "fetchHistory">,
): Promise<{ cause: number; message: string }[]> {
  const { events } = await handle.fetchHistory();
  return events.flatMap(({ attributes }) =>
    attributes?.case === "workflowTaskFailedEventAttributes"
      ? [{ cause: attributes.value.cause, message: attributes.value.failure?.message ?? "" }]
      : [],
  );
}

/** What fails a workflow, what fails its task only, and what is refused. */
export const failures: readonly Scenario[] = [
  {
    name: "an error that is no failure fails the task, not the workflow",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Throws, { args: ["plain"], id: newId("throws"), taskQueue });
      await eventually(async () => (await taskFailuresOf(handle)).length > 0);
      const [failure] = await taskFailuresOf(handle);
      assert.deepEqual(failure, { cause: UNHANDLED_FAILURE, message: "a bug" });
      assert.equal((await handle.describe()).status, "running");
      await handle.terminate();
    },
  },
  {
    name: "an error that the workflow lists fails it",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Throws, { args: ["listed"], id: newId("throws"), taskQueue });
      const { cause } = await failureOf(handle.result());
      check(cause instanceof ApplicationError);
      assert.deepEqual([cause.type, cause.message], ["OutOfStock", "no more chairs"]);
      assert.deepEqual(await handle.query("listed"), [true, false, true]);
    },
  },
  {
    name: "an error that the worker lists fails the workflow",
    async run({ client, newId, withWorker }) {
      const taskQueue = newId("listing");
      const { cause } = await withWorker(
        { taskQueue, workflows: [ThrowsPlain], workflowFailureErrorTypes: [RangeError] },
        () => failureOf(client.executeWorkflow(ThrowsPlain, { id: newId("throws"), taskQueue })),
      );
      check(cause instanceof ApplicationError);
      assert.deepEqual([cause.type, cause.message], ["RangeError", "out of range"]);
    },
  },
  {
    name: "an application error keeps its fields and its cause",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(Throws, { args: ["application"], id: newId("throws"), taskQueue }),
      );
      check(cause instanceof ApplicationError && cause.cause instanceof ApplicationError);
      assert.deepEqual(
        [cause.message, cause.type, cause.details, cause.nonRetryable, cause.category],
        ["as it is", "Own", [1, { two: 2 }], true, ApplicationErrorCategory.BENIGN],
      );
      assert.deepEqual([cause.cause.message, cause.cause.type], ["deep down", "OutOfStock"]);
      assert.match(cause.stack ?? "", /failures\.workflows\.ts/);
    },
  },
  {
    name: "an error that is thrown on keeps the activity's failure under it",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(Throws, { args: ["wrapped"], id: newId("throws"), taskQueue }),
      );
      check(
        cause instanceof ApplicationError &&
          cause.cause instanceof ActivityError &&
          cause.cause.cause instanceof ApplicationError,
      );
      assert.deepEqual(
        [cause.message, cause.cause.activityType, cause.cause.cause.type],
        ["could not pay", "failForGood", "CardDeclined"],
      );
    },
  },
  {
    name: "a chain of failures goes through children of children",
    async run({ client, taskQueue, newId }) {
      const { cause } = await failureOf(
        client.executeWorkflow(FailsAsFamily, { args: [2], id: newId("family"), taskQueue }),
      );
      check(cause instanceof ChildWorkflowError && cause.cause instanceof ChildWorkflowError);
      check(cause.cause.cause instanceof ActivityError && cause.cause.cause.cause instanceof ApplicationError);
    },
  },
  {
    name: "queries and validators that change something are refused",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Trespasses, { id: newId("trespasses"), taskQueue });
      for (const name of ["schedule", "draw"] as const) {
        const error = await rejectionOf(handle.query(name));
        check(error instanceof WorkflowQueryFailedError);
        assert.match(error.message, /quer|read.?only/i);
      }
      const refused = await rejectionOf(handle.query("breaks"));
      check(refused instanceof WorkflowQueryFailedError);
      assert.match(refused.message, /query says no/);
      const cause = await updateFailureOf(handle.executeUpdate("touch"));
      check(cause instanceof ApplicationError);
      assert.equal(cause.type, "ReadOnlyContextError");
      await handle.signal("finish");
      assert.equal(await handle.result(), 0);
      check(!(await eventKindsOf(handle)).some((kind) => /activity|Update|Properties/.test(kind)));
    },
  },
  {
    name: "code that no longer fits its history fails the task with what differs",
    async run({ client, newId, withWorker, eventually }) {
      const taskQueue = newId("diverging");
      const handle = await client.startWorkflow("Diverging", { id: newId("diverging"), taskQueue });
      const common = { taskQueue, maxCachedWorkflows: 0 };
      await withWorker({ ...common, workflows: [DivergingBefore] }, () =>
        eventually(async () => (await eventKindsOf(handle)).includes("timerStarted")),
      );
      await withWorker({ ...common, workflows: [DivergingAfter] }, () =>
        eventually(async () => (await taskFailuresOf(handle)).length > 0),
      );
      const [failure] = await taskFailuresOf(handle);
      assert.equal(failure?.cause, NONDETERMINISTIC);
      assert.match(failure?.message ?? "", /timer|activity/i);
      await handle.terminate();
    },
  },
  {
    name: "a workflow may choose to fail when its code no longer fits its history",
    async run({ client, newId, withWorker, eventually }) {
      const taskQueue = newId("diverging");
      const handle = await client.startWorkflow("Diverging", { id: newId("diverging"), taskQueue });
      const common = { taskQueue, maxCachedWorkflows: 0 };
      await withWorker({ ...common, workflows: [DivergingBefore] }, () =>
        eventually(async () => (await eventKindsOf(handle)).includes("timerStarted")),
      );
      const { cause } = await withWorker({ ...common, workflows: [DivergingForGood] }, () =>
        failureOf(handle.result()),
      );
      check(cause instanceof ApplicationError);
      assert.equal(cause.type, "NondeterminismError");
    },
  },
  {
    name: "a workflow type that no worker has fails the task",
    async run({ client, newId, withWorker, eventually }) {
      const taskQueue = newId("unknown");
      const handle = await client.startWorkflow("NobodysWorkflow", { id: newId("unknown"), taskQueue });
      await withWorker({ taskQueue, workflows: [ThrowsPlain] }, () =>
        eventually(async () => (await taskFailuresOf(handle)).length > 0),
      );
      const [failure] = await taskFailuresOf(handle);
      assert.match(failure?.message ?? "", /NobodysWorkflow.*ThrowsPlain/s);
      await handle.terminate();
    },
  },
  {
    name: "a workflow that fails at its clean-up ends as failed, not cancelled",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(FailsWhenCancelled, { id: newId("fails"), taskQueue });
      await eventually(async () => (await eventKindsOf(handle)).includes("timerStarted"));
      await handle.cancel();
      const { cause } = await failureOf(handle.result());
      check(cause instanceof ApplicationError && !((cause as unknown) instanceof CancelledError));
      assert.equal((await handle.describe()).status, "failed");
    },
  },
  {
    name: "more open activities than the limit fail the task, and say so",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startWorkflow(Excessive, { args: [ACTIVITIES], id: newId("excessive"), taskQueue });
      await eventually(async () => (await taskFailuresOf(handle)).length > 0);
      const [failure] = await taskFailuresOf(handle);
      assert.equal(failure?.cause, TOO_MANY_ACTIVITIES);
      assert.match(failure?.message ?? "", /2000/);
      assert.equal(count(await eventKindsOf(handle), "activityTaskScheduled"), 0);
      await handle.terminate();
    },
  },
  {
    name: "more updates in flight than the limit are refused, and the others end well",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startWorkflow(Counter, { args: [0], id: newId("crowded"), taskQueue });
      const accepted = await Promise.all(
        Array.from({ length: UPDATES }, () => handle.startUpdate("addWhenOpen", { args: [1] })),
      );
      const error = await rejectionOf(handle.startUpdate("addWhenOpen", { args: [1], timeoutMs: 500 }));
      assert.match(String(error), /limit|RESOURCE_EXHAUSTED|timed? ?out/i);
      await handle.signal("open");
      await Promise.all(accepted.map((update) => update.result()));
      await handle.signal("finish");
      assert.equal(await handle.result(), UPDATES);
    },
  },
];
