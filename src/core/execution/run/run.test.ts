import { expect, test } from "vitest";
import {
  ContinueAsNewInitiator as Initiator,
  RetryState,
  WorkflowExecutionStatus as Status,
} from "../../../proto/gen/enums.ts";
import { nextDeadlineMs } from "../deadline.ts";
import { toDuration } from "../duration.ts";
import { command, completeRun, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";
import { executionInfo } from "../view.ts";
import { utcMs } from "../../schedule/utc.test-support.ts";

const failRun = (failure: object = { message: "no" }): ReturnType<typeof command> =>
  command("failWorkflowExecutionCommandAttributes", { failure });

const payloads = (byte: number): { payloads: { data: Uint8Array }[] } => ({
  payloads: [{ data: new Uint8Array([byte]) }],
});

test("a run is started with what its request says, and defaults for the rest", () => {
  const run = new ScriptedRun();
  run.start({
    input: payloads(1),
    workflowExecutionTimeout: toDuration(100_000),
    memo: { fields: { k: { data: new Uint8Array([1]) }, gone: {} } },
    retryPolicy: { maximumAttempts: 3 },
    userMetadata: { summary: { data: new Uint8Array([9]) } },
    priority: { priorityKey: 3 },
  });
  expect(run.last("workflowExecutionStartedEventAttributes")).toMatchObject({
    workflowId: "wf",
    workflowType: { name: "Flow" },
    attempt: 1,
    firstExecutionRunId: "run-1",
    originalExecutionRunId: "run-1",
    workflowRunTimeout: { seconds: 100 },
    workflowTaskTimeout: { seconds: 10 },
    retryPolicy: { initialInterval: { seconds: 1 }, backoffCoefficient: 2, maximumInterval: { seconds: 100 } },
    memo: { fields: { k: {} } },
    initiator: Initiator.UNSPECIFIED,
  });
  expect(run.events[0]?.userMetadata?.summary?.data).toEqual(new Uint8Array([9]));
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 100_000);
  expect(executionInfo(run.state)).toMatchObject({ status: Status.RUNNING, historyLength: 2, taskQueue: "tq" });
  expect(() => run.start()).toThrow("Workflow execution is already running");
});

test("an eager start gives the first workflow task to the starter", () => {
  const run = new ScriptedRun();
  const reply = run.start({}, { eagerIdentity: "me" });
  expect(reply.startedWorkflowTask).toMatchObject({ startedEventId: 3, attempt: 1 });
  expect(run.effects).toEqual([]);
  expect(run.last("workflowTaskStartedEventAttributes").identity).toBe("me");
  run.complete([completeRun]);
  run.expectConsistent();
});

test("the first workflow task waits for a start delay", () => {
  const run = new ScriptedRun();
  run.start({ workflowStartDelay: toDuration(5000), workflowRunTimeout: toDuration(60_000) });
  expect(run.last("workflowExecutionStartedEventAttributes").firstWorkflowTaskBackoff?.seconds).toBe(5);
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 5000);
  run.advance(5000).tick();
  expect(run.effectsOf("dispatchWorkflowTask")).toHaveLength(1);
  // The run's time begins with its first workflow task.
  expect(nextDeadlineMs(run.state)).toBe(run.nowMs + 60_000);
});

test("a run that completes tells everyone", () => {
  const run = new ScriptedRun();
  run.start();
  run.run(command("completeWorkflowExecutionCommandAttributes", { result: payloads(4) }));
  expect(run.effects).toMatchObject([{ kind: "closed", close: { status: Status.COMPLETED, result: payloads(4) } }]);
  expect(run.state).toMatchObject({ phase: "closed", closeTimeMs: run.nowMs });
  expect(executionInfo(run.state).status).toBe(Status.COMPLETED);
});

test("a cancellation is asked for once, and the workflow may follow it", () => {
  const run = new ScriptedRun();
  run.start();
  run.run();
  const cancel = (): unknown => run.do({ kind: "requestCancel", requestId: "c", reason: "enough", identity: "me" });
  cancel();
  expect(run.last("workflowExecutionCancelRequestedEventAttributes")).toMatchObject({
    cause: "enough",
    identity: "me",
  });
  expect(cancel()).toEqual({ duplicate: true });
  run.run(command("cancelWorkflowExecutionCommandAttributes", { details: payloads(1) }));
  expect(run.state.status).toBe(Status.CANCELED);
  expect(cancel()).toEqual({ duplicate: true });
  run.expectConsistent();
});

