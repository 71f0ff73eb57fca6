import { expect, test } from "vitest";
import type { Init } from "../../proto/message.ts";
import { Command } from "../../proto/gen/command.ts";
import { newApplicationFailure } from "./failures.ts";
import { commands, drive, jobKinds, newRun, TestHistory, toCompletion, toFailure } from "./history.test-support.ts";
import type { LocalActivityResult } from "./local-activity-queue.ts";
import { LOCAL_ACTIVITY_MARKER, toLocalActivityDetails } from "./markers.ts";
import type { RunReplay } from "./run-replay.ts";
import type { TaskOutcome } from "./task.ts";

const result = { metadata: {}, data: Uint8Array.of(7), externalPayloads: [] };

function resolve(run: RunReplay, more: Partial<LocalActivityResult> = {}): void {
  run.resolveLocalActivity({
    seq: 1,
    outcome: { status: "completed", result },
    attempt: 1,
    runtimeMs: 250,
    originalScheduleTimeMs: 5_000,
    ...more,
  });
}

function toWork(outcome: TaskOutcome | undefined) {
  if (outcome?.kind !== "waiting") throw new Error(`outcome is ${outcome?.kind ?? "none"}`);
  return outcome.localActivities;
}

/** A run whose first task has scheduled a local activity that the worker now runs. */
function start(more: Parameters<typeof commands.local>[1] = {}): RunReplay {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  expect(toWork(drive(run, [commands.local(1, more)]).outcome).start.map(({ seq, attempt }) => [seq, attempt])).toEqual(
    [[1, 1]],
  );
  return run;
}

function markerOf(command: Init<Command> | undefined) {
  const { attributes } = Command.create(command);
  if (attributes?.case !== "recordMarkerCommandAttributes") throw new Error("no marker");
  const { markerName, details, failure } = attributes.value;
  const data = details["data"]?.payloads[0]?.data ?? new Uint8Array();
  return {
    markerName,
    data: JSON.parse(new TextDecoder().decode(data)) as Record<string, unknown>,
    result: details["result"]?.payloads[0],
    failure,
  };
}

test("the task waits for a local activity, then records its marker; workflow time moves on by its runtime", () => {
  const run = start();
  expect(toWork(run.takeOutcome())).toEqual({ start: [], cancel: [] });
  resolve(run);
  const { activations, outcome } = drive(run, [commands.complete]);
  expect(activations[0]).toMatchObject({
    timestampMs: 1_003_250,
    jobs: [{ kind: "resolveActivity", seq: 1, isLocal: true, result: { status: "completed", result } }],
  });
  const [marker, end] = toCompletion(outcome).commands;
  expect(end?.attributes?.case).toBe("completeWorkflowExecutionCommandAttributes");
  expect(markerOf(marker)).toEqual({
    markerName: "core_local_activity",
    data: {
      seq: 1,
      attempt: 1,
      activity_id: "1",
      activity_type: "local",
      complete_time: { seconds: 1003, nanos: 250_000_000 },
      backoff: null,
      original_schedule_time: { seconds: 5, nanos: 0 },
    },
    result,
    failure: undefined,
  });
});

test("a heartbeat answers the task while the activity runs, and its result goes with the next one", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.local(1), commands.timer(1)]);
  run.heartbeat();
  expect(run.nextActivation()).toBeUndefined();
  expect(toCompletion(run.takeOutcome())).toMatchObject({
    forceNewTask: true,
    commands: [{ attributes: { case: "startTimerCommandAttributes" } }],
  });
  resolve(run);
  expect(run.nextActivation()).toBeUndefined();
  const from = history.complete();
  history.add("timerStarted", { timerId: "1" });
  history.add("workflowExecutionSignaled", { signalName: "go" });
  run.feed(history.task().toTask({ from }));
  const { activations, outcome } = drive(run);
  expect(activations.map(jobKinds)).toEqual([["signalWorkflow"], ["resolveActivity"]]);
  expect(toCompletion(outcome).commands.map((command) => markerOf(command).markerName)).toEqual([
    LOCAL_ACTIVITY_MARKER,
  ]);
});

test("a task without news while an activity runs only waits on", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.local(1)]);
  run.heartbeat();
  expect(toCompletion(run.takeOutcome()).forceNewTask).toBe(true);
  const from = history.complete();
  run.feed(history.task().toTask({ from }));
  expect(run.nextActivation()).toBeUndefined();
  expect(toWork(run.takeOutcome())).toEqual({ start: [], cancel: [] });
  resolve(run);
  expect(drive(run).activations.map(jobKinds)).toEqual([["resolveActivity"]]);
});

