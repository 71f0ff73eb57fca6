import { beforeEach, expect, test } from "vitest";
import {
  PendingActivityState,
  QueryRejectCondition,
  WorkflowExecutionStatus,
  WorkflowIdConflictPolicy,
} from "../../proto/gen/enums.ts";
import { WorkflowService, type DescribeWorkflowExecutionResponse } from "../../proto/gen/workflowservice.ts";
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
const namespace = "default";
const execution = { workflowId: "workflow" };
const activity = { case: "id" as const, value: "a" };
const service = testServerOfEach();
beforeEach(() => start(service));

function describe(): Promise<DescribeWorkflowExecutionResponse> {
  return service.call(methods.DescribeWorkflowExecution, { namespace, execution });
}

function signal(signalName: string): Promise<unknown> {
  return service.call(methods.SignalWorkflowExecution, { namespace, workflowExecution: execution, signalName });
}

test("a paused activity is not handed out until it goes on", async () => {
  await complete(service, await pollWorkflow(service), [scheduleActivity()]);
  await service.call(methods.PauseActivity, { namespace, execution, activity, reason: "maintenance" });
  const [pending] = (await describe()).pendingActivities;
  expect(pending).toMatchObject({ paused: true, state: PendingActivityState.PAUSED });
  const polled = pollActivity(service);
  await service.call(methods.UnpauseActivity, { namespace, execution, activity });
  expect((await polled).activityId).toBe("a");
});

test("an activity's options can be changed while it waits", async () => {
  await complete(service, await pollWorkflow(service), [scheduleActivity()]);
  const { activityOptions } = await service.call(methods.UpdateActivityOptions, {
    namespace,
    execution,
    activity,
    activityOptions: { startToCloseTimeout: { seconds: 5, nanos: 0 } },
    updateMask: { paths: ["start_to_close_timeout"] },
  });
  expect(activityOptions?.startToCloseTimeout).toEqual({ seconds: 5, nanos: 0 });
});

test("a call about an activity must say which", async () => {
  await expect(service.call(methods.PauseActivity, { namespace, execution })).rejects.toMatchObject({
    status: 3,
    message: "Either Activity.Id or Activity.Type should be set on request.",
  });
});

test("a run that is reset goes on in a new run from the chosen event, with the signals that came later", async () => {
  const { runId } = (await pollAndSchedule()).execution;
  await signal("later");
  const reset = await service.call(methods.ResetWorkflowExecution, {
    namespace,
    workflowExecution: execution,
    workflowTaskFinishEventId: 4,
    requestId: "reset-1",
    reason: "bad deploy",
  });
  expect(reset.runId).not.toBe(runId);
  expect(namesOf(await historyOf(service, { ...execution, runId })).at(-1)).toBe("WORKFLOW_EXECUTION_TERMINATED");
  const names = namesOf(await historyOf(service, { ...execution, runId: reset.runId }));
  expect(names.slice(0, 4)).toEqual([
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
    "WORKFLOW_TASK_FAILED",
  ]);
  expect(names).toContain("WORKFLOW_EXECUTION_SIGNALED");
  const task = await pollWorkflow(service);
  expect(task.workflowExecution?.runId).toBe(reset.runId);
  await complete(service, task, [completeWorkflow()]);
});

async function pollAndSchedule(): Promise<{ readonly execution: { readonly runId: string } }> {
  const task = await pollWorkflow(service);
  await complete(service, task, [scheduleActivity()]);
  return { execution: { runId: task.workflowExecution?.runId ?? "" } };
}

test("an event that cannot be reset to is refused", async () => {
  const request = { namespace, workflowExecution: execution, requestId: "r", reason: "" };
  for (const workflowTaskFinishEventId of [0, 1, 99]) {
    await expect(
      service.call(methods.ResetWorkflowExecution, { ...request, workflowTaskFinishEventId }),
    ).rejects.toMatchObject({
      status: 3,
      message: "Workflow task finish ID must be > 1 && <= workflow last event ID.",
    });
  }
});

test("a paused run answers no queries and goes on when it is told to", async () => {
  const pause = { namespace, workflowId: "workflow", reason: "wait", identity: "me", requestId: "p1" };
  await service.call(methods.PauseWorkflowExecution, pause);
  expect((await describe()).workflowExecutionInfo?.status).toBe(WorkflowExecutionStatus.PAUSED);
  const { queryRejected } = await service.call(methods.QueryWorkflow, {
    namespace,
    execution,
    query: { queryType: "q" },
    queryRejectCondition: QueryRejectCondition.NONE,
  });
  expect(queryRejected?.status).toBe(WorkflowExecutionStatus.PAUSED);
  await service.call(methods.UnpauseWorkflowExecution, { ...pause, requestId: "p2" });
  expect((await describe()).workflowExecutionInfo?.status).toBe(WorkflowExecutionStatus.RUNNING);
  expect((await pollWorkflow(service)).workflowExecution?.workflowId).toBe("workflow");
});

test("a caller who finds the workflow running may attach to it", async () => {
  const { link } = await start(service, {
    requestId: "r2",
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    onConflictOptions: { attachRequestId: true, attachCompletionCallbacks: false, attachLinks: false },
  });
  expect(link?.variant?.case === "workflowEvent" && link.variant.value.reference).toMatchObject({
    case: "requestIdRef",
    value: { requestId: "r2" },
  });
  expect(namesOf(await historyOf(service))).toContain("WORKFLOW_EXECUTION_OPTIONS_UPDATED");
});

test("options of a run are changed by the paths that the caller names", async () => {
  const request = {
    namespace,
    workflowExecution: execution,
    workflowExecutionOptions: { priority: { priorityKey: 1 } },
  };
  const { workflowExecutionOptions } = await service.call(methods.UpdateWorkflowExecutionOptions, {
    ...request,
    updateMask: { paths: ["priority"] },
  });
  expect(workflowExecutionOptions?.priority?.priorityKey).toBe(1);
  await expect(service.call(methods.UpdateWorkflowExecutionOptions, request)).rejects.toMatchObject({
    message: "UpdateMask is required",
  });
});
