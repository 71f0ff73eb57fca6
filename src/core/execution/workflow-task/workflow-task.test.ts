import { expect, test } from "vitest";
import { TimeoutType, WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import { RespondWorkflowTaskFailedRequest } from "../../../proto/gen/workflowservice.ts";
import { toDuration } from "../duration.ts";
import { completeRun, ScriptedRun, scheduleActivity, startTimer } from "../scripted-run.test-support.ts";

function failTask(run: ScriptedRun): void {
  const task = run.state.workflowTask;
  run.do({
    kind: "failWorkflowTask",
    token: {
      scheduledEventId: task?.scheduledEventId ?? 0,
      startedEventId: task?.startedEventId ?? 0,
      attempt: task?.attempt ?? 0,
    },
    request: RespondWorkflowTaskFailedRequest.create({
      cause: WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE,
      identity: "worker",
    }),
  });
}

test("a run that is started, polled and completed has the five usual events", () => {
  const run = new ScriptedRun();
  run.start();
  expect(run.effectsOf("dispatchWorkflowTask")).toEqual([
    {
      kind: "dispatchWorkflowTask",
      taskQueue: "tq",
      sticky: false,
      normalTaskQueue: "tq",
      scheduledEventId: 2,
      attempt: 1,
    },
  ]);
  run.run(completeRun);
  expect(run.types).toEqual([
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
    "WORKFLOW_TASK_COMPLETED",
    "WORKFLOW_EXECUTION_COMPLETED",
  ]);
  expect(run.effectsOf("closed")).toHaveLength(1);
  run.expectConsistent();
});

test("what comes about while a task is started waits and goes into history behind its end", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.signal("first");
  expect(run.types.at(-1)).toBe("WORKFLOW_TASK_STARTED");
  run.expectConsistent();
  run.complete([startTimer("t", 1000)]);
  expect(run.types.slice(3)).toEqual([
    "WORKFLOW_TASK_COMPLETED",
    "TIMER_STARTED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  run.expectConsistent();
});

test("a task that would close the run in spite of news fails, and signals wait until the next has ended", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.signal();
  const reply = run.complete([completeRun]);
  expect(reply.error?.message).toBe("UnhandledCommand");
  expect(run.types.slice(3)).toEqual([
    "WORKFLOW_TASK_FAILED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  expect(run.last("workflowTaskFailedEventAttributes").cause).toBe(WorkflowTaskFailedCause.UNHANDLED_COMMAND);
  run.poll();
  expect(() => run.signal()).toThrow("workflow operation can not be applied because workflow is closing");
  run.complete([completeRun]);
  expect(run.state.phase).toBe("closed");
  run.expectConsistent();
});

test("attempts after the first leave no events until one is completed, whose worker sees them all the same", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  failTask(run);
  expect(run.types.slice(3)).toEqual(["WORKFLOW_TASK_FAILED"]);
  const second = run.poll();
  expect(second).toMatchObject({ attempt: 2, startedEventId: 6, previousStartedEventId: 0 });
  expect(second.transientEvents.map(({ event }) => event.eventId)).toEqual([5, 6]);
  failTask(run);
  run.expectConsistent();
  expect(run.events).toHaveLength(4);
  const third = run.poll();
  expect(third).toMatchObject({ attempt: 3, startedEventId: 6 });
  run.complete();
  expect(run.types.slice(4)).toEqual(["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]);
  expect(run.last("workflowTaskScheduledEventAttributes").attempt).toBe(3);
  expect(run.state.workflowTaskAttempt).toBe(1);
  run.expectConsistent();
});

test("news makes the next attempt an ordinary task again", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  failTask(run);
  run.signal();
  expect(run.types.slice(4)).toEqual(["WORKFLOW_EXECUTION_SIGNALED"]);
  expect(run.poll()).toMatchObject({
    attempt: 1,
    token: { scheduledEventId: 6, startedEventId: 7, attempt: 1 },
  });
  expect(run.types.slice(5)).toEqual(["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED"]);
  run.complete();
  run.expectConsistent();
});

test("a started task that takes too long times out and is offered again", () => {
  const run = new ScriptedRun();
  run.start({ workflowTaskTimeout: toDuration(5000) });
  run.poll();
  run.advance(4999).tick();
  expect(run.types.at(-1)).toBe("WORKFLOW_TASK_STARTED");
  run.advance(1).tick();
  expect(run.last("workflowTaskTimedOutEventAttributes").timeoutType).toBe(TimeoutType.START_TO_CLOSE);
  expect(run.effectsOf("dispatchWorkflowTask")).toMatchObject([{ scheduledEventId: 5, attempt: 2 }]);
  run.expectConsistent();
});

test("from the fourth attempt on, tasks get more and more time", () => {
  const run = new ScriptedRun();
  run.start();
  const timeouts: number[] = [];
  for (let attempt = 1; attempt <= 6; attempt++) {
    run.poll();
    timeouts.push(run.state.workflowTask?.timeoutMs ?? 0);
    failTask(run);
  }
  expect(timeouts).toEqual([10_000, 10_000, 10_000, 15_000, 20_000, 30_000]);
});

test("a worker's sticky queue is used until it is not served in time", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.complete([], {
    stickyAttributes: {
      workerTaskQueue: { name: "sticky" },
      scheduleToStartTimeout: toDuration(5000),
    },
  });
  run.signal();
  expect(run.effectsOf("dispatchWorkflowTask")).toMatchObject([
    { taskQueue: "sticky", sticky: true, normalTaskQueue: "tq" },
  ]);
  expect(run.last("workflowTaskScheduledEventAttributes").taskQueue).toMatchObject({
    name: "sticky",
    kind: 2,
    normalName: "tq",
  });
  run.expectConsistent();
  run.advance(5000).tick();
  expect(run.last("workflowTaskTimedOutEventAttributes")).toMatchObject({
    timeoutType: TimeoutType.SCHEDULE_TO_START,
    startedEventId: 0,
  });
  expect(run.effectsOf("dispatchWorkflowTask")).toMatchObject([{ taskQueue: "tq", sticky: false, attempt: 1 }]);
  run.expectConsistent();
});

test("a worker on the normal queue that gets a sticky task needs all of history", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.complete([], {
    stickyAttributes: {
      workerTaskQueue: { name: "sticky" },
      scheduleToStartTimeout: toDuration(5000),
    },
  });
  run.signal();
  expect(run.poll({ sticky: false }).stickyExecution).toBe(false);
  expect(run.state.sticky).toBeUndefined();
  run.expectConsistent();
});

test("a stale token is refused, and nothing changes", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  const token = { scheduledEventId: 2, startedEventId: 3, attempt: 1 };
  run.complete();
  const events = run.events.length;
  expect(() => run.stepWith({ kind: "completeWorkflowTask", token, request: { ...completion } })).toThrow(
    "Workflow task not found.",
  );
  expect(run.events).toHaveLength(events);
  run.expectConsistent();
});

