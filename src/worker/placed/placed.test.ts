import { expect, onTestFinished, test } from "vitest";
import type { Logger } from "../../core/telemetry/logger.ts";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { MetricRegistry } from "../../core/telemetry/metric-registry.ts";
import { defaultDataConverter } from "../../payload/data-converter.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { ActivityAttempt } from "../activities/activity-attempt.ts";
import { createTestHost, createTestTask } from "../activities/activity-host.test-support.ts";
import type { ActivityOutcome } from "../activities/activity-outcome.ts";
import { ActivityPool } from "./activity-pool.ts";
import * as activities from "./placed-activities.test-support.ts";
import { inProcesses, inThreads, type PlacementOptions } from "./placement.ts";

const module = new URL("./placed-activities.test-support.ts", import.meta.url);
const places = [
  ["thread", inThreads],
  ["process", inProcesses],
] as const;

interface Trial {
  readonly pool: ActivityPool;
  readonly logged: string[];
  readonly registry: MetricRegistry;
  /** Lets timers of the worker fire. */
  tick(): void;
  /** Begins an attempt; heartbeats go to the function. */
  begin(name: string, args?: readonly unknown[], heartbeat?: (details: readonly Payload[]) => void): ActivityAttempt;
}

function setUp(place: typeof inThreads, options: PlacementOptions = { countMax: 1 }): Trial {
  const placed = place(activities, module, options);
  const logged: string[] = [];
  const line = (message: string): void => void logged.push(message);
  const logger: Logger = { ...silentLogger, info: line, warn: line };
  const registry = new MetricRegistry();
  const init = { namespace: "default", identity: "me", clientFault: undefined, measures: true };
  const connection = (): never => {
    throw new Error("nobody to call");
  };
  const pool = new ActivityPool(placed, { init, connection, logger });
  onTestFinished(() => pool.stop());
  const host = createTestHost([placed], { pools: new Map([[placed, pool]]), logger, metricMeter: registry.meter });
  return {
    pool,
    logged,
    registry,
    tick: () => host.clock.advanceBy(1),
    begin: (name, args = [], heartbeat = () => undefined) =>
      new ActivityAttempt(host, createTestTask(name, args), heartbeat),
  };
}

async function resultOf(outcome: Promise<ActivityOutcome>): Promise<unknown> {
  const settled = await outcome;
  if (settled.status !== "completed") throw new Error(JSON.stringify(settled));
  return (await defaultDataConverter.decode(settled.result))[0];
}

async function failureOf(outcome: Promise<ActivityOutcome>): Promise<Failure> {
  const settled = await outcome;
  if (settled.status !== "failed" && settled.status !== "cancelled") throw new Error(JSON.stringify(settled));
  return settled.failure;
}

/** Begins an attempt and waits for its first heartbeat. */
async function alive(trial: Trial, name: string): Promise<{ attempt: ActivityAttempt; end: Promise<ActivityOutcome> }> {
  let beat: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (beat = resolve));
  const attempt = trial.begin(name, [], () => beat());
  const end = attempt.run();
  await first;
  return { attempt, end };
}

test.each(places)("a %s runs activities by their names and keeps what they say", async (place, put) => {
  const trial = setUp(put);
  const beats: unknown[] = [];
  const heartbeat = (details: readonly Payload[]): void => void beats.push(details.length);
  const where = (await resultOf(trial.begin("whereAmI").run())) as ReturnType<typeof activities.whereAmI>;
  expect(where.pid === process.pid).toBe(place === "thread");
  expect(await resultOf(trial.begin("add-up", [2, 3]).run())).toBe(5);
  expect(await resultOf(trial.begin("describe", [], heartbeat).run())).toEqual({
    activityType: "describe",
    attempt: 1,
    workflowId: "w",
    heartbeatDetails: [],
  });
  expect(beats).toEqual([2]);
  expect(trial.logged).toContain("described");
  const [counted] = trial.registry.families();
  expect(counted?.name).toBe("described");
  expect([...(counted?.series.values() ?? [])][0]).toMatchObject({
    value: 1,
    attributes: { activity_type: "describe" },
  });
});

