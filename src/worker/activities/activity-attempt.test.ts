import { expect, test } from "vitest";
import * as activity from "../../activity/index.ts";
import { ApplicationError, CancelledError } from "../../payload/failure-error.ts";
import { defaultDataConverter } from "../../payload/data-converter.ts";
import type { ActivityFunction } from "../../activity/index.ts";
import type { Interceptor } from "../interceptor.ts";
import { ActivityAttempt } from "./activity-attempt.ts";
import { createTestHost, createTestTask, settle } from "./activity-host.test-support.ts";
import type { ActivityOutcome } from "./activity-outcome.ts";
import type { ActivityTask } from "./activity-task.ts";

function start(
  fn: ActivityFunction,
  args: readonly unknown[] = [],
  changes: Partial<ActivityTask> = {},
  interceptors: readonly Interceptor[] = [],
) {
  const heartbeats: unknown[][] = [];
  const host = createTestHost({ fn }, { interceptors });
  const attempt = new ActivityAttempt(host, createTestTask("fn", args, changes), (details) => {
    heartbeats.push(defaultDataConverter.payloadConverter.fromPayloads(details));
  });
  return { attempt, heartbeats, host, outcome: attempt.run() };
}

async function resultOf(outcome: Promise<ActivityOutcome>): Promise<unknown> {
  const settled = await outcome;
  if (settled.status !== "completed") throw new Error(`Activity ${settled.status}`);
  return (await defaultDataConverter.decode(settled.result))[0];
}

async function errorOf(outcome: Promise<ActivityOutcome>): Promise<Error> {
  const settled = await outcome;
  if (settled.status !== "failed" && settled.status !== "cancelled") throw new Error(`Activity ${settled.status}`);
  return defaultDataConverter.decodeFailure(settled.failure);
}

test("arguments go in and the result comes out", async () => {
  const { outcome } = start(async (a: number, b: number) => a + b, [2, 3]);
  expect(await resultOf(outcome)).toBe(5);
});

test("info tells the activity what it is, across awaits", async () => {
  const { outcome } = start(
    async () => {
      await Promise.resolve();
      const { activityId, attempt, workflowId, inWorkflow, heartbeatDetails } = activity.info();
      return { activityId, attempt, workflowId, inWorkflow, heartbeatDetails };
    },
    [],
    { attempt: 3, heartbeatDetails: defaultDataConverter.payloadConverter.toPayloads([7, "x"]) },
  );
  expect(await resultOf(outcome)).toEqual({
    activityId: "1",
    attempt: 3,
    workflowId: "w",
    inWorkflow: true,
    heartbeatDetails: [7, "x"],
  });
});

test("outside of an activity there is no context", () => {
  expect(activity.inActivity()).toBe(false);
  expect(() => activity.info()).toThrow(activity.NotInActivityError);
});

test("what an activity throws fails it, with type and details", async () => {
  const { outcome } = start(() => {
    throw new ApplicationError("no", { type: "Nope", details: [1], nonRetryable: true });
  });
  const error = await errorOf(outcome);
  expect(error).toBeInstanceOf(ApplicationError);
  expect(error).toMatchObject({ message: "no", type: "Nope", details: [1], nonRetryable: true });
});

test("an unknown activity fails with the names of the known ones", async () => {
  const host = createTestHost({ b: () => 1, a: () => 2 });
  const attempt = new ActivityAttempt(host, createTestTask("c"), () => undefined);
  const error = await errorOf(attempt.run());
  expect(error.message).toBe(
    "Activity function c for workflow w is not registered on this worker, available activities: a, b",
  );
  expect(error).toMatchObject({ type: "NotFoundError", nonRetryable: false });
});

test("cancellation reaches the signal, sleeps and waits, and makes the attempt cancelled", async () => {
  const { attempt, outcome } = start(async () => {
    await Promise.race([activity.sleep("1h"), activity.waitForCancelled()]);
  });
  await settle();
  attempt.cancel({ cancelRequested: true });
  const settled = await outcome;
  expect(settled.status).toBe("cancelled");
  expect(attempt.cancellationDetails).toMatchObject({ cancelRequested: true, paused: false });
});

