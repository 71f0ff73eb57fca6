import { expect, test } from "vitest";
import { Command } from "../../../proto/gen/command.ts";
import { CommandType, WorkflowTaskFailedCause as Cause } from "../../../proto/gen/enums.ts";
import { command, completeRun, scheduleActivity, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function fresh(limits: ConstructorParameters<typeof ScriptedRun>[0] = {}): ScriptedRun {
  const run = new ScriptedRun(limits);
  run.start();
  return run;
}

test("events of commands name the completed workflow task and carry the command's metadata", () => {
  const run = fresh();
  run.run({ ...startTimer("t", 1000), userMetadata: { summary: { data: bytes('"why"') } } });
  expect(run.last("timerStartedEventAttributes").workflowTaskCompletedEventId).toBe(4);
  expect(run.events.at(-1)?.userMetadata?.summary?.data).toEqual(bytes('"why"'));
});

test("markers, memo and search attributes go into history, and the latter two into the state", () => {
  const run = fresh();
  run.run(
    command("recordMarkerCommandAttributes", { markerName: "m", details: { d: { payloads: [] } } }),
    command("modifyWorkflowPropertiesCommandAttributes", {
      upsertedMemo: { fields: { a: { data: bytes("1") }, b: { data: bytes("2") } } },
    }),
    command("modifyWorkflowPropertiesCommandAttributes", { upsertedMemo: { fields: { a: { data: bytes("null") } } } }),
    command("upsertWorkflowSearchAttributesCommandAttributes", {
      searchAttributes: { indexedFields: { Key: { data: bytes('"v"') } } },
    }),
  );
  expect(run.types.slice(4)).toEqual([
    "MARKER_RECORDED",
    "WORKFLOW_PROPERTIES_MODIFIED",
    "WORKFLOW_PROPERTIES_MODIFIED",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
  ]);
  expect(Object.keys(run.state.memo)).toEqual(["b"]);
  expect(run.state.searchAttributes["Key"]?.data).toEqual(bytes('"v"'));
  run.expectConsistent();
});

test("one command that cannot be carried out takes back all the others, and fails the workflow task", () => {
  const run = fresh();
  const reply = run.run(startTimer("t", 1), scheduleActivity("a"), scheduleActivity("a"), completeRun);
  expect(reply.error).toMatchObject({
    status: "INVALID_ARGUMENT",
    message:
      "ScheduleActivityDuplicateId: invalid history builder state for action: add-activitytask-scheduled-event, ActivityID: a",
  });
  expect(run.types.slice(3)).toEqual(["WORKFLOW_TASK_FAILED"]);
  expect(run.last("workflowTaskFailedEventAttributes").cause).toBe(Cause.SCHEDULE_ACTIVITY_DUPLICATE_ID);
  expect(run.state.timers.size + run.state.activities.size).toBe(0);
  expect(run.effectsOf("dispatchWorkflowTask")).toHaveLength(1);
  run.expectConsistent();
});

test("a task that failed before is left to time out when its commands are wrong again", () => {
  const run = fresh();
  run.run(startTimer("", 1));
  run.poll();
  const events = run.events.length;
  expect(() => run.complete([startTimer("", 1)])).toThrow(
    "BadStartTimerAttributes: TimerId is not set on StartTimerCommand.",
  );
  expect(run.events).toHaveLength(events);
  expect(run.state.workflowTask?.phase).toBe("started");
});

test("nothing may follow the command that closes the run", () => {
  const run = fresh();
  run.poll();
  expect(() => run.complete([completeRun, startTimer("t", 1)])).toThrow(
    "invalid command sequence: [CompleteWorkflowExecution, StartTimer], command CompleteWorkflowExecution must be the last command.",
  );
  expect(run.state.workflowTask?.phase).toBe("started");
});

test("a command of a kind that nobody knows is refused", () => {
  const run = fresh();
  run.poll();
  const strange = { ...Command.create({}), commandType: 999 as CommandType };
  expect(() => run.complete([strange])).toThrow("unknown command type: 999");
});

test("a command without its attributes fails the workflow task", () => {
  const run = fresh();
  const reply = run.run({ commandType: CommandType.START_TIMER });
  expect(reply.error?.message).toBe(
    "BadStartTimerAttributes: StartTimerCommandAttributes is not set on StartTimerCommand.",
  );
});

test.each([
  [scheduleActivity(""), Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES, "activityId is not set"],
  [
    scheduleActivity("a", { activityType: { name: "" } }),
    Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES,
    "activityType is not set",
  ],
  [
    scheduleActivity("a", { startToCloseTimeout: undefined }),
    Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES,
    "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity.",
  ],
  [
    scheduleActivity("a", { retryPolicy: { backoffCoefficient: 0.5 } }),
    Cause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES,
    "BackoffCoefficient cannot be less than 1 on retry policy.",
  ],
  [
    command("requestCancelActivityTaskCommandAttributes", { scheduledEventId: 99 }),
    Cause.BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES,
    "add-activitytask-cancel-requested-event, ScheduledEventID: 99",
  ],
  [command("recordMarkerCommandAttributes", {}), Cause.BAD_RECORD_MARKER_ATTRIBUTES, "MarkerName is not set"],
  [command("upsertWorkflowSearchAttributesCommandAttributes", {}), Cause.BAD_SEARCH_ATTRIBUTES, "SearchAttributes"],
  [
    command("failWorkflowExecutionCommandAttributes", {}),
    Cause.BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES,
    "Failure is not set",
  ],
  [
    command("scheduleNexusOperationCommandAttributes", { endpoint: "none" }),
    Cause.BAD_SCHEDULE_NEXUS_OPERATION_ATTRIBUTES,
    'endpoint "none" not found',
  ],
  [
    command("requestCancelNexusOperationCommandAttributes", { scheduledEventId: 3 }),
    Cause.BAD_REQUEST_CANCEL_NEXUS_OPERATION_ATTRIBUTES,
    "requested cancelation for a non-existing or already completed operation with scheduled event ID of 3",
  ],
])("each command that makes no sense has its own cause", (wrong, cause, message) => {
  const run = fresh();
  const { error } = run.run(wrong);
  expect(error?.message).toContain(message);
  expect(run.last("workflowTaskFailedEventAttributes").cause).toBe(cause);
  run.expectConsistent();
});

test("payloads that are too large end the run", () => {
  const run = fresh({ blobSizeErrorBytes: 100 });
  const reply = run.run(scheduleActivity("a", { input: { payloads: [{ data: new Uint8Array(200) }] } }));
  expect(reply.error?.message).toContain("ScheduleActivityTaskCommandAttributes.Input exceeds size limit.");
  expect(run.types.slice(-2)).toEqual(["WORKFLOW_TASK_FAILED", "WORKFLOW_EXECUTION_TERMINATED"]);
  run.expectConsistent();
});

test("there is a limit on activities under way", () => {
  const run = fresh({ pendingActivitiesMax: 1 });
  expect(run.run(scheduleActivity("a"), scheduleActivity("b")).error?.message).toContain(
    "the number of pending activities, 1, has reached the per-workflow limit of 1",
  );
});

test.each([
  [
    "Activity",
    "scheduleActivityTaskCommandAttributes",
    { activityId: "a", activityType: { name: "A" }, useWorkflowBuildId: true },
  ],
  [
    "StartChildWorkflowExecution",
    "startChildWorkflowExecutionCommandAttributes",
    { workflowId: "c", workflowType: { name: "C" }, inheritBuildId: true },
  ],
  ["ContinueAsNew", "continueAsNewWorkflowExecutionCommandAttributes", { inheritBuildId: true }],
] as const)("what keeps to the workflow's build stays on its task queue: %s", (what, kind, attributes) => {
  const timeout = { seconds: 1, nanos: 0 };
  const elsewhere = fresh();
  const reply = elsewhere.run(
    command(kind, { ...attributes, startToCloseTimeout: timeout, taskQueue: { name: "elsewhere" } }),
  );
  expect(reply.error?.message).toMatch(
    new RegExp(`: ${what} with UseCompatibleVersion cannot run on different task queue.$`),
  );
  expect(elsewhere.types.slice(3)).toEqual(["WORKFLOW_TASK_FAILED"]);
  const here = fresh();
  const taskQueue = { name: here.state.taskQueue };
  expect(here.run(command(kind, { ...attributes, startToCloseTimeout: timeout, taskQueue })).error).toBeUndefined();
});

test("what keeps to a build that rules have assigned may be on any task queue", () => {
  const run = fresh();
  const task = run.state.workflowTask;
  run.do({
    kind: "startWorkflowTask",
    scheduledEventId: task?.scheduledEventId ?? 0,
    attempt: 1,
    identity: "worker",
    requestId: "poll",
    stickyQueue: false,
    route: { version: undefined, target: undefined, assignedBuildId: "1" },
  });
  const workerVersion = { buildId: "1", useVersioning: true };
  expect(run.last("workflowTaskStartedEventAttributes")).toMatchObject({ workerVersion, buildIdRedirectCounter: 0 });
  const child = {
    workflowId: "c",
    workflowType: { name: "C" },
    inheritBuildId: true,
    taskQueue: { name: "elsewhere" },
  };
  expect(run.complete([command("startChildWorkflowExecutionCommandAttributes", child)]).error).toBeUndefined();
  expect(run.effectsOf("startChild")[0]?.versioning).toMatchObject({ inheritedBuildId: "1" });
  run.expectConsistent();
});
