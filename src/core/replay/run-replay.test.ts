import { expect, test } from "vitest";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import {
  commands,
  completed,
  drive,
  jobKinds,
  newRun,
  TestHistory,
  toCompletion,
  toFailure,
} from "./history.test-support.ts";
import { toReplayTask } from "./task.ts";

test("the first task starts the workflow and its answer records flags and SDK", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  const { activations, outcome } = drive(run, [commands.timer(1)]);
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"]]);
  expect(activations[0]).toMatchObject({ isReplaying: false, historyLength: 3, timestampMs: 1_003_000 });
  const [job] = activations[0]?.jobs ?? [];
  expect(job).toMatchObject({
    details: { workflowType: "test", startTimeMs: 1_003_000, workflowStartTimeMs: 1_001_000, taskTimeoutMs: 10_000 },
  });
  expect(toCompletion(outcome)).toMatchObject({
    commands: [{ attributes: { value: { timerId: "1", startToFireTimeout: { seconds: 1, nanos: 0 } } } }],
    sdkMetadata: { coreUsedFlags: [1, 2, 3], langUsedFlags: [], sdkName: "test", sdkVersion: "1" },
    forceNewTask: false,
  });
});

test("the next task of a held run brings only news, and its answer only new flags", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.timer(1)]);
  const from = history.complete();
  const startedEventId = history.add("timerStarted", { timerId: "1" });
  history.add("timerFired", { timerId: "1", startedEventId });
  run.feed(history.task().toTask({ from }));
  const { activations, outcome } = drive(run, [commands.complete]);
  expect(activations.map(jobKinds)).toEqual([["fireTimer"]]);
  expect(activations[0]?.isReplaying).toBe(false);
  expect(toCompletion(outcome)).toMatchObject({
    commands: [{ attributes: { case: "completeWorkflowExecutionCommandAttributes" } }],
    sdkMetadata: { coreUsedFlags: [], sdkName: "", sdkVersion: "" },
  });
  expect(run.isFinished).toBe(true);
});

test("the runtime's flags are recorded once and shown again in replay", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  run.nextActivation();
  run.complete({ status: "completed", commands: [], usedFlags: [7], versioningBehavior: 2 });
  expect(toCompletion(run.takeOutcome())).toMatchObject({ sdkMetadata: { langUsedFlags: [7] }, versioningBehavior: 2 });
  history.complete([1, 2, 3], [7]);
  history.add("workflowExecutionSignaled", { signalName: "go" });
  const replayed = newRun();
  replayed.feed(history.task().toTask());
  const { activations } = drive(replayed);
  expect(activations.map(({ availableFlags }) => availableFlags)).toEqual([[7], [7]]);
  expect(activations.map(({ isReplaying }) => isReplaying)).toEqual([true, false]);
  expect(activations[0]?.lastSdk).toEqual({ name: "test", version: "1" });
});

test("no flag is used or recorded with a server that cannot keep them", () => {
  const run = newRun({ recordsFlags: false });
  run.feed(new TestHistory().start().toTask());
  const { outcome } = drive(run, [commands.patch("p")]);
  expect(toCompletion(outcome).sdkMetadata).toEqual({
    coreUsedFlags: [],
    langUsedFlags: [],
    sdkName: "",
    sdkVersion: "",
  });
  expect(toCompletion(outcome).commands).toHaveLength(1);
});

test("what is cancelled before it was sent leaves no command", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  const all = [
    [commands.timer(1), commands.cancelTimer(1)],
    [commands.activity(1), commands.cancelActivity(1)],
    [commands.child(1), commands.cancelChild(1)],
    [commands.signal(1), commands.cancelSignal(1)],
    [commands.nexus(1), commands.cancelNexus(1)],
  ].flat();
  const { activations, outcome } = drive(run, all);
  expect(toCompletion(outcome).commands).toEqual([]);
  expect(activations.map(jobKinds)).toEqual([
    ["initializeWorkflow"],
    ["resolveActivity", "resolveChildWorkflowStart", "resolveSignalExternal", "resolveNexusOperationStart"],
  ]);
});

test("a run that is not held asks for its history and takes the task's own events after it", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("workflowExecutionSignaled", { signalName: "go" });
  history.task();
  const run = newRun();
  run.feed(history.toTask({ from: 4 }));
  expect(run.missing).toBe("fromStart");
  expect(run.nextActivation()).toBeUndefined();
  expect(run.takeOutcome()).toBeUndefined();
  // The service keeps no events of a task that was not answered yet.
  run.addPage(history.events.slice(0, 5), false);
  expect(run.missing).toBeUndefined();
  expect(drive(run).activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["signalWorkflow"]]);
  expect(run.lastEventId).toBe(7);
});

