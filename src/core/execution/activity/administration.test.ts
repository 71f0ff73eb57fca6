import { expect, test } from "vitest";
import { ActivityOptions } from "../../../proto/gen/activity.ts";
import { Payloads } from "../../../proto/gen/common.ts";
import { PendingActivityState } from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import type { AdministrativeRequest } from "../administration.ts";
import type { StepReply } from "../contract.ts";
import { nextDeadlineMs } from "../deadline.ts";
import { toDuration } from "../duration.ts";
import { outstandingEffects } from "../outstanding.ts";
import { scheduleActivity, ScriptedRun } from "../scripted-run.test-support.ts";
import { pendingActivities } from "../view.ts";

const activities = { by: "id", activityId: "a" } as const;

function withActivity(): ScriptedRun {
  const run = new ScriptedRun();
  run.start();
  run.run(scheduleActivity("a", { retryPolicy: { initialInterval: toDuration(60_000) } }));
  return run;
}

function pause(run: ScriptedRun, requestId = "p"): StepReply {
  return run.do({ kind: "pauseActivity", activities, identity: "op", reason: "why", requestId });
}

function unpause(
  run: ScriptedRun,
  more: Partial<Extract<AdministrativeRequest, { kind: "unpauseActivity" }>> = {},
): void {
  run.do({ kind: "unpauseActivity", activities, resetAttempts: false, resetHeartbeat: false, jitterMs: 0, ...more });
}

function reset(run: ScriptedRun, more: Partial<Extract<AdministrativeRequest, { kind: "resetActivity" }>> = {}): void {
  run.do({
    kind: "resetActivity",
    activities,
    resetHeartbeat: false,
    keepPaused: false,
    restoreOriginalOptions: false,
    jitterMs: 0,
    ...more,
  });
}

function target(run: ScriptedRun): { by: "token"; scheduledEventId: number; attempt: number; startedEventId: number } {
  return { by: "token", scheduledEventId: 5, attempt: run.state.activities.get(5)?.attempt ?? 1, startedEventId: 0 };
}

function fail(run: ScriptedRun): void {
  run.do({ kind: "failActivity", activity: target(run), failure: Failure.create({ message: "no" }), identity: "aw" });
}

function stateOf(run: ScriptedRun): PendingActivityState | undefined {
  return pendingActivities(run.state, run.nowMs)[0]?.state;
}

test("a paused activity is offered to nobody until it is unpaused", () => {
  const run = withActivity();
  pause(run);
  expect(stateOf(run)).toBe(PendingActivityState.PAUSED);
  expect(outstandingEffects(run.state)).toEqual([]);
  const stale = {
    kind: "startActivityTask",
    scheduledEventId: 5,
    attempt: 1,
    stamp: 0,
    identity: "",
    requestId: "r",
  } as const;
  expect(run.do(stale)).toEqual({ stale: true });
  unpause(run);
  expect(run.effectsOf("dispatchActivityTask")).toMatchObject([{ scheduledEventId: 5, attempt: 1 }]);
  expect(run.pollActivity(5).attempt).toBe(1);
  run.expectConsistent();
});

test("a pause is repeated harmlessly by its request only", () => {
  const run = withActivity();
  pause(run);
  const records = run.log.length;
  pause(run);
  expect(run.log).toHaveLength(records);
  expect(() => pause(run, "other")).toThrow("activity is already paused");
});

test("a running activity is told of its pause, and its next attempt waits", () => {
  const run = withActivity();
  run.pollActivity(5);
  pause(run);
  expect(stateOf(run)).toBe(PendingActivityState.PAUSE_REQUESTED);
  const beat = run.do({ kind: "heartbeatActivity", activity: target(run), identity: "aw" });
  expect(beat.activityState).toEqual({ cancelRequested: false, paused: true, reset: false });
  fail(run);
  expect(stateOf(run)).toBe(PendingActivityState.PAUSED);
  expect(nextDeadlineMs(run.state)).toBeUndefined();
  unpause(run, { resetAttempts: true });
  expect(run.pollActivity(5).attempt).toBe(1);
  run.expectConsistent();
});

