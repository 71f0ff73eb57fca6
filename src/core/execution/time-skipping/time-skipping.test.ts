import { expect, test } from "vitest";
import type { TimeSkippingConfig } from "../../../proto/gen/common.ts";
import type { Init } from "../../../proto/message.ts";
import type { StartOrigin } from "../contract.ts";
import { nextDeadlineMs } from "../deadline.ts";
import { timestampMs, toDuration } from "../duration.ts";
import { completeRun, command, scheduleActivity, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";
import { fastForwardInfo, timeSkippingInfo } from "./view.ts";

const HOUR_MS = 3_600_000;
const MAX = 200;

function skipping(config: Init<TimeSkippingConfig> = {}, origin: Partial<StartOrigin> = {}): ScriptedRun {
  const run = new ScriptedRun();
  // Not a whole number, as clocks give.
  run.nowMs += 0.123;
  run.start({ timeSkippingConfig: { enabled: true, maxSessionSkipCount: MAX, ...config } }, { origin });
  return run;
}

const timesOf = (run: ScriptedRun): number[] => run.events.map(({ eventTime }) => timestampMs(eventTime));
const transitionsOf = (run: ScriptedRun): number =>
  run.types.filter((type) => type === "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED").length;
const fastForward = (id: string, ms: number): Pick<Init<TimeSkippingConfig>, "fastForwardConfig"> => ({
  fastForwardConfig: { id, duration: toDuration(ms) },
});

function update(run: ScriptedRun, config: Init<TimeSkippingConfig> | undefined): void {
  const full = { enabled: false, disablePropagation: false, maxSessionSkipCount: MAX, ...config } as TimeSkippingConfig;
  const timeSkipping = { config: config === undefined ? undefined : full };
  run.do({ kind: "updateOptions", identity: "operator", timeSkipping });
}

test("a run that waits for a timer only goes to its time at once", () => {
  const run = skipping();
  run.run(startTimer("late", 2 * HOUR_MS), startTimer("soon", HOUR_MS));
  const { targetTime, wallClockTime, disabledAfterFastForward } = run.last(
    "workflowExecutionTimeSkippingTransitionedEventAttributes",
  );
  expect(timestampMs(targetTime)).toBe(run.nowMs + HOUR_MS);
  expect(timestampMs(wallClockTime)).toBe(run.nowMs);
  expect(disabledAfterFastForward).toBe(false);
  expect(run.events.at(-1)?.workerMayIgnore).toBe(true);
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs);
  run.tick();
  expect(run.types.slice(-2)).toEqual(["TIMER_FIRED", "WORKFLOW_TASK_SCHEDULED"]);
  expect(timesOf(run).at(-1)).toBe(run.nowMs + HOUR_MS);
  expect(timestampMs(timeSkippingInfo(run.state, run.nowMs)?.currentTime)).toBe(run.nowMs + HOUR_MS);
  run.expectConsistent();
});

test("time is not skipped while somebody is at work for the run", () => {
  const childStart = command("startChildWorkflowExecutionCommandAttributes", {
    workflowId: "child",
    workflowType: { name: "Child" },
  });
  const signal = command("signalExternalWorkflowExecutionCommandAttributes", {
    execution: { workflowId: "other" },
    signalName: "s",
  });
  const cancel = command("requestCancelExternalWorkflowExecutionCommandAttributes", { workflowId: "other" });
  const nexus = command("scheduleNexusOperationCommandAttributes", {
    endpoint: "e",
    service: "s",
    operation: "o",
  });
  for (const busy of [scheduleActivity("a"), childStart, signal, cancel, nexus]) {
    const run = skipping();
    run.run(startTimer("t", HOUR_MS), busy);
    expect(transitionsOf(run)).toBe(0);
    expect(nextDeadlineMs(run.state)).toBeGreaterThan(run.nowMs);
  }
  const run = skipping();
  run.poll();
  run.do({ kind: "pauseRun", identity: "i", reason: "", requestId: "p" });
  run.complete([startTimer("t", HOUR_MS)]);
  expect(transitionsOf(run)).toBe(0);
  run.expectConsistent();
});