function recordedHistory(failure?: ReturnType<typeof newApplicationFailure>): TestHistory {
  const history = new TestHistory().start();
  history.complete();
  const marker = {
    seq: 1,
    attempt: 1,
    activityId: "1",
    activityType: "local",
    completeTimeMs: 1_003_500,
    backoffMs: undefined,
    originalScheduleTimeMs: undefined,
  };
  history.add("markerRecorded", {
    markerName: LOCAL_ACTIVITY_MARKER,
    details: toLocalActivityDetails(marker, failure === undefined ? result : undefined),
    failure,
  });
  const startedEventId = history.add("timerStarted", { timerId: "1" });
  history.add("timerFired", { timerId: "1", startedEventId });
  return history.task();
}

test("replay takes the result from the marker and runs nothing", () => {
  const run = newRun();
  run.feed(recordedHistory().toTask());
  const { activations, outcome } = drive(run, [commands.local(1)], [commands.timer(1)], [commands.complete]);
  expect(activations.map(({ timestampMs, jobs }) => [timestampMs, ...jobs.map(({ kind }) => kind)])).toEqual([
    [1_003_000, "initializeWorkflow"],
    [1_003_500, "resolveActivity"],
    [1_009_000, "fireTimer"],
  ]);
  expect(toCompletion(outcome)).toMatchObject({
    localActivities: { start: [] },
    commands: [{ attributes: { case: "completeWorkflowExecutionCommandAttributes" } }],
  });
});

test("results reach the code one at a time in the order in which they came, live as in replay", () => {
  const history = new TestHistory().start();
  const live = newRun();
  live.feed(history.toTask());
  drive(live, [commands.local(1), commands.local(2)]);
  resolve(live, { seq: 2 });
  resolve(live, { seq: 1, runtimeMs: 300 });
  const { activations, outcome } = drive(live);
  const told = activations.map(({ timestampMs, jobs }) => [
    timestampMs,
    ...jobs.map((job) => ("seq" in job ? job.seq : 0)),
  ]);
  expect(told).toEqual([
    [1_003_250, 2],
    [1_003_300, 1],
  ]);
  history.complete();
  for (const command of toCompletion(outcome).commands)
    history.add("markerRecorded", Command.create(command).attributes?.value as never);
  history.add("workflowExecutionSignaled", { signalName: "go" });
  const replayed = newRun();
  replayed.feed(history.task().toTask());
  const again = drive(replayed, [commands.local(1), commands.local(2)]).activations;
  expect(
    again.slice(1, 3).map(({ timestampMs, jobs }) => [timestampMs, ...jobs.map((job) => ("seq" in job ? job.seq : 0))]),
  ).toEqual(told);
});

test("one whose cancellation was waited for when its worker was lost is not begun again", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("timerStarted", { timerId: "1" });
  history.add("workflowExecutionSignaled", { signalName: "stop" });
  history.task();
  history.complete();
  history.add("timerStarted", { timerId: "2" });
  const run = newRun();
  run.feed(history.task().toTask());
  const { activations, outcome } = drive(
    run,
    [commands.local(1, { cancellationType: "waitCancellationCompleted" }), commands.timer(1)],
    [commands.cancelLocal(1), commands.timer(2)],
  );
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["signalWorkflow"], ["resolveActivity"]]);
  expect(activations[2]?.jobs[0]).toMatchObject({ result: { status: "cancelled" } });
  expect(toCompletion(outcome).localActivities.start).toEqual([]);
});

test.each([
  ["id", { activityId: "other" }, "differentId"],
  ["type", { activityType: "other" }, "differentType"],
] as const)("a local activity of another %s is refused", (_, more, reason) => {
  const run = newRun();
  run.feed(recordedHistory().toTask());
  const failure = toFailure(drive(run, [commands.local(1, more)], [commands.timer(1)]).outcome);
  expect(failure.error).toMatchObject({
    details: { reason, eventId: 5, eventType: "MarkerRecorded", command: { kind: "scheduleLocalActivity" } },
  });
});

test("an activity that was lost with its worker is run again once replay is over", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("timerStarted", { timerId: "1" });
  const run = newRun();
  run.feed(history.task().toTask());
  const { outcome } = drive(run, [commands.local(1), commands.timer(1)]);
  expect(toWork(outcome).start.map(({ seq }) => seq)).toEqual([1]);
  resolve(run);
  expect(toCompletion(drive(run).outcome).commands.map((command) => markerOf(command).markerName)).toEqual([
    LOCAL_ACTIVITY_MARKER,
  ]);
});

