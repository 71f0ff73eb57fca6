import { expect, test } from "vitest";
import { BatchOperationState, BatchOperationType, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { start, testServerOfEach } from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const service = testServerOfEach();

async function describeWhenDone(jobId: string) {
  for (;;) {
    const description = await service.call(methods.DescribeBatchOperation, { namespace, jobId });
    if (description.state !== BatchOperationState.RUNNING) return description;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

async function statusOf(workflowId: string): Promise<number | undefined> {
  const execution = { workflowId };
  const { workflowExecutionInfo } = await service.call(methods.DescribeWorkflowExecution, { namespace, execution });
  return workflowExecutionInfo?.status;
}

test("a batch operation terminates the open workflows that a query names", async () => {
  for (const workflowId of ["a", "b"]) await start(service, { workflowId });
  await start(service, { workflowId: "c", workflowType: { name: "other" } });
  await service.call(methods.StartBatchOperation, {
    namespace,
    jobId: "job",
    reason: "done",
    visibilityQuery: "WorkflowType = 'work'",
    operation: { case: "terminationOperation", value: { identity: "me" } },
  });
  expect(await describeWhenDone("job")).toMatchObject({
    state: BatchOperationState.COMPLETED,
    operationType: BatchOperationType.TERMINATE_WORKFLOW,
    totalOperationCount: 2,
    completeOperationCount: 2,
    identity: "me",
  });
  expect(await statusOf("a")).toBe(WorkflowExecutionStatus.TERMINATED);
  expect(await statusOf("c")).toBe(WorkflowExecutionStatus.RUNNING);
});

test("a batch operation counts the runs for which it failed", async () => {
  await start(service, { workflowId: "a" });
  await service.call(methods.StartBatchOperation, {
    namespace,
    jobId: "job",
    reason: "go on",
    executions: [{ workflowId: "a" }, { workflowId: "nowhere" }],
    operation: { case: "signalOperation", value: { signal: "go" } },
  });
  expect(await describeWhenDone("job")).toMatchObject({ completeOperationCount: 1, failureOperationCount: 1 });
  const { operationInfo } = await service.call(methods.ListBatchOperations, { namespace });
  expect(operationInfo.map(({ jobId }) => jobId)).toEqual(["job"]);
});

test("a batch operation says what is missing of it", async () => {
  await expect(service.call(methods.StartBatchOperation, { namespace, jobId: "job" })).rejects.toMatchObject({
    message:
      "must provide required parameters: BatchType,Reason,Namespace, AND one of (Query OR Executions OR TargetExecutions)",
  });
});
