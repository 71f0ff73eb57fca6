import { expect, test } from "vitest";
import { TaskQueueKind } from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import {
  complete,
  completeWorkflow,
  historyOf,
  namesOf,
  pollActivity,
  pollWorkflow,
  scheduleActivity,
  start,
  testServerOfEach,
} from "../calls.test-support.ts";

const { methods } = WorkflowService;
const service = testServerOfEach();

test("a workflow is started, polled, completed and read back", async () => {
  const { runId } = await start(service);
  const task = await pollWorkflow(service);
  expect(task.workflowExecution).toEqual({ workflowId: "workflow", runId });
  expect(task.attempt).toBe(1);
  expect(namesOf(task.history?.events ?? [])).toEqual([
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
  ]);
  await complete(service, task, [completeWorkflow()]);
  expect(namesOf(await historyOf(service))).toEqual([
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
    "WORKFLOW_TASK_COMPLETED",
    "WORKFLOW_EXECUTION_COMPLETED",
  ]);
});

test("a poll that waits gets the task of a workflow that starts later", async () => {
  const polled = pollWorkflow(service);
  await start(service);
  expect((await polled).workflowExecution?.workflowId).toBe("workflow");
});

test("a poll without a task ends empty before its caller gives up", async () => {
  const polled = pollWorkflow(service, {}, { timeoutMs: 10_000 });
  service.clock.advanceBy(9_000);
  expect((await polled).taskToken.length).toBe(0);
});

test("an activity's result makes the next workflow task, which a sticky worker gets without the old events", async () => {
  await start(service);
  const sticky = { name: "sticky-1", kind: TaskQueueKind.STICKY, normalName: "queue" };
  const stickyPoll = pollWorkflow(service, { taskQueue: sticky });
  const first = await pollWorkflow(service);
  await complete(service, first, [scheduleActivity()], {
    stickyAttributes: { workerTaskQueue: sticky, scheduleToStartTimeout: { seconds: 10, nanos: 0 } },
  });
  const activity = await pollActivity(service);
  expect(activity.activityId).toBe("a");
  expect(activity.attempt).toBe(1);
  await service.call(methods.RespondActivityTaskCompleted, { namespace: "default", taskToken: activity.taskToken });
  const second = await stickyPoll;
  expect(second.previousStartedEventId).toBe(3);
  expect(namesOf(second.history?.events ?? [])).toEqual([
    "WORKFLOW_TASK_COMPLETED",
    "ACTIVITY_TASK_SCHEDULED",
    "ACTIVITY_TASK_STARTED",
    "ACTIVITY_TASK_COMPLETED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
  ]);
});

test("a task for a sticky queue without a worker goes to the normal queue with all events", async () => {
  await start(service);
  const sticky = { name: "sticky-1", kind: TaskQueueKind.STICKY, normalName: "queue" };
  const first = await pollWorkflow(service);
  await complete(service, first, [], {
    stickyAttributes: { workerTaskQueue: sticky, scheduleToStartTimeout: { seconds: 10, nanos: 0 } },
  });
  await service.call(methods.SignalWorkflowExecution, {
    namespace: "default",
    workflowExecution: { workflowId: "workflow" },
    signalName: "wake",
  });
  const second = await pollWorkflow(service);
  expect(second.history?.events[0]?.eventId).toBe(1);
});

test("the next workflow task comes with the completion when the worker asks for it", async () => {
  await start(service);
  const first = await pollWorkflow(service);
  await service.call(methods.SignalWorkflowExecution, {
    namespace: "default",
    workflowExecution: { workflowId: "workflow" },
    signalName: "wake",
  });
  const { workflowTask } = await complete(service, first, [], { returnNewWorkflowTask: true });
  expect(workflowTask?.startedEventId).toBe(7);
});

test("a workflow task that is not completed in time is offered again, and its token is refused", async () => {
  await start(service);
  const first = await pollWorkflow(service);
  service.clock.advanceBy(10_000);
  const second = await pollWorkflow(service);
  expect(second.attempt).toBe(2);
  await expect(complete(service, first, [completeWorkflow()])).rejects.toMatchObject({ status: 5 });
  await complete(service, second, [completeWorkflow()]);
});

test.each([
  ["none", new Uint8Array(0), "Task token not set on request."],
  ["garbage", new TextEncoder().encode("garbage"), "Error deserializing task token."],
])("a completion with a token of %s is refused", async (_what, taskToken, message) => {
  await expect(complete(service, { taskToken })).rejects.toMatchObject({ status: 3, message });
});