test("a failure passes as it is; a cancellation and a timeout are wrapped as an activity's", () => {
  const failed = start();
  const failure = newApplicationFailure("boom", "Boom");
  resolve(failed, { outcome: { status: "failed", failure } });
  expect(drive(failed).activations[0]?.jobs[0]).toMatchObject({ result: { status: "failed", failure } });
  const timedOut = start();
  const timeout = {
    ...failure,
    failureInfo: {
      case: "timeoutFailureInfo" as const,
      value: { timeoutType: 1 as const, lastHeartbeatDetails: undefined },
    },
  };
  resolve(timedOut, { outcome: { status: "timedOut", failure: timeout } });
  expect(drive(timedOut).activations[0]?.jobs[0]).toMatchObject({
    result: {
      status: "failed",
      failure: { message: "Local Activity timed out", cause: timeout, failureInfo: { case: "activityFailureInfo" } },
    },
  });
});

test("a retry that waits too long is handed to the code as a backoff", () => {
  const run = start();
  resolve(run, { outcome: { status: "failed", failure: newApplicationFailure("boom", "Boom") }, backoffMs: 90_000 });
  const { activations, outcome } = drive(run, [commands.timer(1)]);
  expect(activations[0]?.jobs[0]).toMatchObject({
    result: { status: "backoff", attempt: 2, backoffMs: 90_000, originalScheduleTimeMs: 5_000 },
  });
  expect(markerOf(toCompletion(outcome).commands[0]).data).toMatchObject({ backoff: { seconds: 90, nanos: 0 } });
});

test("waiting for the end of a cancellation asks the worker to stop the activity", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.local(1, { cancellationType: "waitCancellationCompleted" })]);
  run.heartbeat();
  run.takeOutcome();
  const from = history.complete();
  history.add("workflowExecutionCancelRequested");
  run.feed(history.task().toTask({ from }));
  const { outcome } = drive(run, [commands.cancelLocal(1)]);
  expect(toWork(outcome)).toEqual({ start: [], cancel: [1] });
});

test.each([
  ["tryCancel", [1]],
  ["abandon", []],
] as const)("cancelled with %s, the code is told at once and a marker says so", (cancellationType, cancel) => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.local(1, { cancellationType })]);
  run.heartbeat();
  run.takeOutcome();
  const from = history.complete();
  history.add("workflowExecutionCancelRequested");
  run.feed(history.task().toTask({ from }));
  const { activations, outcome } = drive(run, [commands.cancelLocal(1)], [{ kind: "cancelWorkflow" }]);
  expect(activations[1]?.jobs[0]).toMatchObject({
    result: { status: "cancelled", failure: { message: "Local Activity cancelled" } },
  });
  const completion = toCompletion(outcome);
  expect(markerOf(completion.commands[0]).failure?.message).toBe("Activity cancelled");
  expect(completion.localActivities.cancel).toEqual(cancel);
});

test("one that is cancelled before the worker saw it never runs", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  const { activations, outcome } = drive(run, [
    commands.local(1, { cancellationType: "waitCancellationCompleted" }),
    commands.cancelLocal(1),
  ]);
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["resolveActivity"]]);
  const completion = toCompletion(outcome);
  expect(completion.localActivities).toEqual({ start: [], cancel: [] });
  expect(completion.commands.map((command) => markerOf(command).failure?.failureInfo?.case)).toEqual([
    "canceledFailureInfo",
  ]);
});

test("when the workflow ends, what still runs is stopped and not waited for", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.local(1)]);
  run.heartbeat();
  run.takeOutcome();
  const from = history.complete();
  history.add("workflowExecutionSignaled", { signalName: "go" });
  run.feed(history.task().toTask({ from }));
  expect(toCompletion(drive(run, [commands.complete]).outcome).localActivities).toEqual({ start: [], cancel: [1] });
});

test("queries wait for local activities, but not beyond a heartbeat", () => {
  const run = newRun();
  run.feed(
    new TestHistory()
      .start()
      .toTask({ queries: { q: { queryType: "state", queryArgs: undefined, header: undefined } } }),
  );
  expect(drive(run, [commands.local(1)]).outcome?.kind).toBe("waiting");
  run.heartbeat();
  const { activations, outcome } = drive(run, [
    { kind: "respondToQuery", queryId: "q", result: { status: "succeeded" } },
  ]);
  expect(activations.map(jobKinds)).toEqual([["queryWorkflow"]]);
  expect(toCompletion(outcome)).toMatchObject({ forceNewTask: true, queryResults: [{ queryId: "q" }] });
});

test("a marker that cannot be read fails the task and says what is missing", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("markerRecorded", { markerName: LOCAL_ACTIVITY_MARKER });
  const run = newRun();
  run.feed(history.task().toTask());
  expect(toFailure(drive(run).outcome).error?.message).toBe(
    'Cannot read local activity marker of event 5: found no "data" with seq, activity_id and activity_type',
  );
});
