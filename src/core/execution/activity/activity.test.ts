import { expect, test } from "vitest";
import { RetryState, TimeoutType } from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import type { Payloads } from "../../../proto/gen/common.ts";
import { Payloads as PayloadsCodec } from "../../../proto/gen/common.ts";
import { nextDeadlineMs } from "../deadline.ts";
import { toDuration } from "../duration.ts";
import { ExecutionError } from "../execution-error.ts";
import { outstandingEffects } from "../outstanding.ts";
import { command, completeRun, scheduleActivity, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";
import { pendingActivities } from "../view.ts";

type Options = Parameters<typeof scheduleActivity>[1];

const some = (byte: number): Payloads => PayloadsCodec.create({ payloads: [{ data: new Uint8Array([byte]) }] });

/** A run with one activity, scheduled by event 5, that nobody has started. */
function withActivity(options?: Options): ScriptedRun {
  const run = new ScriptedRun();
  run.start();
  run.run(scheduleActivity("a", options));
  return run;
}

function byToken(
  run: ScriptedRun,
  attempt?: number,
): { by: "token"; scheduledEventId: 5; attempt: number; startedEventId: 0 } {
  return {
    by: "token",
    scheduledEventId: 5,
    attempt: attempt ?? run.state.activities.get(5)?.attempt ?? 1,
    startedEventId: 0,
  };
}

function fail(run: ScriptedRun, failure: Parameters<typeof Failure.create>[0] = { message: "broken" }): void {
  run.do({ kind: "failActivity", activity: byToken(run), failure: Failure.create(failure), identity: "aw" });
}

/** Passes time until the next deadline and has it come about. */
function passTime(run: ScriptedRun): void {
  run.nowMs = Math.max(run.nowMs, nextDeadlineMs(run.state) ?? run.nowMs);
  run.tick();
}

test("an activity is offered, started without an event, and completed with two", () => {
  const run = withActivity({ input: some(1) });
  expect(run.effectsOf("dispatchActivityTask")).toEqual([
    { kind: "dispatchActivityTask", taskQueue: "tq", scheduledEventId: 5, attempt: 1, stamp: 0, priority: 0 },
  ]);
  expect(outstandingEffects(run.state)).toEqual(run.effectsOf("dispatchActivityTask"));
  const task = run.pollActivity(5);
  expect(task).toMatchObject({ activityId: "a", attempt: 1, scheduled: { input: some(1) } });
  expect(outstandingEffects(run.state)).toEqual([]);
  expect(run.types.at(-1)).toBe("ACTIVITY_TASK_SCHEDULED");
  run.advance(50).do({ kind: "completeActivity", activity: byToken(run), result: some(2), identity: "aw" });
  expect(run.types.slice(5)).toEqual(["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED", "WORKFLOW_TASK_SCHEDULED"]);
  expect(run.last("activityTaskCompletedEventAttributes")).toMatchObject({ scheduledEventId: 5, startedEventId: 6 });
  // The started event tells when the attempt began, not when it was written.
  expect(run.events[5]?.eventTime).toEqual(run.events[4]?.eventTime);
  expect(run.state.activities.size).toBe(0);
  run.expectConsistent();
});

test("timeouts that are not set follow from those that are, and none outlasts the run", () => {
  const timeouts = (options: Options, runTimeoutMs = 0): (number | undefined)[] => {
    const run = new ScriptedRun();
    run.start({ workflowRunTimeout: toDuration(runTimeoutMs) });
    run.run(scheduleActivity("a", { startToCloseTimeout: toDuration(0), ...options }));
    const scheduled = run.last("activityTaskScheduledEventAttributes");
    return [
      scheduled.scheduleToCloseTimeout,
      scheduled.scheduleToStartTimeout,
      scheduled.startToCloseTimeout,
      scheduled.heartbeatTimeout,
    ].map((duration) => duration?.seconds);
  };
  expect(timeouts({ scheduleToCloseTimeout: toDuration(60_000) })).toEqual([60, 60, 60, 0]);
  expect(timeouts({ startToCloseTimeout: toDuration(5000), heartbeatTimeout: toDuration(9000) })).toEqual([0, 0, 5, 5]);
  expect(timeouts({ startToCloseTimeout: toDuration(50_000) }, 30_000)).toEqual([30, 30, 30, 0]);
});

test("an attempt that nobody may start is stale, and a start can be repeated with its request id", () => {
  const run = withActivity();
  const start = (attempt: number, requestId: string): unknown =>
    run.do({ kind: "startActivityTask", scheduledEventId: 5, attempt, stamp: 0, identity: "aw", requestId });
  expect(start(2, "r")).toEqual({ stale: true });
  expect(start(1, "r")).toMatchObject({ startedActivityTask: { attempt: 1 } });
  expect(start(1, "r")).toMatchObject({ startedActivityTask: { attempt: 1 } });
  expect(start(1, "other")).toEqual({ stale: true });
});

test("a failed attempt is followed by another after a growing delay, and each is told what the last one left", () => {
  const run = withActivity({
    retryPolicy: { initialInterval: toDuration(1000), backoffCoefficient: 3, maximumInterval: toDuration(5000) },
  });
  for (const delayMs of [1000, 3000, 5000]) {
    run.pollActivity(5);
    run.do({ kind: "heartbeatActivity", activity: byToken(run), details: some(7), identity: "aw" });
    const records = run.events.length;
    fail(run);
    expect(nextDeadlineMs(run.state)).toBe(run.nowMs + delayMs);
    expect(outstandingEffects(run.state)).toEqual([]);
    passTime(run);
    expect(run.events).toHaveLength(records);
    expect(run.effectsOf("dispatchActivityTask")).toMatchObject([{ scheduledEventId: 5 }]);
  }
  expect(run.pollActivity(5)).toMatchObject({ attempt: 4, heartbeatDetails: some(7) });
  run.do({ kind: "completeActivity", activity: byToken(run), identity: "aw" });
  expect(run.last("activityTaskStartedEventAttributes")).toMatchObject({
    attempt: 4,
    lastFailure: { message: "broken" },
  });
  run.expectConsistent();
});

test.each([
  ["has tried often enough", { maximumAttempts: 1 }, {}, RetryState.MAXIMUM_ATTEMPTS_REACHED],
  [
    "says that it cannot be retried",
    {},
    { failureInfo: { case: "applicationFailureInfo", value: { nonRetryable: true } } },
    RetryState.NON_RETRYABLE_FAILURE,
  ],
  [
    "is of a type that is not retried",
    { nonRetryableErrorTypes: ["Bad"] },
    { failureInfo: { case: "applicationFailureInfo", value: { type: "Bad" } } },
    RetryState.NON_RETRYABLE_FAILURE,
  ],
] as const)("an activity that %s fails for good", (_why, retryPolicy, failure, retryState) => {
  const run = withActivity({ retryPolicy: { ...retryPolicy, nonRetryableErrorTypes: ["Bad"] } });
  run.pollActivity(5);
  fail(run, { message: "broken", ...failure });
  expect(run.last("activityTaskFailedEventAttributes")).toMatchObject({ retryState, failure: { message: "broken" } });
  expect(run.state.workflowTask?.phase).toBe("scheduled");
});

test("no attempt begins after schedule-to-close, and a failure may ask for its own delay", () => {
  const run = withActivity({ scheduleToCloseTimeout: toDuration(10_000) });
  run.pollActivity(5);
  const next = (ms: number): Parameters<typeof Failure.create>[0] => ({
    message: "later",
    failureInfo: { case: "applicationFailureInfo", value: { nextRetryDelay: toDuration(ms) } },
  });
  fail(run, next(2500));
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 2500);
  passTime(run);
  run.pollActivity(5);
  fail(run, next(20_000));
  expect(run.last("activityTaskFailedEventAttributes").retryState).toBe(RetryState.TIMEOUT);
});

