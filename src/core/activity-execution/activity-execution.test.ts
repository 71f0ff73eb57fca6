import { expect, test } from "vitest";
import { RetryState, TimeoutType } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { StartActivityExecutionRequest } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { toDuration } from "../execution/duration.ts";
import { withRetryDefaults } from "../schedule/retry.ts";
import type { ActivityExecutionRequest, ActivityExecutionStep, AttemptReport } from "./contract.ts";
import { activityDeadlineMs, passTime } from "./deadline.ts";
import { decodeActivityExecution, encodeActivityExecution } from "./snapshot.ts";
import { newActivityExecution, type ActivityExecutionState } from "./state.ts";
import { stepActivityExecution } from "./step.ts";
import { activityExecutionInfo } from "./view.ts";

const T0 = 1_000_000;

/** An activity on a clock of its own. */
class Scripted {
  nowMs = T0;
  state: ActivityExecutionState;
  readonly #start: StartActivityExecutionRequest;

  constructor(request: Init<StartActivityExecutionRequest> = {}) {
    this.#start = StartActivityExecutionRequest.create({
      requestId: "start",
      activityType: { name: "act" },
      taskQueue: { name: "queue" },
      startToCloseTimeout: toDuration(60_000),
      ...request,
      retryPolicy: withRetryDefaults(
        StartActivityExecutionRequest.create({ retryPolicy: request.retryPolicy ?? {} }).retryPolicy,
      ),
    });
    this.state = passTime(newActivityExecution(this.#start, this.nowMs), this.nowMs).state;
  }

  do(request: ActivityExecutionRequest): ActivityExecutionStep {
    const step = stepActivityExecution(this.state, request, this.nowMs);
    this.state = step.state;
    return step;
  }

  /** A worker takes the attempt. */
  take(requestId = `take ${this.nowMs}`): ActivityExecutionStep {
    const { stamp } = this.state.attempt;
    const worker = { identity: "worker", sdkName: "sdk", sdkVersion: "1", deploymentVersion: undefined };
    return this.do({ kind: "start", stamp, requestId, ...worker });
  }

  report(report: AttemptReport, token = this.#token()): ActivityExecutionStep {
    return this.do({ kind: "report", target: { by: "token", ...token }, report });
  }

  fail(failure: Init<Failure> = { message: "broken" }): ActivityExecutionStep {
    return this.report({ kind: "failActivity", failure: Failure.create(failure), identity: "worker" });
  }

  ask(kind: "requestCancel" | "terminate" | "pause", requestId: string = kind): ActivityExecutionStep {
    return this.do({ kind, reason: "why", identity: "caller", requestId });
  }

  reset(options: { keepPaused?: boolean; restoreOriginalOptions?: boolean } = {}): ActivityExecutionStep {
    const asked = { resetHeartbeat: true, keepPaused: false, restoreOriginalOptions: false, ...options };
    return this.do({ kind: "reset", requestId: `reset ${this.nowMs}`, jitterMs: 0, ...asked });
  }

  /** Passes time until the next deadline. */
  wait(): ActivityExecutionStep {
    this.nowMs = activityDeadlineMs(this.state) ?? this.nowMs;
    return this.do({ kind: "tick" });
  }

  info(): ReturnType<typeof activityExecutionInfo> {
    const viewed = { activityId: "a", runId: "r", start: this.#start };
    return activityExecutionInfo(this.state, viewed, this.nowMs, {
      includeHeartbeatDetails: true,
      includeLastFailure: true,
    });
  }

  #token(): { readonly attempt: number; readonly stamp: number } {
    const { count, startedStamp } = this.state.attempt;
    return { attempt: count, stamp: startedStamp };
  }
}

const done: AttemptReport = { kind: "completeActivity", result: undefined, identity: "worker" };
const beat: AttemptReport = { kind: "heartbeatActivity", details: { payloads: [] }, identity: "worker" };

function timeoutOf({ outcome }: ActivityExecutionState): TimeoutType | undefined {
  const info = outcome?.value?.case === "failure" ? outcome.value.value.failureInfo : undefined;
  return info?.case === "timeoutFailureInfo" ? info.value.timeoutType : undefined;
}

test("an attempt is offered, taken once and completed", () => {
  const one = new Scripted();
  expect(one.state.offered).toBe(true);
  expect(one.take("first").stale).toBeUndefined();
  expect(one.take("first").stale).toBeUndefined();
  expect(one.take("another").stale).toBe(true);
  one.report(done);
  expect(one.state).toMatchObject({ phase: "completed", closeMs: T0, outcome: { value: { case: "result" } } });
  expect(activityDeadlineMs(one.state)).toBeUndefined();
});

test("what is kept of an activity is all there is, but for whether it was offered", () => {
  const one = new Scripted({ startDelay: toDuration(1), heartbeatTimeout: toDuration(1000) });
  one.wait();
  one.take();
  one.report(beat);
  one.fail();
  one.ask("pause");
  const restored = decodeActivityExecution(encodeActivityExecution(one.state));
  expect({ ...restored, offered: one.state.offered }).toEqual(one.state);
  expect(() => decodeActivityExecution(new TextEncoder().encode('{"version":2}'))).toThrow("version 2 found");
});