test.each(places)("errors of a %s come back as they were thrown", async (_place, put) => {
  const trial = setUp(put);
  const failure = await failureOf(trial.begin("fail").run());
  expect(failure).toMatchObject({ message: "no way", failureInfo: { value: { type: "NoWay", nonRetryable: true } } });
  const { failureInfo } = await failureOf(trial.begin("returnInstance").run());
  expect(failureInfo).toMatchObject({ value: { type: "NotCrossable" } });
  expect((await trial.begin("later").run()).status).toBe("completesAsync");
});

test.each(places)("a cancellation reaches a %s with its reasons", async (_place, put) => {
  const trial = setUp(put, { countMax: 2 });
  const asked = await alive(trial, "untilCancelled");
  asked.attempt.cancel({ cancelRequested: true });
  expect(await resultOf(asked.end)).toMatchObject({ cancelRequested: true, paused: false });
  const stopped = await alive(trial, "interrupted");
  stopped.attempt.cancel({ cancelRequested: true });
  expect((await stopped.end).status).toBe("cancelled");
});

test("an activity that computes in a thread can see that it is cancelled without yielding", async () => {
  const { attempt, end } = await alive(setUp(inThreads), "computeUntilCancelled");
  attempt.cancel({ cancelRequested: true });
  expect(await resultOf(end)).toBe("stopped");
});

test.each(places)("the crash of a %s fails its own attempt, and the next one has another", async (place, put) => {
  const trial = setUp(put, { countMax: 2 });
  const other = await alive(trial, "untilCancelled");
  const type = place === "thread" ? "ActivityThreadLost" : "ActivityProcessLost";
  for (const name of ["crash", "leak"]) {
    const failure = await failureOf(trial.begin(name).run());
    expect(failure.failureInfo).toMatchObject({ value: { type, nonRetryable: false } });
  }
  expect(await resultOf(trial.begin("add-up", [1, 1]).run())).toBe(2);
  other.attempt.cancel({ paused: true });
  expect(await resultOf(other.end)).toMatchObject({ paused: true });
  expect(trial.logged.join()).toContain("has ended, what ran in it fails");
});

test.each(places)("a %s whose activity does not stop is ended, if that is wanted", async (_place, put) => {
  const trial = setUp(put, { countMax: 1, endAfterCancel: 0 });
  const { attempt, end } = await alive(trial, "spin");
  attempt.cancel({ cancelRequested: true });
  const moved = trial.begin("add-up", [1, 2]).run();
  trial.tick();
  expect((await end).status).toBe("cancelled");
  expect(await resultOf(moved)).toBe(3);
});

test.each(places)("no more %s places are taken than there may be, the rest waits in turn", async (_place, put) => {
  const trial = setUp(put, { countMax: 2 });
  const wheres = await Promise.all(
    Array.from(
      { length: 8 },
      async () => resultOf(trial.begin("whereAmI").run()) as Promise<{ pid: number; threadId: number }>,
    ),
  );
  expect(new Set(wheres.map(({ pid, threadId }) => `${pid}/${threadId}`)).size).toBeLessThanOrEqual(2);
});

test.each(places)("activities in a %s hear of the worker's shutdown", async (_place, put) => {
  const trial = setUp(put);
  const { end } = await alive(trial, "untilShutdown");
  trial.pool.tellShutdown();
  expect(await resultOf(end)).toBe("told");
  await trial.pool.stop();
  expect((await failureOf(trial.begin("whereAmI").run())).message).toContain("have been stopped");
});

test("what cannot cross says so before it is sent", async () => {
  const trial = setUp(inThreads);
  const attempt = trial.begin("add-up", [1]);
  expect((await attempt.run()).status).toBe("completed");
  expect(() => inThreads(activities, "./placed-activities.test-support.ts")).toThrow("it is no URL of a file");
  expect(() => inThreads(activities, module, { countMax: 0 })).toThrow(`"countMax" is 0`);
});