test("a failure too large to keep is cut down for the next attempt", () => {
  const run = withActivity();
  run.pollActivity(5);
  fail(run, { message: "x".repeat(10_000) });
  const kept = run.state.activities.get(5)?.lastFailure;
  expect(kept?.message).toBe("Failure exceeds size limit.");
  expect(kept?.cause?.message.length).toBeLessThanOrEqual(4096);
});

test("each of the four timeouts comes when it should and says which it was", () => {
  const cases = [
    [{ scheduleToStartTimeout: toDuration(1000) }, false, 1000, TimeoutType.SCHEDULE_TO_START],
    // It is as long, as the service has it, and of the two it comes first.
    [{ scheduleToCloseTimeout: toDuration(1000) }, false, 1000, TimeoutType.SCHEDULE_TO_START],
    [{ scheduleToCloseTimeout: toDuration(1000) }, true, 1000, TimeoutType.SCHEDULE_TO_CLOSE],
    [
      { startToCloseTimeout: toDuration(2000), retryPolicy: { maximumAttempts: 1 } },
      true,
      2000,
      TimeoutType.START_TO_CLOSE,
    ],
    [
      { startToCloseTimeout: toDuration(500), retryPolicy: { maximumAttempts: 1 } },
      true,
      // Task and report get some time on their way, as far as the service's timers are not exact.
      600,
      TimeoutType.START_TO_CLOSE,
    ],
    [
      { startToCloseTimeout: toDuration(950), retryPolicy: { maximumAttempts: 1 } },
      true,
      1000,
      TimeoutType.START_TO_CLOSE,
    ],
    [{ heartbeatTimeout: toDuration(500), retryPolicy: { maximumAttempts: 1 } }, true, 500, TimeoutType.HEARTBEAT],
  ] as const;
  for (const [options, started, afterMs, timeoutType] of cases) {
    const run = withActivity({ ...options });
    if (started) run.pollActivity(5);
    expect(nextDeadlineMs(run.state)).toBe(run.nowMs + afterMs);
    passTime(run);
    const { failure } = run.last("activityTaskTimedOutEventAttributes");
    expect(failure?.failureInfo).toMatchObject({ case: "timeoutFailureInfo", value: { timeoutType } });
    expect(run.state.workflowTask?.phase).toBe("scheduled");
    run.expectConsistent();
  }
});