test("a failed attempt is followed by others after growing delays, until the policy has no more", () => {
  const one = new Scripted({ retryPolicy: { initialInterval: toDuration(1000), maximumAttempts: 3 } });
  for (const delayMs of [1000, 2000]) {
    one.take();
    one.fail();
    expect(one.state.phase).toBe("scheduled");
    expect(one.info().nextAttemptScheduleTime?.seconds).toBe((one.nowMs + delayMs) / 1000);
    expect(one.wait().dispatch).toBe(true);
  }
  one.take();
  one.fail();
  expect(one.state).toMatchObject({ phase: "failed", outcome: { retryState: RetryState.MAXIMUM_ATTEMPTS_REACHED } });
});

test("a failure may ask for its own delay, and one that is not to be retried is the last", () => {
  const one = new Scripted();
  one.take();
  one.fail({ failureInfo: { case: "applicationFailureInfo", value: { nextRetryDelay: toDuration(7000) } } });
  expect(activityDeadlineMs(one.state)).toBe(T0 + 7000);
  one.wait();
  one.take();
  one.fail({ failureInfo: { case: "applicationFailureInfo", value: { nonRetryable: true } } });
  expect(one.state.outcome?.retryState).toBe(RetryState.NON_RETRYABLE_FAILURE);
});

test("a failure of which nothing is said is still one", () => {
  const one = new Scripted({ retryPolicy: { maximumAttempts: 1 } });
  one.take();
  one.report({ kind: "failActivity", failure: undefined, identity: "worker" });
  expect(one.state.outcome?.value?.value).toMatchObject({ message: "activity task failed without failure details" });
});

test("each of the four timeouts comes when it should and says which it was", () => {
  const cases = [
    [{ scheduleToStartTimeout: toDuration(1000) }, false, 1000, TimeoutType.SCHEDULE_TO_START],
    [{ scheduleToCloseTimeout: toDuration(1500) }, true, 1500, TimeoutType.SCHEDULE_TO_CLOSE],
    [{ startToCloseTimeout: toDuration(2000) }, true, 2000, TimeoutType.START_TO_CLOSE],
    [{ heartbeatTimeout: toDuration(500) }, true, 500, TimeoutType.HEARTBEAT],
  ] as const;
  for (const [timeouts, taken, afterMs, type] of cases) {
    const one = new Scripted({ ...timeouts, retryPolicy: { maximumAttempts: 1 } });
    if (taken) one.take();
    one.wait();
    expect(one.nowMs).toBe(T0 + afterMs);
    expect([one.state.phase, timeoutOf(one.state)]).toEqual(["timedOut", type]);
  }
});

test("an attempt that timed out is retried, unless no time is left for that", () => {
  const one = new Scripted({ startToCloseTimeout: toDuration(1000), scheduleToCloseTimeout: toDuration(2500) });
  one.take();
  one.wait();
  expect([one.state.phase, one.state.attempt.count]).toEqual(["scheduled", 2]);
  one.wait();
  one.take();
  one.nowMs += 400;
  one.fail();
  expect(one.state.outcome?.retryState).toBe(RetryState.TIMEOUT);
});

test("heartbeats put their timeout off and are kept for the next attempt", () => {
  const one = new Scripted({ heartbeatTimeout: toDuration(1000) });
  one.take();
  one.nowMs += 900;
  expect(one.report(beat).wish).toEqual({ cancelRequested: false, paused: false, reset: false });
  expect(activityDeadlineMs(one.state)).toBe(T0 + 1900);
  one.fail();
  expect(one.info()).toMatchObject({ totalHeartbeatCount: 1, heartbeatDetails: { payloads: [] } });
});

test("tokens of an earlier attempt are refused", () => {
  const one = new Scripted();
  one.take();
  const token = { attempt: 1, stamp: one.state.attempt.startedStamp };
  one.fail();
  one.wait();
  one.take();
  for (const report of [done, beat]) expect(() => one.report(report, token)).toThrow("activity task not found");
});

test("a cancellation ends what no worker has at once, and is told to a worker that has it", () => {
  const idle = new Scripted();
  idle.ask("requestCancel");
  expect(idle.state.phase).toBe("canceled");
  const busy = new Scripted();
  busy.take();
  const cancel: AttemptReport = { kind: "cancelActivity", details: undefined, identity: "worker" };
  expect(() => busy.report(cancel)).toThrow("unable to mark activity as canceled");
  busy.ask("requestCancel");
  expect(busy.ask("requestCancel").state).toBe(busy.state);
  expect(() => busy.ask("requestCancel", "other")).toThrow("cancellation already requested");
  expect(busy.report(beat).wish?.cancelRequested).toBe(true);
  busy.fail();
  expect(busy.state.outcome?.retryState).toBe(RetryState.CANCEL_REQUESTED);
});