test("a gap or a history cut short fails the task and says what is missing", () => {
  const history = new TestHistory().start();
  const { events } = history;
  const gap = newRun();
  gap.feed({ ...history.toTask(), events: events.filter(({ eventId }) => eventId !== 2) });
  expect(toFailure(gap.takeOutcome()).error?.message).toBe(
    "Cannot apply history: found event 3 after event 1; fetch the history again",
  );
  const short = newRun();
  short.feed({ ...history.toTask(), events: events.slice(0, 2) });
  expect(toFailure(short.takeOutcome()).error?.message).toBe(
    "Cannot apply history: it ends with event 2, wanted event 3; fetch the history again",
  );
});

test("events that a worker may ignore are skipped, others that it does not know fail the task", () => {
  const history = new TestHistory();
  history.add("workflowExecutionStarted", { originalExecutionRunId: "run" });
  history.add("workflowExecutionOptionsUpdated");
  history.task();
  const unknown = history.events[1];
  if (unknown === undefined) throw new Error("no event");
  const known = newRun();
  known.feed(history.toTask());
  expect(drive(known).activations).toHaveLength(1);
  const events = (workerMayIgnore: boolean) =>
    history.events.with(1, { ...unknown, eventType: 0, attributes: undefined, workerMayIgnore });
  const ignoring = newRun();
  ignoring.feed({ ...history.toTask(), events: events(true) });
  expect(drive(ignoring).activations).toHaveLength(1);
  const refusing = newRun();
  refusing.feed({ ...history.toTask(), events: events(false) });
  expect(toFailure(drive(refusing).outcome).error?.code).toBe("TEMPORAL_HISTORY");
});

test("tasks that failed or timed out are passed over; one that completed with nothing was told all the same", () => {
  const history = new TestHistory().start();
  history.add("workflowTaskFailed", { scheduledEventId: 2, startedEventId: 3 });
  history.task();
  history.add("workflowTaskTimedOut", { scheduledEventId: 5, startedEventId: 6 });
  history.task();
  history.complete();
  history.task();
  history.complete();
  const startedEventId = history.add("timerStarted", { timerId: "1" });
  history.add("timerFired", { timerId: "1", startedEventId });
  const run = newRun();
  run.feed(history.task().toTask());
  const { activations, outcome } = drive(run, [commands.timer(1)], [commands.complete]);
  expect(activations.map(({ historyLength, isReplaying }) => [historyLength, isReplaying])).toEqual([
    [9, true],
    [17, false],
  ]);
  expect(toCompletion(outcome).commands).toHaveLength(1);
});

test("a reset changes the random seed", () => {
  const history = new TestHistory().start();
  history.add("workflowTaskFailed", {
    scheduledEventId: 2,
    startedEventId: 3,
    cause: WorkflowTaskFailedCause.RESET_WORKFLOW,
    newRunId: "abc",
  });
  const run = newRun();
  run.feed(history.task().toTask());
  const { activations } = drive(run);
  expect(activations[0]?.jobs).toMatchObject([
    { kind: "initializeWorkflow" },
    { kind: "updateRandomSeed", seed: "17224545590736200989" },
  ]);
});

test("jobs come in the order that the code expects: patches, signals, news of what it awaits", () => {
  const history = new TestHistory().start();
  history.complete();
  const startedEventId = history.add("timerStarted", { timerId: "1" });
  history.add("timerFired", { timerId: "1", startedEventId });
  history.add("workflowExecutionCancelRequested", { cause: "why" });
  history.add("workflowExecutionSignaled", { signalName: "go" });
  const run = newRun();
  run.feed(history.task().toTask());
  const { activations } = drive(run, [commands.timer(1)]);
  expect(activations[1]?.jobs.map((job) => job.kind)).toEqual(["signalWorkflow", "fireTimer", "cancelWorkflow"]);
});

test("commands after the one that ends the workflow still count, and go before it", () => {
  const live = newRun();
  live.feed(new TestHistory().start().toTask());
  const { outcome } = drive(live, [commands.complete, commands.timer(1), { kind: "cancelWorkflow" }]);
  expect(toCompletion(outcome).commands.map(({ attributes }) => attributes?.case)).toEqual([
    "startTimerCommandAttributes",
    "completeWorkflowExecutionCommandAttributes",
  ]);
});