test("what is paused shows in a search attribute", () => {
  const run = withActivity();
  const shown = (): string => new TextDecoder().decode(run.state.searchAttributes["TemporalPauseInfo"]?.data);
  pause(run);
  expect(shown()).toBe('["property:activityType=Act"]');
  unpause(run);
  expect(shown()).toBe("");
});

test("a reset brings the first attempt back at once, even out of a long backoff", () => {
  const run = withActivity();
  run.pollActivity(5);
  run.do({
    kind: "heartbeatActivity",
    activity: target(run),
    details: Payloads.create({ payloads: [{}] }),
    identity: "aw",
  });
  fail(run);
  reset(run, { resetHeartbeat: true });
  expect(run.effectsOf("dispatchActivityTask")).toMatchObject([{ attempt: 1 }]);
  expect(run.pollActivity(5)).toMatchObject({ attempt: 1, heartbeatDetails: undefined });
  run.expectConsistent();
});

test("a running activity is told of its reset, and its next attempt is the first", () => {
  const run = withActivity();
  run.pollActivity(5);
  reset(run);
  const beat = run.do({ kind: "heartbeatActivity", activity: target(run), identity: "aw" });
  expect(beat.activityState?.reset).toBe(true);
  run.expectConsistent();
});

test("a reset that keeps the pause leaves the activity paused", () => {
  const run = withActivity();
  run.pollActivity(5);
  fail(run);
  pause(run);
  reset(run, { keepPaused: true });
  expect(run.effects).toEqual([]);
  expect(stateOf(run)).toBe(PendingActivityState.PAUSED);
});

test("jitter spreads the next attempt over its length", () => {
  const run = withActivity();
  run.pollActivity(5);
  fail(run);
  reset(run, { jitterMs: 5000 });
  const atMs = nextDeadlineMs(run.state) ?? 0;
  expect(atMs - run.nowMs).toBeLessThan(5000);
});

test("new options take effect at once and can be given up again", () => {
  const run = withActivity();
  run.pollActivity(5);
  fail(run);
  const options = ActivityOptions.create({
    retryPolicy: { initialInterval: toDuration(2000) },
    taskQueue: { name: "other" },
  });
  const paths = ["retry_policy.initial_interval", "taskQueue.name"];
  const reply = run.do({ kind: "updateActivityOptions", activities, change: { options, paths } });
  expect(reply.activityOptions).toMatchObject({
    taskQueue: { name: "other" },
    retryPolicy: { initialInterval: { seconds: 2 }, backoffCoefficient: 2 },
    startToCloseTimeout: { seconds: 10 },
  });
  // Two seconds to the power of the second attempt, counted from the end of the first.
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 4000);
  const restored = run.do({ kind: "updateActivityOptions", activities, change: "restoreOriginal" });
  expect(restored.activityOptions?.taskQueue?.name).toBe("tq");
  run.expectConsistent();
});

test("options that make no sense are refused", () => {
  const run = withActivity();
  const change = {
    options: ActivityOptions.create({ retryPolicy: { backoffCoefficient: 0.5 } }),
    paths: ["retryPolicy"],
  };
  expect(() => run.do({ kind: "updateActivityOptions", activities, change })).toThrow(
    "BackoffCoefficient cannot be less than 1 on retry policy.",
  );
});

test("an operator who means no activity at all is told so", () => {
  const run = withActivity();
  const none = { by: "type", activityType: "Other" } as const;
  expect(() => run.do({ kind: "pauseActivity", activities: none, identity: "", reason: "", requestId: "" })).toThrow(
    "Can't find pending activity",
  );
  run.do({
    kind: "pauseActivity",
    activities: { by: "type", activityType: "Act" },
    identity: "",
    reason: "",
    requestId: "",
  });
  expect(stateOf(run)).toBe(PendingActivityState.PAUSED);
});
