import { expect, test } from "vitest";
import { TimeoutType } from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import { toDuration } from "../duration.ts";
import { DEFAULT_NEXUS_LIMITS } from "./nexus-limits.ts";
import { command, ScriptedRun } from "../scripted-run.test-support.ts";
import type { NexusStartAnswer } from "./answer.ts";
import { pendingNexusOperations } from "./view.ts";

const failure = Failure.create({ message: "broken" });
const started: NexusStartAnswer = { kind: "started", operationToken: "token", links: [] };

function schedule(attributes: object = {}): ReturnType<typeof command> {
  return command("scheduleNexusOperationCommandAttributes", {
    endpoint: "e",
    service: "s",
    operation: "o",
    ...attributes,
  });
}

/** A run whose first task scheduled an operation: event 5. */
function fresh(attributes: object = {}, limits: ConstructorParameters<typeof ScriptedRun>[0] = {}): ScriptedRun {
  const run = new ScriptedRun(limits);
  run.start();
  run.run(schedule(attributes));
  return run;
}

function answer(run: ScriptedRun, given: NexusStartAnswer, attempt = 0): unknown {
  return run.do({ kind: "nexusStartAnswered", scheduledEventId: 5, attempt, answer: given });
}

test("an attempt that fails is made again after a time that doubles, and only its own answer counts", () => {
  const run = fresh();
  expect(run.effectsOf("dispatchNexusStart")).toMatchObject([{ scheduledEventId: 5, attempt: 0 }]);
  answer(run, { kind: "retry", failure });
  expect(answer(run, started)).toEqual({ stale: true });
  run.advance(1000).tick();
  expect(run.effectsOf("dispatchNexusStart")).toMatchObject([{ attempt: 1 }]);
  expect(answer(run, started, 0)).toEqual({ stale: true });
  answer(run, { kind: "retry", failure }, 1);
  run.advance(1000).tick();
  expect(pendingNexusOperations(run.state, () => false)).toMatchObject([{ attempt: 2, lastAttemptFailure: failure }]);
  run.advance(1000).tick();
  expect(pendingNexusOperations(run.state, () => true)).toMatchObject([
    { blockedReason: "The circuit breaker is open." },
  ]);
  run.expectConsistent();
});

test("what happens to an operation while a workflow task runs waits for its end, and the beginning comes before the end", () => {
  const run = fresh();
  run.do({
    kind: "signal",
    request: { ...emptySignal, signalName: "wake" },
  });
  run.poll();
  answer(run, started);
  const { requestId } = run.last("nexusOperationScheduledEventAttributes");
  run.do({
    kind: "completeNexusOperation",
    scheduledEventId: 5,
    requestId,
    operationToken: "",
    links: [],
    outcome: { kind: "unsuccessful", failure, canceled: true },
  });
  run.complete([command("requestCancelNexusOperationCommandAttributes", { scheduledEventId: 5 })]);
  expect(run.types.slice(-4)).toEqual([
    "NEXUS_OPERATION_CANCEL_REQUESTED",
    "NEXUS_OPERATION_STARTED",
    "NEXUS_OPERATION_CANCELED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  expect(run.last("nexusOperationCanceledEventAttributes").failure?.cause).toMatchObject({
    message: "broken",
    failureInfo: { case: "canceledFailureInfo" },
  });
  run.expectConsistent();
});

const emptySignal = {
  namespace: "",
  workflowExecution: undefined,
  signalName: "",
  input: undefined,
  identity: "",
  requestId: "",
  control: "",
  header: undefined,
  skipGenerateWorkflowTask: false,
  links: [],
};

test("a cancellation asked for before the operation has started is sent when it has", () => {
  const run = fresh();
  run.do({ kind: "signal", request: { ...emptySignal, signalName: "wake" } });
  run.run(command("requestCancelNexusOperationCommandAttributes", { scheduledEventId: 5 }));
  expect(run.effectsOf("dispatchNexusCancel")).toEqual([]);
  answer(run, started);
  expect(run.effectsOf("dispatchNexusCancel")).toMatchObject([{ scheduledEventId: 5, attempt: 0 }]);
  run.do({
    kind: "nexusCancelAnswered",
    scheduledEventId: 5,
    attempt: 0,
    answer: { kind: "failed", failure },
  });
  expect(run.last("nexusOperationCancelRequestFailedEventAttributes")).toMatchObject({ scheduledEventId: 5, failure });
  expect(run.run(command("requestCancelNexusOperationCommandAttributes", { scheduledEventId: 5 })).error?.message).toBe(
    "BadRequestCancelNexusOperationAttributes: cancelation was already requested for an operation with scheduled event ID 5",
  );
  run.expectConsistent();
});