const completion = { commands: [], messages: [] } as never as Extract<
  Parameters<ScriptedRun["stepWith"]>[0],
  { kind: "completeWorkflowTask" }
>["request"];

test("a poll that is repeated gets the same task, another poller's does not", () => {
  const run = new ScriptedRun();
  run.start();
  const first = run.poll({ requestId: "poll-1" });
  expect(run.poll({ requestId: "poll-1" })).toEqual(first);
  const other = {
    kind: "startWorkflowTask",
    scheduledEventId: 2,
    attempt: 1,
    identity: "other",
    requestId: "poll-2",
    stickyQueue: false,
  } as const;
  expect(run.do(other)).toEqual({ stale: true });
  run.expectConsistent();
});

test("heartbeats are followed by another task at once, until they have gone on for too long", () => {
  const run = new ScriptedRun({ workflowTaskHeartbeatTimeoutMs: 60_000 });
  run.start();
  run.poll();
  for (let beat = 0; beat < 7; beat++) {
    run.advance(9000);
    const reply = run.complete([], {
      forceCreateNewWorkflowTask: true,
      returnNewWorkflowTask: true,
    });
    if (beat < 6) expect(reply.startedWorkflowTask?.stickyExecution).toBe(true);
    else expect(reply.error?.message).toBe("workflow task heartbeat timeout");
    run.expectConsistent();
  }
  expect(run.types.at(-1)).toBe("WORKFLOW_TASK_TIMED_OUT");
});

