import assert from "node:assert/strict";
import { ActivityFailureError } from "perdure/client";
import { SearchAttributeKey } from "perdure/common";
import {
  ActivityAlreadyStartedError,
  ApplicationError,
  CancelledError,
  RetryState,
  TerminatedError,
  TimeoutError,
  TimeoutType,
} from "perdure/exceptions";
import { RPCError, RPCStatusCode } from "perdure/service";
import {
  describeSelf,
  echo,
  failUntil,
  failWith,
  greet,
  hang,
  resumeFromHeartbeat,
  waitForCancel,
} from "../activities.ts";
import { check, rejectionOf } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { KEYWORD } from "../search-attribute.ts";

const minute = { startToCloseTimeout: "1m" } as const;
const once = { maximumAttempts: 1 } as const;

/** The failure that an activity ended with. */
async function causeOf(result: Promise<unknown>): Promise<Error> {
  const error = await rejectionOf(result);
  check(error instanceof ActivityFailureError, `wanted an ActivityFailureError, found ${String(error)}`);
  return error.cause;
}

async function statusOf(call: Promise<unknown>): Promise<RPCError> {
  const error = await rejectionOf(call);
  check(error instanceof RPCError, `wanted an RPCError, found ${String(error)}`);
  return error;
}

/** One of the ways in which nobody answers in time. */
function timedOut(
  title: string,
  options: { readonly [timeout: string]: string },
  onQueue: "worker" | "nobody",
  type: TimeoutType,
): Scenario {
  return {
    name: `a standalone activity ${title}`,
    async run({ client, taskQueue, newId }) {
      const queue = onQueue === "worker" ? taskQueue : newId("nobody");
      const handle = await client.startActivity(hang, {
        id: newId("late"),
        taskQueue: queue,
        retryPolicy: once,
        ...minute,
        ...options,
      });
      const cause = await causeOf(handle.result());
      check(cause instanceof TimeoutError, `found ${cause.name}`);
      assert.equal(cause.type, type);
      assert.equal((await handle.describe()).status, "timedOut");
    },
  };
}