test("a termination ends the run at once, whatever it does", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.signal("waits");
  run.do({ kind: "terminate", reason: "stop", identity: "op" });
  expect(run.types.slice(3)).toEqual([
    "WORKFLOW_TASK_FAILED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_EXECUTION_TERMINATED",
  ]);
  expect(run.last("workflowExecutionTerminatedEventAttributes")).toMatchObject({ reason: "stop", identity: "op" });
  expect(() => run.do({ kind: "terminate", reason: "", identity: "" })).toThrow("workflow execution already completed");
  expect(() => run.complete()).toThrow("Workflow task not found.");
  run.expectConsistent();
});

test("a run that fails is tried again by its retry policy, with all it was started with", () => {
  const run = new ScriptedRun();
  run.start({
    input: payloads(1),
    retryPolicy: { initialInterval: toDuration(3000), maximumAttempts: 2 },
    memo: { fields: { k: { data: new Uint8Array([1]) } } },
    searchAttributes: { indexedFields: { Key: { data: new Uint8Array([34, 97, 34]) } } },
    completionCallbacks: [{}],
  });
  run.run(failRun());
  const [next] = run.effectsOf("startRun");
  expect(run.last("workflowExecutionFailedEventAttributes")).toMatchObject({
    retryState: RetryState.IN_PROGRESS,
    newExecutionRunId: next?.origin.runId,
  });
  expect(next?.origin).toMatchObject({
    attempt: 2,
    initiator: Initiator.RETRY,
    firstWorkflowTaskBackoffMs: 3000,
    continuedFromRunId: "run-1",
    firstExecutionRunId: "run-1",
    continuedFailure: { message: "no" },
  });
  expect(next?.request).toMatchObject({
    workflowId: "wf",
    input: payloads(1),
    memo: { fields: { k: {} } },
    searchAttributes: { indexedFields: { Key: {} } },
    completionCallbacks: [{}],
  });
  const second = new ScriptedRun();
  second.nowMs = run.nowMs;
  second.do({ kind: "start", origin: next?.origin ?? never(), request: next?.request ?? never() });
  second.advance(3000).tick();
  second.run(failRun());
  expect(second.last("workflowExecutionFailedEventAttributes").retryState).toBe(RetryState.MAXIMUM_ATTEMPTS_REACHED);
  expect(second.effectsOf("startRun")).toEqual([]);
});

function never(): never {
  throw new Error("Cannot go on: there is no next run");
}

test.each([
  [undefined, {}, RetryState.RETRY_POLICY_NOT_SET],
  [
    {},
    { failureInfo: { case: "applicationFailureInfo", value: { nonRetryable: true } } },
    RetryState.NON_RETRYABLE_FAILURE,
  ],
  [
    { nonRetryableErrorTypes: ["Bad"] },
    { failureInfo: { case: "applicationFailureInfo", value: { type: "Bad" } } },
    RetryState.NON_RETRYABLE_FAILURE,
  ],
] as const)("a failure that the policy does not cover ends the chain", (retryPolicy, failure, retryState) => {
  const run = new ScriptedRun();
  run.start({ retryPolicy: retryPolicy === undefined ? undefined : { nonRetryableErrorTypes: ["Bad"] } });
  run.run(failRun(failure));
  expect(run.last("workflowExecutionFailedEventAttributes")).toMatchObject({ retryState, newExecutionRunId: "" });
});

test("a run out of time is tried again, but a chain out of time is not", () => {
  const run = new ScriptedRun();
  run.start({ workflowRunTimeout: toDuration(1000), workflowExecutionTimeout: toDuration(10_000), retryPolicy: {} });
  run.advance(1000).tick();
  expect(run.last("workflowExecutionTimedOutEventAttributes").retryState).toBe(RetryState.IN_PROGRESS);
  expect(run.effectsOf("startRun")[0]?.origin).toMatchObject({
    attempt: 2,
    executionExpirationMs: run.nowMs - 1000 + 10_000,
  });
  const chain = new ScriptedRun();
  chain.start({ workflowExecutionTimeout: toDuration(10_000), retryPolicy: {} });
  chain.advance(10_000).tick();
  expect(chain.last("workflowExecutionTimedOutEventAttributes")).toMatchObject({
    retryState: RetryState.TIMEOUT,
    newExecutionRunId: "",
  });
  chain.expectConsistent();
});