test("commands that cannot be carried out fail the task, and nothing of them is left", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  const reply = run.complete([startTimer("a", 1000), scheduleActivity("x"), startTimer("a", 1000)]);
  expect(reply.error).toMatchObject({
    status: "INVALID_ARGUMENT",
    message: "StartTimerDuplicateId: invalid history builder state for action: add-timer-started-event, TimerID: a",
  });
  expect(run.types.slice(3)).toEqual(["WORKFLOW_TASK_FAILED"]);
  expect(run.last("workflowTaskFailedEventAttributes")).toMatchObject({
    cause: WorkflowTaskFailedCause.START_TIMER_DUPLICATE_ID,
    failure: { message: reply.error?.message },
  });
  expect(run.state.timers.size).toBe(0);
  expect(run.state.activities.size).toBe(0);
  run.expectConsistent();
});

test("a task that cannot be carried out once more is left to time out", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.complete([startTimer("", 1000)]);
  run.poll();
  const { events } = run;
  const before = events.length;
  expect(() => run.complete([startTimer("", 1000)])).toThrow(
    "BadStartTimerAttributes: TimerId is not set on StartTimerCommand.",
  );
  expect(run.state.workflowTask?.phase).toBe("started");
  expect(events).toHaveLength(before);
  run.expectConsistent();
});

test("too many waiting events fail the task, so that the workflow hears of them", () => {
  const run = new ScriptedRun({ bufferedEventsMax: 3 });
  run.start();
  run.poll();
  for (let at = 0; at < 4; at++) run.signal();
  expect(run.types.slice(3)).toEqual([
    "WORKFLOW_TASK_FAILED",
    ...Array.from({ length: 4 }, () => "WORKFLOW_EXECUTION_SIGNALED"),
  ]);
  expect(run.effectsOf("dispatchWorkflowTask")).toMatchObject([{ attempt: 2 }]);
  run.expectConsistent();
});

test("hundreds of answers while a task is under way wait for its end", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  for (let at = 0; at < 500; at++) run.signal();
  expect(run.state.workflowTask?.phase).toBe("started");
  run.complete([]);
  expect(run.types).not.toContain("WORKFLOW_TASK_FAILED");
  expect(run.types.filter((type) => type === "WORKFLOW_EXECUTION_SIGNALED")).toHaveLength(500);
  run.expectConsistent();
});

test("an eagerly started run has its first task started in the same step", () => {
  const run = new ScriptedRun();
  const reply = run.start({}, { eagerIdentity: "worker" });
  expect(reply.startedWorkflowTask).toMatchObject({ startedEventId: 3, attempt: 1 });
  expect(run.effects).toEqual([]);
  expect(run.events[0]?.attributes?.value).toMatchObject({ eagerExecutionAccepted: true });
  run.complete([completeRun]);
  run.expectConsistent();
});

test("a long history is a reason to continue as new", () => {
  const run = new ScriptedRun({ historyCountSuggestContinueAsNew: 3 });
  run.start();
  run.poll();
  expect(run.last("workflowTaskStartedEventAttributes")).toMatchObject({
    suggestContinueAsNew: true,
    suggestContinueAsNewReasons: [2],
  });
  expect(run.last("workflowTaskStartedEventAttributes").historySizeBytes).toBeGreaterThan(0);
});
