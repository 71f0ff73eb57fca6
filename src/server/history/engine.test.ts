import { beforeEach, expect, test } from "vitest";
import type { Command } from "../../proto/gen/command.ts";
import { CommandType, EventType, ParentClosePolicy, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import {
  complete,
  completeWorkflow,
  historyOf,
  namesOf,
  pollActivity,
  pollWorkflow,
  scheduleActivity,
  start,
  startTestServer,
  type TestServer,
} from "../calls.test-support.ts";
import { FaultyStore } from "../store/faulty-store.ts";

const { methods } = WorkflowService;
const namespace = "default";
const execution = { workflowId: "workflow" };
let service: TestServer;

beforeEach(async () => {
  service = await startTestServer();
});

function startChild(parentClosePolicy: ParentClosePolicy = ParentClosePolicy.TERMINATE): Init<Command> {
  return {
    commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
    attributes: {
      case: "startChildWorkflowExecutionCommandAttributes",
      value: {
        namespace,
        workflowId: "child",
        workflowType: { name: "work" },
        taskQueue: { name: "children" },
        parentClosePolicy,
      },
    },
  };
}

async function statusOf(workflowId: string): Promise<number> {
  const { workflowExecutionInfo } = await service.call(methods.DescribeWorkflowExecution, {
    namespace,
    execution: { workflowId },
  });
  return workflowExecutionInfo?.status ?? 0;
}

test("a child starts with its parent's command, and its end reaches the parent", async () => {
  await start(service);
  await complete(service, await pollWorkflow(service), [startChild()]);
  expect(namesOf(await historyOf(service)).slice(4)).toEqual([
    "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
    "CHILD_WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  await complete(service, await pollWorkflow(service, { taskQueue: { name: "children" } }), [completeWorkflow()]);
  expect(namesOf(await historyOf(service)).at(-1)).toBe("CHILD_WORKFLOW_EXECUTION_COMPLETED");
});

test("a child whose id is taken fails to start", async () => {
  await start(service, { workflowId: "child" });
  await start(service);
  await complete(service, await pollWorkflow(service));
  await complete(service, await pollWorkflow(service), [startChild()]);
  expect(namesOf(await historyOf(service))).toContain("START_CHILD_WORKFLOW_EXECUTION_FAILED");
});

test.each([
  [ParentClosePolicy.TERMINATE, WorkflowExecutionStatus.TERMINATED],
  [ParentClosePolicy.ABANDON, WorkflowExecutionStatus.RUNNING],
])("when a parent ends, policy %i leaves its child in status %i", async (policy, status) => {
  await start(service);
  await complete(service, await pollWorkflow(service), [startChild(policy)]);
  await complete(service, await pollWorkflow(service), [completeWorkflow()]);
  expect(await statusOf("child")).toBe(status);
});

test("a signal to another workflow is recorded on both sides, one to nobody as failed", async () => {
  await start(service, { workflowId: "other", taskQueue: { name: "others" } });
  await start(service);
  const signals = ["other", "nobody"].map((workflowId): Init<Command> => {
    const value = { namespace, execution: { workflowId }, signalName: "hello" };
    return {
      commandType: CommandType.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION,
      attributes: { case: "signalExternalWorkflowExecutionCommandAttributes", value },
    };
  });
  await complete(service, await pollWorkflow(service), signals);
  const names = namesOf(await historyOf(service));
  expect(names).toContain("EXTERNAL_WORKFLOW_EXECUTION_SIGNALED");
  expect(names).toContain("SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED");
  expect(namesOf(await historyOf(service, { workflowId: "other" }))).toContain("WORKFLOW_EXECUTION_SIGNALED");
});

test("a run that goes on as a new one hands over its id", async () => {
  const { runId } = await start(service);
  const task = await pollWorkflow(service);
  await complete(service, task, [
    {
      commandType: CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
      attributes: {
        case: "continueAsNewWorkflowExecutionCommandAttributes",
        value: { workflowType: { name: "work" }, taskQueue: { name: "queue" } },
      },
    },
  ]);
  expect(namesOf(await historyOf(service, { ...execution, runId })).at(-1)).toBe("WORKFLOW_EXECUTION_CONTINUED_AS_NEW");
  const [first] = await historyOf(service);
  expect(first?.eventType).toBe(EventType.WORKFLOW_EXECUTION_STARTED);
  service.clock.advanceBy(1_000);
  expect((await pollWorkflow(service)).workflowExecution?.runId).not.toBe(runId);
});

test("an activity is retried until it succeeds, at the times its policy says", async () => {
  await start(service);
  await complete(service, await pollWorkflow(service), [scheduleActivity()]);
  const times: number[] = [];
  for (let attempt = 1; attempt <= 3; attempt++) {
    const activity = await pollActivity(service);
    expect(activity.attempt).toBe(attempt);
    times.push(service.clock.now());
    const failure = { message: "no", failureInfo: { case: "applicationFailureInfo" as const, value: {} } };
    const { taskToken } = activity;
    await service.call(methods.RespondActivityTaskFailed, { namespace, taskToken, failure });
    service.clock.advanceToNext();
  }
  expect([times[1] ?? 0, times[2] ?? 0].map((time, index) => time - (times[index] ?? 0))).toEqual([1_000, 2_000]);
});

test("after a power cut, what was acknowledged goes on where it was", async () => {
  const store = new FaultyStore({ random: () => 0 });
  const before = await startTestServer({ store });
  const { runId } = await start(before);
  await complete(before, await pollWorkflow(before), [scheduleActivity()]);
  service = await startTestServer({ store: store.crash() });
  const activity = await pollActivity(service);
  expect(activity.workflowExecution?.runId).toBe(runId);
  await service.call(methods.RespondActivityTaskCompleted, { namespace, taskToken: activity.taskToken });
  await complete(service, await pollWorkflow(service), [completeWorkflow()]);
  expect(await statusOf("workflow")).toBe(WorkflowExecutionStatus.COMPLETED);
});

test("timers go on after a restart", async () => {
  const store = new FaultyStore({ random: () => 0 });
  const before = await startTestServer({ store });
  await start(before, { workflowRunTimeout: { seconds: 60, nanos: 0 } });
  service = await startTestServer({ store: store.crash() });
  service.clock.advanceBy(60_000);
  expect(await statusOf("workflow")).toBe(WorkflowExecutionStatus.TIMED_OUT);
});

test("when a write fails, every call is refused from then on", async () => {
  const store = new FaultyStore({ random: () => 0 });
  service = await startTestServer({ store });
  store.failNextWrite();
  await expect(start(service)).rejects.toMatchObject({ status: 14 });
  await expect(start(service, { workflowId: "other" })).rejects.toMatchObject({
    status: 14,
    message: expect.stringContaining("restart the server") as string,
  });
});

test("runs pushed out of memory come back as they were", async () => {
  service = await startTestServer({ cachedRunsMax: 2 });
  for (let index = 0; index < 10; index++) await start(service, { workflowId: `w${index}` });
  for (let index = 0; index < 10; index++) {
    const task = await pollWorkflow(service);
    expect(task.workflowExecution?.workflowId).toBe(`w${index}`);
    await complete(service, task, [completeWorkflow()]);
  }
  expect(await statusOf("w0")).toBe(WorkflowExecutionStatus.COMPLETED);
});

test("closed runs are deleted after their retention, open ones stay", async () => {
  await start(service, { workflowId: "open", taskQueue: { name: "others" } });
  await start(service);
  await complete(service, await pollWorkflow(service), [completeWorkflow()]);
  service.clock.advanceBy(24 * 3_600_000 + 120_000);
  await expect(statusOf("workflow")).rejects.toMatchObject({ status: 5 });
  expect(await statusOf("open")).toBe(WorkflowExecutionStatus.RUNNING);
});