test("the end of a request to cancel leaves no event where that is switched off", () => {
  const run = fresh({}, { nexus: { ...DEFAULT_NEXUS_LIMITS, recordsCancelRequestEnds: false } });
  answer(run, started);
  run.run(command("requestCancelNexusOperationCommandAttributes", { scheduledEventId: 5 }));
  run.do({ kind: "nexusCancelAnswered", scheduledEventId: 5, attempt: 0, answer: { kind: "succeeded" } });
  expect(run.types).not.toContain("NEXUS_OPERATION_CANCEL_REQUEST_COMPLETED");
  expect(run.state.nexusOperations.get(5)?.cancel?.phase).toBe("succeeded");
  run.expectConsistent();
});

test.each([
  ["scheduleToCloseTimeout", false, TimeoutType.SCHEDULE_TO_CLOSE],
  ["scheduleToCloseTimeout", true, TimeoutType.SCHEDULE_TO_CLOSE],
  ["scheduleToStartTimeout", false, TimeoutType.SCHEDULE_TO_START],
  ["startToCloseTimeout", true, TimeoutType.START_TO_CLOSE],
])("a %s ends the operation (started: %s)", (name, hasStarted, timeoutType) => {
  const run = fresh({ [name]: toDuration(5000) });
  if (hasStarted) answer(run, started);
  run.advance(5000).tick();
  expect(run.last("nexusOperationTimedOutEventAttributes").failure?.cause).toMatchObject({
    message: "operation timed out",
    failureInfo: { value: { timeoutType } },
  });
  run.expectConsistent();
});

test("a timeout that does not concern an operation any more leaves it alone", () => {
  const run = fresh({ scheduleToStartTimeout: toDuration(5000) });
  answer(run, started);
  run.advance(6000).tick();
  expect(run.state.nexusOperations.size).toBe(1);
});

test("no operation outlasts its run, and no part of it the whole", () => {
  const run = new ScriptedRun();
  run.start({ workflowRunTimeout: toDuration(10_000) });
  run.run(schedule({ startToCloseTimeout: toDuration(60_000) }));
  expect(run.last("nexusOperationScheduledEventAttributes")).toMatchObject({
    scheduleToCloseTimeout: toDuration(10_000),
    startToCloseTimeout: toDuration(10_000),
  });
});

test.each<[string, object, string]>([
  [
    "header",
    { nexusHeader: { "Request-Timeout": "1s" } },
    'NexusHeader contains a disallowed header key: "Request-Timeout"',
  ],
  ["service", { service: "s".repeat(1001) }, "Service exceeds length limit of 1000"],
  [
    "timeout",
    { scheduleToCloseTimeout: { seconds: -1, nanos: 0 } },
    "ScheduleToCloseTimeout is invalid: negative duration",
  ],
  [
    "system header",
    { endpoint: "__temporal_system", nexusHeader: { a: "b" } },
    "NexusHeader must be empty when using __temporal_system",
  ],
])("a command whose %s cannot be is refused", (_what, attributes, message) => {
  const run = new ScriptedRun();
  run.start();
  expect(run.run(schedule(attributes)).error?.message).toContain(message);
  run.expectConsistent();
});

test("there is a limit on operations under way", () => {
  const run = new ScriptedRun({ nexus: { ...DEFAULT_NEXUS_LIMITS, operationsMax: 1 } });
  run.start();
  expect(run.run(schedule(), schedule()).error?.message).toBe(
    "PendingNexusOperationsLimitExceeded: workflow has reached the pending nexus operation limit of 1 for this namespace",
  );
});

test("a completion for another operation, or for none, is refused", () => {
  const run = fresh();
  const completion = {
    kind: "completeNexusOperation",
    scheduledEventId: 5,
    requestId: "other",
    operationToken: "",
    links: [],
    outcome: { kind: "succeeded", result: undefined },
  } as const;
  expect(() => run.do(completion)).toThrow("operation not found");
  run.do({ kind: "terminate", reason: "", identity: "" });
  expect(() => run.do(completion)).toThrow("workflow execution already completed");
});

test("a run that is reset takes its operations over, and what has become of them", () => {
  const run = fresh();
  answer(run, started);
  const { requestId } = run.last("nexusOperationScheduledEventAttributes");
  run.run();
  run.do({
    kind: "completeNexusOperation",
    scheduledEventId: 5,
    requestId,
    operationToken: "",
    links: [],
    outcome: { kind: "succeeded", result: undefined },
  });
  const done = run.resetTo(8);
  expect(done.types).toContain("NEXUS_OPERATION_COMPLETED");
  expect(done.state.nexusOperations.size).toBe(0);
  done.expectConsistent();
  const again = run.resetTo(8, { excludeNexus: true });
  expect(again.state.nexusOperations.get(5)?.phase).toBe("started");
  again.expectConsistent();
});