test("heartbeats put the heartbeat timeout off, and their details survive a timeout", () => {
  const run = withActivity({ heartbeatTimeout: toDuration(1000), retryPolicy: { maximumAttempts: 1 } });
  run.pollActivity(5);
  run.advance(800).do({ kind: "heartbeatActivity", activity: byToken(run), details: some(3), identity: "aw" });
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 1000);
  passTime(run);
  const { failure, retryState } = run.last("activityTaskTimedOutEventAttributes");
  expect(retryState).toBe(RetryState.MAXIMUM_ATTEMPTS_REACHED);
  expect(failure?.failureInfo?.value).toMatchObject({ lastHeartbeatDetails: some(3) });
});

test("an activity that runs out of time names its last failure as the cause", () => {
  const run = withActivity({
    scheduleToCloseTimeout: toDuration(2500),
    retryPolicy: { initialInterval: toDuration(1000) },
  });
  run.pollActivity(5);
  fail(run, { message: "first" });
  passTime(run);
  run.pollActivity(5);
  run.advance(1500).tick();
  const { failure } = run.last("activityTaskTimedOutEventAttributes");
  expect(failure?.cause?.message).toBe("first");
});

test("of several attempts only the current one is listened to", () => {
  const run = withActivity();
  run.pollActivity(5);
  fail(run);
  const stale = "invalid activityID or activity already timed out or invoking workflow is completed";
  for (const attempt of [1, 2])
    expect(() => run.do({ kind: "completeActivity", activity: byToken(run, attempt), identity: "" })).toThrow(stale);
  expect(() => run.do({ kind: "heartbeatActivity", activity: byToken(run, 1), identity: "" })).toThrow(ExecutionError);
  run.expectConsistent();
});