test("without anything to come there is nowhere to skip to", () => {
  const run = skipping();
  run.run();
  run.advance(HOUR_MS).signal();
  run.run();
  expect(transitionsOf(run)).toBe(0);
});

test("what is due already is not skipped to", () => {
  const run = skipping({ enabled: false });
  run.run(startTimer("t", 1_000));
  run.advance(1_000);
  update(run, { enabled: true });
  expect(transitionsOf(run)).toBe(0);
  run.tick();
  expect(run.types.at(-2)).toBe("TIMER_FIRED");
});

test("a retry of an activity, a delayed start and the end of a run are skipped to", () => {
  const retrying = skipping();
  retrying.run(scheduleActivity("a", { retryPolicy: { initialInterval: toDuration(HOUR_MS) } }));
  const { scheduledEventId } = [...retrying.state.activities.values()][0] ?? { scheduledEventId: 0 };
  retrying.pollActivity(scheduledEventId);
  retrying.do({ kind: "failActivity", activity: { by: "id", activityId: "a" }, identity: "w" });
  expect(transitionsOf(retrying)).toBe(1);
  retrying.tick();
  expect(retrying.effectsOf("dispatchActivityTask")).toHaveLength(1);
  retrying.expectConsistent();

  const delayed = skipping({}, { firstWorkflowTaskBackoffMs: HOUR_MS });
  expect(transitionsOf(delayed)).toBe(1);
  delayed.tick();
  expect(delayed.types.at(-1)).toBe("WORKFLOW_TASK_SCHEDULED");
  delayed.expectConsistent();

  const ending = new ScriptedRun();
  ending.start({
    timeSkippingConfig: { enabled: true, maxSessionSkipCount: MAX },
    workflowRunTimeout: toDuration(HOUR_MS),
  });
  ending.run();
  ending.tick();
  expect(ending.types.slice(-2)).toEqual([
    "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
    "WORKFLOW_EXECUTION_TIMED_OUT",
  ]);
  ending.expectConsistent();
});

test("skipping ends after so many skips, and begins again when it is configured anew", () => {
  const run = skipping({ maxSessionSkipCount: 2 });
  const sleep = (): void => {
    run.run(startTimer(String(run.events.length), HOUR_MS));
    run.tick();
  };
  sleep();
  sleep();
  expect(run.state.timeSkipping?.config?.enabled).toBe(false);
  sleep();
  expect(transitionsOf(run)).toBe(2);
  update(run, { enabled: true, maxSessionSkipCount: 2 });
  expect(transitionsOf(run)).toBe(3);
  expect(run.state.timeSkipping?.sessionSkips).toBe(1);
  run.expectConsistent();
});

test("a fast-forward ends where it was told to, short of the next thing to come", () => {
  const run = skipping(fastForward("f", 1_000));
  const startMs = timesOf(run)[0] ?? 0;
  run.advance(10);
  run.run(startTimer("t", HOUR_MS));
  const transition = run.last("workflowExecutionTimeSkippingTransitionedEventAttributes");
  expect(timestampMs(transition.targetTime)).toBe(startMs + 1_000);
  expect(transition.disabledAfterFastForward).toBe(true);
  expect(fastForwardInfo(run.state)).toMatchObject({ fastForwardId: "f", hasCompleted: true });
  expect(run.state.timeSkipping?.config?.enabled).toBe(false);
  run.advance(HOUR_MS - 991).tick();
  expect(run.types.at(-1)).not.toBe("WORKFLOW_TASK_SCHEDULED");
  run.advance(1).tick();
  expect(run.types.at(-2)).toBe("TIMER_FIRED");
  run.expectConsistent();
});