/** Activities that no workflow starts. */
export const standalone: readonly Scenario[] = [
  {
    name: "a standalone activity is started by function and by name, and gives its result",
    async run({ client, taskQueue, newId }) {
      const options = { taskQueue, ...minute };
      assert.equal(
        await client.executeActivity(greet, { args: ["Hi", "you"], id: newId("sa"), ...options }),
        "Hi, you!",
      );
      const handle = await client.startActivity<string>("greet", { args: ["Hi", "name"], id: newId("sa"), ...options });
      assert.equal(await handle.result(), "Hi, name!");
      assert.equal(await client.getActivityHandle<string>(handle.id).result(), "Hi, name!");
    },
  },
  {
    name: "a standalone activity is told that no workflow started it",
    async run({ client, taskQueue, newId }) {
      const id = newId("self");
      const info = await client.executeActivity(describeSelf, { id, taskQueue, ...minute });
      assert.deepEqual(info, {
        activityId: id,
        activityType: "describeSelf",
        attempt: 1,
        isLocal: false,
        taskQueue,
      });
    },
  },
  {
    name: "a standalone activity is tried again, and its next attempt has what the last one's heartbeat left",
    async run({ client, taskQueue, newId }) {
      const retryPolicy = { initialInterval: 10, maximumAttempts: 3 };
      const options = { taskQueue, retryPolicy, ...minute };
      assert.equal(await client.executeActivity(failUntil, { args: [3], id: newId("retry"), ...options }), 3);
      const details = await client.executeActivity(resumeFromHeartbeat, { id: newId("beat"), ...options });
      assert.deepEqual(details, [{ page: 7 }, "last"]);
    },
  },
  {
    name: "a standalone activity that fails for good says why, and how its last attempt went",
    async run({ client, taskQueue, newId }) {
      const retryPolicy = { initialInterval: 10, maximumAttempts: 2 };
      const handle = await client.startActivity(failWith, {
        args: ["Broken", 0],
        id: newId("fail"),
        taskQueue,
        retryPolicy,
        ...minute,
      });
      const cause = await causeOf(handle.result());
      check(cause instanceof ApplicationError);
      assert.equal(cause.type, "Broken");
      const seen = await handle.describe({ includeLastFailure: true, includeOutcome: true, includeInput: true });
      assert.deepEqual([seen.status, seen.attempt, seen.hasResult], ["failed", 2, false]);
      assert.deepEqual(await seen.input(), ["Broken", 0]);
      assert.equal((await seen.outcomeFailure())?.message, "failed as Broken");
      assert.equal((await seen.lastFailure())?.message, "failed as Broken");
      assert.equal(seen.raw.outcome?.retryState, RetryState.MAXIMUM_ATTEMPTS_REACHED);
    },
  },
  timedOut("that no worker takes times out", { scheduleToStartTimeout: "1s" }, "nobody", TimeoutType.SCHEDULE_TO_START),
  timedOut(
    "whose whole time is over times out",
    { scheduleToCloseTimeout: "1s" },
    "worker",
    TimeoutType.SCHEDULE_TO_CLOSE,
  ),
  timedOut(
    "whose attempt takes too long times out",
    { startToCloseTimeout: "1s" },
    "worker",
    TimeoutType.START_TO_CLOSE,
  ),
  timedOut("whose worker falls silent times out", { heartbeatTimeout: "1s" }, "worker", TimeoutType.HEARTBEAT),
  {
    name: "a standalone activity that no worker has is cancelled at once, with the reason as details",
    async run({ client, newId }) {
      const handle = await client.startActivity("nobody", {
        id: newId("cancel"),
        taskQueue: newId("queue"),
        ...minute,
      });
      await handle.cancel({ reason: "enough" });
      const cause = await causeOf(handle.result());
      check(cause instanceof CancelledError, `found ${cause.name}`);
      assert.deepEqual(cause.details, ["enough"]);
      const seen = await handle.describe();
      assert.deepEqual([seen.status, seen.canceledReason, seen.attempt], ["canceled", "enough", 1]);
      const again = await statusOf(handle.cancel());
      assert.equal(again.status, RPCStatusCode.FAILED_PRECONDITION);
      assert.equal(again.message, "activity is in terminal state Canceled");
    },
  },
  {
    name: "a running standalone activity hears of its cancellation by a heartbeat",
    async run({ client, taskQueue, newId, eventually }) {
      const handle = await client.startActivity(waitForCancel, {
        id: newId("cancel"),
        taskQueue,
        heartbeatTimeout: "30s",
        ...minute,
      });
      await eventually(async () => (await handle.describe()).totalHeartbeatCount > 0);
      await handle.cancel({ reason: "enough" });
      check((await causeOf(handle.result())) instanceof CancelledError);
      assert.equal((await handle.describe()).status, "canceled");
    },
  },
  {
    name: "a standalone activity is terminated with a reason, and then no more",
    async run({ client, newId }) {
      const handle = await client.startActivity("nobody", { id: newId("kill"), taskQueue: newId("queue"), ...minute });
      await handle.terminate({ reason: "broken" });
      const cause = await causeOf(handle.result());
      check(cause instanceof TerminatedError, `found ${cause.name}`);
      assert.equal(cause.message, "broken");
      assert.equal((await handle.describe()).status, "terminated");
      assert.equal((await statusOf(handle.terminate())).status, RPCStatusCode.FAILED_PRECONDITION);
    },
  },
  {
    name: "the id of a standalone activity is used again as its policies say",
    async run({ client, newId }) {
      const taskQueue = newId("queue");
      const options = { id: newId("policy"), taskQueue, ...minute };
      const first = await client.startActivity("nobody", options);
      const taken = await rejectionOf(client.startActivity("nobody", options));
      check(taken instanceof ActivityAlreadyStartedError);
      assert.deepEqual([taken.activityId, taken.activityType, taken.runId], [options.id, "nobody", first.runId]);
      const same = await client.startActivity("nobody", { ...options, idConflictPolicy: "useExisting" });
      assert.equal(same.runId, first.runId);
      await first.terminate();
      check(
        (await rejectionOf(client.startActivity("nobody", { ...options, idReusePolicy: "rejectDuplicate" }))) instanceof
          ActivityAlreadyStartedError,
      );
      const next = await client.startActivity("nobody", { ...options, idReusePolicy: "allowDuplicateFailedOnly" });
      assert.notEqual(next.runId, first.runId);
      const latest = await client.getActivityHandle(options.id).describe();
      assert.equal(latest.activityRunId, next.runId);
      assert.equal((await first.describe()).status, "terminated");
      await next.terminate();
    },
  },
  {
    name: "starts of a standalone activity with one request id are one",
    async run({ client, newId }) {
      const options = { id: newId("once"), taskQueue: newId("queue"), requestId: newId("request"), ...minute };
      const first = await client.startActivity("nobody", options);
      assert.equal((await client.startActivity("nobody", options)).runId, first.runId);
      await first.terminate();
      assert.equal((await client.startActivity("nobody", options)).runId, first.runId);
    },
  },
  {
    name: "a description of a standalone activity has all that it was started with",
    async run({ client, newId }) {
      const taskQueue = newId("queue");
      const handle = await client.startActivity("nobody", {
        args: [1, "two"],
        id: newId("describe"),
        taskQueue,
        scheduleToCloseTimeout: "1h",
        heartbeatTimeout: "5s",
        startDelay: "10m",
        retryPolicy: { initialInterval: "2s", maximumAttempts: 7 },
        searchAttributes: [{ key: SearchAttributeKey.forKeyword(KEYWORD), value: "described" }],
        summary: "for people",
        priority: { priorityKey: 2 },
      });
      const seen = await handle.describe({ includeInput: true });
      assert.deepEqual(await seen.input(), [1, "two"]);
      assert.equal(await seen.staticSummary(), "for people");
      assert.equal(seen.searchAttributes.get(SearchAttributeKey.forKeyword(KEYWORD)), "described");
      assert.deepEqual(
        {
          type: seen.activityType,
          queue: seen.taskQueue,
          status: seen.status,
          state: seen.runState,
          attempt: seen.attempt,
          wholeMs: seen.scheduleToCloseTimeoutMs,
          waitMs: seen.scheduleToStartTimeoutMs,
          attemptMs: seen.startToCloseTimeoutMs,
          beatMs: seen.heartbeatTimeoutMs,
          delayMs: seen.startDelayMs,
          retries: seen.retryPolicy?.maximumAttempts,
          priority: seen.priority.priorityKey,
          worker: seen.lastWorkerIdentity,
          beats: seen.totalHeartbeatCount,
          transitions: seen.stateTransitionCount,
        },
        {
          type: "nobody",
          queue: taskQueue,
          status: "running",
          state: "scheduled",
          attempt: 1,
          wholeMs: 3_600_000,
          waitMs: 3_600_000,
          attemptMs: 3_600_000,
          beatMs: 5000,
          delayMs: 600_000,
          retries: 7,
          priority: 2,
          worker: undefined,
          beats: 0,
          transitions: 1,
        },
      );
      const scheduledMs = seen.scheduleTime?.getTime() ?? 0;
      assert.equal(seen.executionTime?.getTime(), scheduledMs + 600_000);
      assert.equal(seen.nextAttemptScheduleTime?.getTime(), scheduledMs + 600_000);
      assert.equal(seen.expirationTime?.getTime(), scheduledMs + 600_000 + 3_600_000);
      await handle.terminate();
    },
  },
  {
    name: "a description of a standalone activity waits for its next change",
    async run({ client, newId }) {
      const handle = await client.startActivity("nobody", { id: newId("poll"), taskQueue: newId("queue"), ...minute });
      const { longPollToken, stateTransitionCount = 0 } = await handle.describe();
      check(longPollToken !== undefined);
      const [changed] = await Promise.all([handle.describe({ longPollToken }), handle.cancel()]);
      assert.equal(changed.status, "canceled");
      check((changed.stateTransitionCount ?? 0) > stateTransitionCount);
    },
  },
  {
    name: "a standalone activity and a workflow may have one id",
    async run({ client, taskQueue, newId }) {
      const id = newId("shared");
      await client.executeActivity(echo, { args: [1], id, taskQueue, ...minute });
      assert.equal((await statusOf(client.getWorkflowHandle(id).describe())).status, RPCStatusCode.NOT_FOUND);
    },
  },
  {
    name: "a standalone activity is completed, heartbeated and failed from elsewhere by its ids",
    async run({ client, newId }) {
      const options = { taskQueue: newId("queue"), ...minute };
      const done = await client.startActivity("nobody", { id: newId("by-id"), ...options });
      const early = client.getAsyncActivityHandle({ activityId: done.id, runId: done.runId });
      assert.equal((await statusOf(early.heartbeat(["too early"]))).status, RPCStatusCode.NOT_FOUND);
      assert.equal((await statusOf(early.fail(new Error("too early")))).status, RPCStatusCode.NOT_FOUND);
      await early.complete("from elsewhere");
      assert.equal(await done.result(), "from elsewhere");
      assert.equal((await statusOf(early.complete("again"))).message, "invalid transition from Completed");
      assert.equal(
        (await statusOf(early.fail(new Error("too late")))).message,
        `activity not found for ID: ${done.id}`,
      );
      const missing = client.getAsyncActivityHandle({ activityId: newId("missing") });
      assert.equal((await statusOf(missing.complete("x"))).status, RPCStatusCode.NOT_FOUND);
    },
  },
  {
    name: "a standalone activity that is not there is not found",
    async run({ client, newId }) {
      const handle = client.getActivityHandle(newId("missing"));
      for (const call of ["describe", "result", "cancel", "terminate"] as const) {
        const { status, message } = await statusOf(handle[call]());
        assert.deepEqual([status, message], [RPCStatusCode.NOT_FOUND, `activity not found for ID: ${handle.id}`]);
      }
      const noUuid = client.getActivityHandle(newId("missing"), { runId: "no-uuid" });
      const { status, message } = await statusOf(noUuid.describe());
      assert.deepEqual([status, message], [RPCStatusCode.INVALID_ARGUMENT, "invalid run id: must be a valid UUID"]);
    },
  },
  {
    name: "a standalone activity that is deleted is gone",
    async run({ client, newId, eventually }) {
      const handle = await client.startActivity("nobody", {
        id: newId("delete"),
        taskQueue: newId("queue"),
        ...minute,
      });
      const { namespace } = client;
      await client.workflowService.deleteActivityExecution({ namespace, activityId: handle.id });
      await eventually(async () =>
        handle.describe().then(
          () => false,
          (error: unknown) => error instanceof RPCError && error.status === RPCStatusCode.NOT_FOUND,
        ),
      );
    },
  },
  {
    name: "a standalone activity with a start delay is not given out before",
    async run({ client, taskQueue, newId }) {
      const handle = await client.startActivity(echo, {
        args: ["later"],
        id: newId("delay"),
        taskQueue,
        startDelay: "1s",
        ...minute,
      });
      assert.equal(await handle.result(), "later");
      const { lastStartedTime, scheduleTime } = await handle.describe();
      check((lastStartedTime?.getTime() ?? 0) - (scheduleTime?.getTime() ?? Infinity) >= 1000);
    },
  },
];