test("a cron workflow waits for its time, and begins again after every run with the last result", () => {
  const run = new ScriptedRun();
  run.nowMs = utcMs("2024-01-01T10:20:00");
  run.start({ cronSchedule: "0 * * * *" });
  expect(run.last("workflowExecutionStartedEventAttributes")).toMatchObject({
    initiator: Initiator.CRON_SCHEDULE,
    firstWorkflowTaskBackoff: { seconds: 40 * 60 },
  });
  run.advance(40 * 60_000).tick();
  run.advance(60_000).run(command("completeWorkflowExecutionCommandAttributes", { result: payloads(7) }));
  const [next] = run.effectsOf("startRun");
  expect(next?.origin).toMatchObject({
    initiator: Initiator.CRON_SCHEDULE,
    firstWorkflowTaskBackoffMs: 59 * 60_000,
    lastCompletionResult: payloads(7),
    attempt: 1,
  });
  expect(run.last("workflowExecutionCompletedEventAttributes").newExecutionRunId).toBe(next?.origin.runId);
  expect(next?.request.cronSchedule).toBe("0 * * * *");
});

test("a cron workflow that fails begins again at its time, too", () => {
  const run = new ScriptedRun();
  run.start({ cronSchedule: "@every 60s" }, { origin: { firstWorkflowTaskBackoffMs: 0 } });
  run.advance(10_000).run(failRun());
  expect(run.effectsOf("startRun")[0]?.origin).toMatchObject({
    firstWorkflowTaskBackoffMs: 50_000,
    continuedFailure: { message: "no" },
  });
});

test("a run continues as new with what its command says, and as it was where that says nothing", () => {
  const run = new ScriptedRun();
  run.start({ workflowRunTimeout: toDuration(60_000), workflowExecutionTimeout: toDuration(600_000) });
  run.run(
    command("continueAsNewWorkflowExecutionCommandAttributes", {
      input: payloads(2),
      backoffStartInterval: toDuration(3000),
      workflowTaskTimeout: toDuration(20_000),
      initiator: Initiator.WORKFLOW,
    }),
  );
  const [next] = run.effectsOf("startRun");
  expect(run.last("workflowExecutionContinuedAsNewEventAttributes")).toMatchObject({
    newExecutionRunId: next?.origin.runId,
    workflowType: { name: "Flow" },
    taskQueue: { name: "tq" },
    backoffStartInterval: { seconds: 3 },
  });
  expect(next?.request).toMatchObject({
    workflowType: { name: "Flow" },
    input: payloads(2),
    workflowRunTimeout: { seconds: 60 },
    workflowTaskTimeout: { seconds: 20 },
  });
  expect(next?.origin).toMatchObject({
    firstWorkflowTaskBackoffMs: 3000,
    executionExpirationMs: run.nowMs + 600_000,
    initiator: Initiator.WORKFLOW,
  });
  expect(run.state.status).toBe(Status.CONTINUED_AS_NEW);
});

test("runs that continue as new in no time are slowed down", () => {
  const run = new ScriptedRun({ continueAsNewMinIntervalMs: 1000 });
  run.start();
  run.advance(300).run(command("continueAsNewWorkflowExecutionCommandAttributes", {}));
  expect(run.effectsOf("startRun")[0]?.origin.firstWorkflowTaskBackoffMs).toBe(700);
});

test("what has not come to its end goes with the run", () => {
  const run = new ScriptedRun();
  run.start();
  run.run(startTimer("t", 1000), completeRun);
  expect(nextDeadlineMs(run.state)).toBeUndefined();
  run.advance(5000);
  expect(run.tick()).toEqual({});
  expect(run.types.at(-1)).toBe("WORKFLOW_EXECUTION_COMPLETED");
});