test("a termination can be repeated but not by another request", () => {
  const one = new Scripted();
  one.ask("terminate");
  expect(one.ask("terminate").state).toBe(one.state);
  expect(() => one.ask("terminate", "other")).toThrow("already terminated with request ID terminate");
  expect(() => one.ask("pause")).toThrow("activity is in non-pausable state Terminated");
});

test("by its id an activity is completed that no worker has, but nothing else is reported of it", () => {
  const one = new Scripted();
  const byId = (report: AttemptReport): ActivityExecutionStep =>
    one.do({ kind: "report", target: { by: "id" }, report });
  expect(() => byId(beat)).toThrow("activity task not found");
  byId(done);
  expect(one.state).toMatchObject({ phase: "completed", attempt: { startedMs: T0 } });
  expect(() => byId(done)).toThrow("invalid transition from Completed");
});

test("a start delay puts off the first attempt and the timeouts that count from it", () => {
  const one = new Scripted({ startDelay: toDuration(5000), scheduleToCloseTimeout: toDuration(1000) });
  expect([one.state.offered, activityDeadlineMs(one.state)]).toEqual([false, T0 + 5000]);
  expect(one.wait().dispatch).toBe(true);
  expect(activityDeadlineMs(one.state)).toBe(T0 + 6000);
});

test("a paused activity is not offered until it is unpaused", () => {
  const one = new Scripted();
  const { stamp } = one.state.attempt;
  one.ask("pause");
  expect(one.info()).toMatchObject({ status: 7, runState: 4 });
  expect(one.state.attempt.stamp).not.toBe(stamp);
  one.do({ kind: "unpause", requestId: "u", jitterMs: 300 });
  expect(activityDeadlineMs(one.state)).toBe(T0 + 300);
  // A late repetition of what paused it does not pause it again.
  expect(one.ask("pause").state).toBe(one.state);
});

test("a running activity is paused when its attempt fails", () => {
  const one = new Scripted({ retryPolicy: { initialInterval: toDuration(2000) } });
  one.take();
  one.ask("pause");
  expect(one.report(beat).wish?.paused).toBe(true);
  one.fail();
  expect([one.state.phase, activityDeadlineMs(one.state)]).toEqual(["paused", undefined]);
  one.do({ kind: "unpause", requestId: "u", jitterMs: 0 });
  expect(activityDeadlineMs(one.state)).toBe(T0 + 2000);
});

test("a reset begins with the first attempt again, at once or when the attempt that runs has ended", () => {
  const idle = new Scripted();
  idle.take();
  idle.fail();
  idle.reset();
  expect(idle.state.attempt).toMatchObject({ count: 1, dispatchMs: T0, retryIntervalMs: undefined });
  const busy = new Scripted();
  busy.take();
  busy.report(beat);
  busy.ask("pause");
  busy.reset({ keepPaused: true });
  expect(busy.report(beat).wish?.reset).toBe(true);
  busy.nowMs += 1;
  expect(() => busy.reset()).toThrow("cannot reset an activity with a pending reset");
  busy.fail();
  expect(busy.state).toMatchObject({ phase: "paused", attempt: { count: 1 }, heartbeatDetails: undefined });
});

test("new options hold at once, and the original ones can be had back", () => {
  const one = new Scripted({ retryPolicy: { initialInterval: toDuration(60_000) } });
  one.take();
  one.fail();
  const change = (paths: readonly string[], options: object): ActivityExecutionStep =>
    one.do({
      kind: "updateOptions",
      activityId: "a",
      requestId: paths.join(),
      change: { options: { ...one.state.options, ...options }, paths },
    });
  change(["retryPolicy.initialInterval"], {
    retryPolicy: { ...withRetryDefaults(undefined), initialInterval: toDuration(3000) },
  });
  expect(activityDeadlineMs(one.state)).toBe(T0 + 3000);
  change(["taskQueue.name", "scheduleToCloseTimeout"], {
    taskQueue: { name: "other", kind: 1, normalName: "" },
    scheduleToCloseTimeout: toDuration(2000),
  });
  expect(one.info()).toMatchObject({ taskQueue: "other", startToCloseTimeout: toDuration(2000) });
  expect(() => change(["startDelay"], { startDelay: toDuration(1) })).toThrow("already been dispatched");
  one.do({ kind: "updateOptions", activityId: "a", requestId: "back", change: "restoreOriginal" });
  expect(one.info()).toMatchObject({ taskQueue: "queue", startToCloseTimeout: toDuration(60_000) });
});

test("callbacks and links are attached once for each request, and to open activities only", () => {
  const one = new Scripted();
  const attach = (requestId: string): ActivityExecutionStep =>
    one.do({ kind: "attach", requestId, callbacks: [{ links: [], variant: undefined }], links: [] });
  attach("a");
  expect(attach("a").state).toBe(one.state);
  attach("b");
  expect(one.state.callbacks.map(({ id }) => id)).toEqual(["a-0", "b-0"]);
  one.ask("terminate");
  expect(() => attach("c")).toThrow("cannot attach callbacks to a closed activity");
});