test("an activity may finish in spite of cancellation, and sees why it was asked", async () => {
  const { attempt, outcome } = start(async () => {
    await activity.sleep(1_000).catch(() => undefined);
    return [
      activity.isCancelled(),
      activity.cancellationSignal().reason instanceof CancelledError,
      activity.cancellationDetails()?.reset,
    ];
  });
  await settle();
  attempt.cancel({ reset: true });
  expect(await resultOf(outcome)).toEqual([true, true, true]);
});

test.each([
  ["paused", "ActivityPause"],
  ["reset", "ActivityReset"],
])("an activity that was %s and does not handle it fails", async (reason, type) => {
  const { attempt, outcome } = start(() => activity.sleep("1h"));
  await settle();
  attempt.cancel({ [reason]: true });
  expect(await errorOf(outcome)).toMatchObject({ type });
});

test("a cancelled error that nobody asked for is a failure", async () => {
  const { outcome } = start(() => {
    throw new CancelledError("mine");
  });
  expect((await outcome).status).toBe("failed");
});

test("raiseCompleteAsync leaves the activity open", async () => {
  const { outcome } = start(() => activity.raiseCompleteAsync());
  expect(await outcome).toEqual({ status: "completesAsync" });
});

test("heartbeat details are taken as they are at the call", async () => {
  const { heartbeats, outcome } = start(() => {
    const progress = { done: 1 };
    activity.heartbeat(progress, "x");
    progress.done = 2;
  });
  await outcome;
  expect(heartbeats).toEqual([[{ done: 1 }, "x"]]);
});

test("a heartbeat that cannot be sent ends the activity with its error", async () => {
  const { attempt, outcome } = start(() => activity.sleep("1h"));
  await settle();
  attempt.failHeartbeat(new Error("codec is down"));
  expect((await errorOf(outcome)).message).toBe("codec is down");
});

test("an argument that cannot be read fails the attempt", async () => {
  const { outcome } = start(() => 1, [], {
    input: [
      { metadata: { encoding: new TextEncoder().encode("strange") }, data: new Uint8Array(), externalPayloads: [] },
    ],
  });
  expect((await errorOf(outcome)).message).toBe("Failed decoding arguments");
});

test("interceptors wrap the call, the info and heartbeats", async () => {
  const seen: string[] = [];
  const interceptor: Interceptor = {
    interceptActivity: (next) => ({
      init: (outbound) =>
        next.init({
          info: () => ({ ...outbound.info(), activityType: "renamed" }),
          heartbeat: (details) => {
            seen.push("heartbeat");
            outbound.heartbeat(details);
          },
        }),
      execute: async (input) => {
        seen.push("before");
        const result = await next.execute({ ...input, args: [...input.args, "added"] });
        seen.push("after");
        return result;
      },
    }),
  };
  const { heartbeats, outcome } = start(
    async (...args: unknown[]) => {
      activity.heartbeat(1);
      return [activity.info().activityType, ...args];
    },
    ["a"],
    {},
    [interceptor],
  );
  expect(await resultOf(outcome)).toEqual(["renamed", "a", "added"]);
  expect(seen).toEqual(["before", "heartbeat", "after"]);
  expect(heartbeats).toEqual([[1]]);
});

test("a shielded part of an activity is not cancelled, the rest is", async () => {
  const { attempt, outcome } = start(async () => {
    attempt.cancel({ cancelRequested: true });
    const inside = activity.shield(() => [
      activity.isCancelled(),
      activity.cancellationDetails(),
      activity.info().activityId,
    ]);
    return { inside, outside: activity.isCancelled() };
  });
  expect(await resultOf(outcome)).toEqual({ inside: [false, null, "1"], outside: true });
});