test("a fast-forward ends when its time comes by itself, even if the run is at work", () => {
  const run = skipping(fastForward("f", 1_000));
  run.run(scheduleActivity("a"));
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 1_000);
  run.advance(1_000).tick();
  const transition = run.last("workflowExecutionTimeSkippingTransitionedEventAttributes");
  expect([transition.targetTime, transition.disabledAfterFastForward]).toEqual([undefined, true]);
  expect(run.state.timeSkipping?.skippedMs).toBe(0);
  run.expectConsistent();
});

test("a configuration that changes nothing leaves no event, a fast-forward always begins anew", () => {
  const run = skipping();
  run.run();
  const before = run.events.length;
  update(run, { enabled: true });
  expect(run.events).toHaveLength(before);
  for (const config of [{ enabled: true, ...fastForward("f", HOUR_MS) }, { enabled: false }, undefined]) {
    update(run, config);
    const event = run.events.findLast(({ attributes }) => attributes?.case.includes("OptionsUpdated"));
    expect(event?.attributes?.value).toMatchObject({ timeSkippingConfigUpdated: true });
  }
  update(run, undefined);
  expect(timeSkippingInfo(run.state, run.nowMs)).toMatchObject({ effectiveConfig: undefined });
  // The fast-forward was skipped to at once, and what has been skipped stays so.
  expect(run.state.timeSkipping?.skippedMs).toBe(HOUR_MS);
  run.expectConsistent();
});

test("the next run of a chain goes on in the same time, with the same end of skipping", () => {
  const run = skipping(fastForward("f", 2 * HOUR_MS));
  run.run(startTimer("t", HOUR_MS));
  run.tick();
  run.run(command("continueAsNewWorkflowExecutionCommandAttributes", {}));
  const [effect] = run.effectsOf("startRun");
  const next = new ScriptedRun();
  next.nowMs = run.nowMs;
  if (effect !== undefined) next.do({ kind: "start", origin: effect.origin, request: effect.request });
  expect(next.last("workflowExecutionStartedEventAttributes").timeSkippingStatePropagation).toMatchObject({
    initialSkippedDuration: toDuration(HOUR_MS),
    initialSkipCount: 1,
  });
  expect(timesOf(next)[0]).toBe(timesOf(run).at(-1));
  next.run(startTimer("t", 5 * HOUR_MS));
  next.tick();
  expect(fastForwardInfo(next.state)).toEqual({ ...fastForwardInfo(run.state), hasCompleted: true });
  expect(next.state.timeSkipping?.skippedMs).toBe(2 * HOUR_MS);
  next.expectConsistent();
});

test("a child begins in its parent's time and skips like it, unless that is not wanted", () => {
  for (const disablePropagation of [false, true]) {
    const run = skipping({ disablePropagation, ...fastForward("f", 2 * HOUR_MS) });
    run.run(startTimer("t", HOUR_MS));
    run.tick();
    run.run(
      command("startChildWorkflowExecutionCommandAttributes", { workflowId: "c", workflowType: { name: "Child" } }),
    );
    const [effect] = run.effectsOf("startChild");
    expect(effect?.time).toMatchObject({ initialSkippedDuration: toDuration(HOUR_MS), initialSkipCount: 0 });
    expect(effect?.request.timeSkippingConfig).toEqual(
      disablePropagation
        ? undefined
        : { enabled: true, disablePropagation, maxSessionSkipCount: MAX, fastForwardConfig: undefined },
    );
  }
});

test("a reset takes back neither the time of the events that it keeps nor the skipping", () => {
  const run = skipping();
  run.run(startTimer("t", HOUR_MS));
  run.tick();
  run.run(startTimer("u", HOUR_MS));
  const again = run.resetTo(10);
  expect(again.state.timeSkipping).toMatchObject({ skippedMs: HOUR_MS, config: { enabled: true } });
  again.run(completeRun);
  expect(timesOf(again).at(-1)).toBe(run.nowMs + HOUR_MS);
  again.expectConsistent();
});
