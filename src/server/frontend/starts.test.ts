import { expect, test } from "vitest";
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from "../../proto/gen/enums.ts";
import { WorkflowExecutionAlreadyStartedFailure } from "../../proto/gen/errordetails.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { toJson } from "../../proto/json.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import {
  complete,
  completeWorkflow,
  historyOf,
  namesOf,
  pollWorkflow,
  start,
  testServerOfEach,
} from "../calls.test-support.ts";

const { methods } = WorkflowService;
const service = testServerOfEach();

async function errorOf(promise: Promise<unknown>): Promise<RPCError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RPCError) return error;
  throw new Error("Expected the call to fail: it succeeded");
}

test("the same request again names the same run, another is told that the id is taken", async () => {
  const { runId } = await start(service, { requestId: "r1" });
  expect(await start(service, { requestId: "r1" })).toMatchObject({ runId, started: true });
  const error = await errorOf(start(service, { requestId: "r2" }));
  expect(error.status).toBe(6);
  expect(error.message).toBe(`Workflow execution is already running. WorkflowId: workflow, RunId: ${runId}.`);
  expect(WorkflowExecutionAlreadyStartedFailure.decode(error.details[0]?.value ?? new Uint8Array(0))).toEqual({
    startRequestId: "r1",
    runId,
    firstExecutionRunId: runId,
  });
});

test("policies let an open run be used or replaced", async () => {
  const { runId } = await start(service);
  const workflowIdConflictPolicy = WorkflowIdConflictPolicy.USE_EXISTING;
  expect(await start(service, { workflowIdConflictPolicy })).toMatchObject({ runId, started: false });
  const replaced = await start(service, { workflowIdConflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING });
  expect(replaced.runId).not.toBe(runId);
  expect(namesOf(await historyOf(service, { workflowId: "workflow", runId })).at(-1)).toBe(
    "WORKFLOW_EXECUTION_TERMINATED",
  );
});

test("policies rule whether a closed run's id may be used again", async () => {
  await start(service);
  await complete(service, await pollWorkflow(service), [completeWorkflow()]);
  const failedOnly = await errorOf(
    start(service, { workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY }),
  );
  expect(failedOnly.message).toContain("already finished successfully");
  const reject = await errorOf(start(service, { workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE }));
  expect(reject.message).toContain("already finished");
  expect((await start(service)).started).toBe(true);
});

test("an eager start brings the first workflow task with it", async () => {
  const { eagerWorkflowTask, runId } = await start(service, { requestEagerExecution: true });
  expect(eagerWorkflowTask?.workflowExecution?.runId).toBe(runId);
  expect(eagerWorkflowTask?.history?.events.length).toBe(3);
  await complete(service, eagerWorkflowTask ?? { taskToken: new Uint8Array(0) }, [completeWorkflow()]);
});

test("a delayed start has its first workflow task after the delay", async () => {
  await start(service, { workflowStartDelay: { seconds: 30, nanos: 0 } });
  const polled = pollWorkflow(service, {}, { timeoutMs: 61_000 });
  service.clock.advanceBy(29_999);
  expect(namesOf(await historyOf(service))).toEqual(["WORKFLOW_EXECUTION_STARTED"]);
  service.clock.advanceBy(1);
  expect((await polled).startedEventId).toBe(3);
});

test("signal with start starts once and then signals", async () => {
  const request = {
    namespace: "default",
    workflowId: "workflow",
    workflowType: { name: "work" },
    taskQueue: { name: "queue" },
    signalName: "hello",
  };
  const first = await service.call(methods.SignalWithStartWorkflowExecution, request);
  const second = await service.call(methods.SignalWithStartWorkflowExecution, request);
  expect([first.started, second.started]).toEqual([true, false]);
  expect(second.runId).toBe(first.runId);
  expect(namesOf(await historyOf(service))).toEqual([
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_EXECUTION_SIGNALED",
  ]);
});

test.each([
  [{ namespace: "" }, "Namespace is empty."],
  [{ workflowId: "" }, "WorkflowId is not set on request."],
  [{ workflowType: undefined }, "WorkflowType is not set on request."],
  [{ taskQueue: undefined }, "taskQueue is not set"],
  [{ taskQueue: {} }, "missing task queue name"],
  [{ cronSchedule: "x y" }, "invalid CronSchedule."],
  [{ workflowId: "x".repeat(1_001) }, "WorkflowId exceeds maximum allowed length (1001/1000)"],
  [{ retryPolicy: { backoffCoefficient: 0.5 } }, "BackoffCoefficient cannot be less than 1 on retry policy."],
  [
    { workflowRunTimeout: { seconds: -1, nanos: 0 } },
    "An invalid WorkflowRunTimeoutSeconds is set on request. cause: negative duration",
  ],
])("a request with %j is refused in the service's words", async (request, message) => {
  expect(await errorOf(start(service, request))).toMatchObject({ status: 3, message });
});

test.each([
  { runSeconds: 0, expires: "0001-01-01T00:00:00Z" },
  { runSeconds: 60, expires: "2026-01-01T00:01:00" },
])("a run of $runSeconds seconds at most says that it expires at $expires", async ({ runSeconds, expires }) => {
  await start(service, { workflowRunTimeout: { seconds: runSeconds, nanos: 0 } });
  const { response } = methods.DescribeWorkflowExecution;
  const described = await service.call(methods.DescribeWorkflowExecution, {
    namespace: "default",
    execution: { workflowId: "workflow" },
  });
  const json = toJson(response, described) as { workflowExtendedInfo: { runExpirationTime: string } };
  expect(json.workflowExtendedInfo.runExpirationTime).toContain(expires);
});
