import { expect, test } from "vitest";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import type { NondeterminismError } from "../errors.ts";
import type { WorkflowCommand } from "./activation.ts";
import { commands, drive, newRun, TestHistory, toFailure } from "./history.test-support.ts";

/** A first task that scheduled an activity and a child and started a timer, all of which went on. */
function history(flags = [1, 2, 3]): TestHistory {
  const built = new TestHistory().start();
  built.complete(flags);
  built.add("activityTaskScheduled", { activityId: "1", activityType: { name: "act" } });
  built.add("timerStarted", { timerId: "1" });
  built.add("startChildWorkflowExecutionInitiated", { workflowId: "child-1", workflowType: { name: "child" } });
  built.add("timerFired", { timerId: "1", startedEventId: 6 });
  return built.task();
}

function refusal(...first: readonly WorkflowCommand[]): NondeterminismError {
  const run = newRun();
  run.feed(history().toTask());
  const { cause, failure, error } = toFailure(drive(run, first).outcome);
  expect(cause).toBe(WorkflowTaskFailedCause.NON_DETERMINISTIC_ERROR);
  expect(failure.message).toBe(`[TMPRL1100] ${error?.message ?? ""}`);
  return error as NondeterminismError;
}

test.each([
  [
    [commands.timer(1)],
    'Cannot replay event 5 (ActivityTaskScheduled "1" of type "act"): the code issued startTimer "1" instead',
    {
      reason: "differentCommand",
      eventId: 5,
      eventType: "ActivityTaskScheduled",
      command: { kind: "startTimer", id: "1" },
    },
  ],
  [
    [commands.activity(1)],
    'Cannot replay event 6 (TimerStarted "1"): the code issued no command for it',
    { reason: "missingCommand", eventId: 6, eventType: "TimerStarted", command: undefined },
  ],
  [
    [commands.activity(1, { activityType: "other" })],
    'Cannot replay event 5 (ActivityTaskScheduled "1" of type "act"): history has activity type "act", the code scheduled activity type "other"',
    {
      reason: "differentType",
      eventId: 5,
      eventType: "ActivityTaskScheduled",
      command: { kind: "scheduleActivity", id: "1", type: "other" },
    },
  ],
  [
    [commands.activity(1, { activityId: "2" })],
    'Cannot replay event 5 (ActivityTaskScheduled "1" of type "act"): history has activity id "1", the code scheduled activity id "2" (type "act")',
    {
      reason: "differentId",
      eventId: 5,
      eventType: "ActivityTaskScheduled",
      command: { kind: "scheduleActivity", id: "2", type: "act" },
    },
  ],
  [
    [commands.activity(1), commands.timer(1), commands.child(1, { workflowType: "other" })],
    'Cannot replay event 7 (StartChildWorkflowExecutionInitiated "child-1" of type "child"): history has child workflow type "child", the code started child workflow type "other"',
    {
      reason: "differentType",
      eventId: 7,
      eventType: "StartChildWorkflowExecutionInitiated",
      command: { kind: "startChildWorkflow", id: "child-1", type: "other" },
    },
  ],
  [
    [commands.activity(1), commands.timer(2), commands.child(1)],
    'Cannot replay event 8 (TimerFired "1"): history has timer "1", the code started timer "2"',
    { reason: "differentId", eventId: 8, eventType: "TimerFired", command: { kind: "startTimer", id: "2" } },
  ],
  [
    [commands.activity(1), commands.timer(1), commands.child(1), commands.signal(1)],
    'Cannot replay history: the code issued signalExternalWorkflow "other" of type "hello", which history up to event 7 has no event for',
    {
      reason: "extraCommand",
      eventId: undefined,
      eventType: undefined,
      command: { kind: "signalExternalWorkflow", id: "other", type: "hello" },
    },
  ],
  [
    [commands.cancelTimer(9)],
    "Cannot replay history: the code issued cancelTimer for number 9, which it did not start",
    { reason: "illegalOrder", eventId: undefined, eventType: undefined, command: { kind: "cancelTimer", id: "9" } },
  ],
] as const)("the error says what history has and what the code did (%#)", (first, message, details) => {
  const error = refusal(...first);
  expect(error.message).toBe(message);
  expect(error.details).toEqual(details);
});

test("a command that no event has answered is refused when replay ends, not sent as if it were new", () => {
  const built = new TestHistory().start();
  built.complete();
  built.add("workflowExecutionSignaled", { signalName: "go" });
  const run = newRun();
  run.feed(built.task().toTask());
  expect(toFailure(drive(run, [commands.activity(1)]).outcome).error).toMatchObject({
    details: { reason: "extraCommand" },
  });
});

test("an event that follows from no command is refused", () => {
  const built = new TestHistory().start();
  built.complete();
  built.add("timerFired", { timerId: "1", startedEventId: 99 });
  const run = newRun();
  run.feed(built.task().toTask());
  expect(toFailure(drive(run).outcome).error?.message).toBe(
    'Cannot replay event 5 (TimerFired "1"): no command of the code led to event 99, which this one goes on from',
  );
});

test("an event that comes twice is refused with the state of what it is about", () => {
  const built = new TestHistory().start();
  built.complete();
  built.add("activityTaskScheduled", { activityId: "1", activityType: { name: "act" } });
  built.add("activityTaskCompleted", { scheduledEventId: 5 });
  const run = newRun();
  run.feed(built.task().toTask());
  expect(toFailure(drive(run, [commands.activity(1)]).outcome).error).toMatchObject({
    message:
      'Cannot replay event 6 (ActivityTaskCompleted): Cannot apply "taskCompleted" to activity in state "scheduled": expected one of taskStarted, taskTimedOut, cancel, abandon',
    details: { reason: "illegalOrder", eventId: 6 },
  });
});

test("before the flag, ids and types are not checked but in the task at hand", () => {
  const built = history([]);
  built.complete([]);
  built.add("workflowExecutionSignaled", { signalName: "go" });
  const run = newRun();
  run.feed(built.task().toTask());
  const { outcome } = drive(run, [
    commands.activity(1, { activityType: "other", activityId: "2" }),
    commands.timer(1),
    commands.child(1, { workflowId: "other" }),
  ]);
  expect(outcome?.kind).toBe("completed");
});