test.each([
  { langUsedFlags: [101], title: "after the ends that come with it", order: ["fireTimer", "cancelWorkflow"] },
  {
    langUsedFlags: [],
    title: "in its place, in a history from before the flag",
    order: ["cancelWorkflow", "fireTimer"],
  },
])("a cancellation is told $title", ({ langUsedFlags, order }) => {
  const history = new TestHistory().start();
  history.complete();
  const startedEventId = history.add("timerStarted", { timerId: "1" });
  history.add("workflowExecutionCancelRequested", { cause: "why" });
  history.add("timerFired", { timerId: "1", startedEventId });
  const live = newRun();
  live.feed(history.task().toTask());
  const { activations, outcome } = drive(live, [commands.timer(1)]);
  expect(activations[1]?.jobs.map(({ kind }) => kind)).toEqual(["fireTimer", "cancelWorkflow"]);
  expect(toCompletion(outcome)).toMatchObject({ sdkMetadata: { langUsedFlags: [101] } });
  history.complete([1, 2, 3], langUsedFlags);
  history.add("workflowExecutionSignaled", { signalName: "go" });
  const replayed = newRun();
  replayed.feed(history.task().toTask());
  expect(drive(replayed, [commands.timer(1)]).activations[1]?.jobs.map(({ kind }) => kind)).toEqual(order);
});

test("in a history from before the flag, commands after the end of the workflow are dropped", () => {
  const history = new TestHistory().start();
  history.complete([1, 2]);
  history.add("workflowExecutionCompleted");
  const run = newRun();
  run.feed(toReplayTask(history.events));
  expect(drive(run, [commands.complete, commands.timer(1)]).outcome).toEqual({ kind: "nothing" });
});

test("a completion that failed fails the task with its cause", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask());
  run.nextActivation();
  const failure = {
    message: "boom",
    source: "",
    stackTrace: "",
    encodedAttributes: undefined,
    cause: undefined,
    failureInfo: undefined,
  };
  run.complete({ status: "failed", failure, cause: 24 });
  expect(run.nextActivation()).toBeUndefined();
  expect(run.takeOutcome()).toEqual({ kind: "failed", cause: 24, failure, error: undefined, isLegacyQuery: false });
});

test("a run is driven in turn: misuse is a bug, not a failure of the task", () => {
  const run = newRun();
  expect(() => run.complete(completed())).toThrow("none is in progress");
  run.feed(new TestHistory().start().toTask());
  expect(() => run.feed(new TestHistory().start().toTask())).toThrow("one is in progress");
  run.nextActivation();
  expect(() => run.nextActivation()).toThrow("an activation is in progress");
  expect(run.takeOutcome()).toBeUndefined();
});

test("continue-as-new takes over what it does not set", () => {
  const run = newRun();
  const memo = { fields: { note: { metadata: {}, data: Uint8Array.of(1), externalPayloads: [] } } };
  const searchAttributes = { indexedFields: { A: { metadata: {}, data: Uint8Array.of(1), externalPayloads: [] } } };
  const B = { metadata: {}, data: Uint8Array.of(2), externalPayloads: [] };
  run.feed(new TestHistory().start({ memo, searchAttributes, retryPolicy: { maximumAttempts: 3 } }).toTask());
  const { outcome } = drive(run, [
    { kind: "upsertSearchAttributes", searchAttributes: { B } },
    {
      kind: "continueAsNew",
      next: { workflowType: "next", taskQueue: "queue", arguments: [], headers: {}, inheritBuildId: false },
    },
  ]);
  expect(toCompletion(outcome).commands[1]?.attributes?.value).toMatchObject({
    workflowType: { name: "next" },
    memo,
    searchAttributes: { indexedFields: { ...searchAttributes.indexedFields, B } },
    retryPolicy: { maximumAttempts: 3 },
  });
});

test("events of workflow tasks out of order are no fault of the code", () => {
  const history = new TestHistory().start();
  history.complete();
  history.complete();
  const run = newRun();
  run.feed(toReplayTask(history.events));
  expect(toFailure(drive(run).outcome).error?.message).toBe(
    'Cannot apply event 5 (WorkflowTaskCompleted): the workflow task is in state "none", wanted an event of taskScheduled',
  );
});

test("a run that was terminated while the code was at work replays up to its end", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("timerStarted", { timerId: "1" });
  history.add("workflowExecutionSignaled", { signalName: "go" });
  history.task();
  history.add("workflowExecutionTerminated");
  const run = newRun();
  run.feed(toReplayTask(history.events));
  const { activations, outcome } = drive(run, [commands.timer(1)], [commands.activity(1)]);
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["signalWorkflow"]]);
  expect(outcome).toEqual({ kind: "nothing" });
});