test("an activity that has not started is cancelled at once, with a workflow task to hear of it", () => {
  const run = withActivity();
  run.signal();
  run.run(command("requestCancelActivityTaskCommandAttributes", { scheduledEventId: 5 }));
  expect(run.types.slice(-3)).toEqual([
    "ACTIVITY_TASK_CANCEL_REQUESTED",
    "ACTIVITY_TASK_CANCELED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  const { details } = run.last("activityTaskCanceledEventAttributes");
  expect(new TextDecoder().decode(details?.payloads[0]?.data)).toBe('"ACTIVITY_ID_NOT_STARTED"');
});

test("a running activity learns of its cancellation by a heartbeat, and ends as it likes", () => {
  const run = withActivity();
  run.pollActivity(5);
  const cancel = (): unknown =>
    run.do({ kind: "cancelActivity", activity: byToken(run), details: some(1), identity: "aw" });
  expect(cancel).toThrow("unable to mark activity as canceled without activity being request canceled first");
  run.signal();
  run.run(command("requestCancelActivityTaskCommandAttributes", { scheduledEventId: 5 }));
  const beat = run.do({ kind: "heartbeatActivity", activity: byToken(run), identity: "aw" });
  expect(beat.activityState?.cancelRequested).toBe(true);
  cancel();
  expect(run.last("activityTaskCanceledEventAttributes")).toMatchObject({
    latestCancelRequestedEventId: run.types.indexOf("ACTIVITY_TASK_CANCEL_REQUESTED") + 1,
    details: some(1),
  });
  run.expectConsistent();
});

test("once its cancellation was asked for, a failed attempt is the last", () => {
  const run = withActivity();
  run.pollActivity(5);
  run.signal();
  run.run(command("requestCancelActivityTaskCommandAttributes", { scheduledEventId: 5 }));
  fail(run);
  expect(run.last("activityTaskFailedEventAttributes").retryState).toBe(RetryState.CANCEL_REQUESTED);
});

test("by its id an activity is completed even before anyone started it", () => {
  const run = withActivity();
  run.do({ kind: "completeActivity", activity: { by: "id", activityId: "a" }, identity: "client" });
  expect(run.last("activityTaskStartedEventAttributes").identity).toBe("client");
  const again = (): unknown =>
    run.do({ kind: "completeActivity", activity: { by: "id", activityId: "a" }, identity: "client" });
  expect(again).toThrow("cannot find pending activity with ActivityID a");
});

test("an eager activity is started in the step that schedules it", () => {
  const run = new ScriptedRun();
  run.start();
  const { eagerActivityTasks } = run.run(scheduleActivity("a", { requestEagerExecution: true }), scheduleActivity("b"));
  expect(eagerActivityTasks?.map(({ activityId }) => activityId)).toEqual(["a"]);
  expect(run.effectsOf("dispatchActivityTask").map(({ scheduledEventId }) => scheduledEventId)).toEqual([6]);
  expect(run.state.activities.get(5)?.phase).toBe("started");
  run.expectConsistent();
});

test("where nothing is eager, an activity that asks for it is offered like any other", () => {
  const run = new ScriptedRun({ eagerActivities: false });
  run.start();
  const { eagerActivityTasks } = run.run(scheduleActivity("a", { requestEagerExecution: true }));
  expect(eagerActivityTasks ?? []).toEqual([]);
  expect(run.effectsOf("dispatchActivityTask").map(({ scheduledEventId }) => scheduledEventId)).toEqual([5]);
  run.expectConsistent();
});

test("an end that comes while a workflow task runs waits behind signals, with the id its start gets", () => {
  const run = withActivity();
  run.pollActivity(5);
  run.signal("wake");
  run.poll();
  run.do({ kind: "completeActivity", activity: byToken(run), identity: "aw" });
  run.signal("late");
  run.expectConsistent();
  run.complete([startTimer("t", 1000)]);
  expect(run.types.slice(-5)).toEqual([
    "TIMER_STARTED",
    "ACTIVITY_TASK_STARTED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "ACTIVITY_TASK_COMPLETED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  const started = run.types.indexOf("ACTIVITY_TASK_STARTED") + 1;
  expect(run.last("activityTaskCompletedEventAttributes").startedEventId).toBe(started);
  run.expectConsistent();
});

test("when the run closes its activities are forgotten, and nobody may report to them", () => {
  const run = withActivity();
  run.pollActivity(5);
  run.signal();
  run.run(completeRun);
  expect(nextDeadlineMs(run.state)).toBeUndefined();
  expect(() => fail(run)).toThrow("workflow execution already completed");
});

test("a description says where an activity is and when it goes on", () => {
  const run = withActivity({ retryPolicy: { initialInterval: toDuration(4000) } });
  run.pollActivity(5);
  expect(pendingActivities(run.state, run.nowMs)).toMatchObject([{ activityId: "a", attempt: 1, state: 2 }]);
  fail(run);
  expect(pendingActivities(run.state, run.nowMs)).toMatchObject([
    { attempt: 2, state: 1, lastFailure: { message: "broken" }, currentRetryInterval: { seconds: 4 } },
  ]);
});
