import { expect, test } from "vitest";
import { EventType } from "../proto/gen/enums.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import type { ResetWorkflowExecutionRequest, StartBatchOperationRequest } from "../proto/gen/workflowservice.ts";
import type { Init } from "../proto/message.ts";
import type { BatchOperation } from "./batch-operation.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";
import type { ResetPoint } from "./workflow-reset.ts";

const {
  WORKFLOW_TASK_SCHEDULED: SCHEDULED,
  WORKFLOW_TASK_STARTED: STARTED,
  WORKFLOW_TASK_COMPLETED: COMPLETED,
} = EventType;

function history(...types: EventType[]): Init<HistoryEvent>[] {
  return [EventType.WORKFLOW_EXECUTION_STARTED, ...types].map((eventType, index) => ({
    eventId: index + 1,
    eventType,
  }));
}

async function resetEventOf(to: ResetPoint, events: Init<HistoryEvent>[]): Promise<number | undefined> {
  const requests: ResetWorkflowExecutionRequest[] = [];
  const { client } = scriptedClient({
    GetWorkflowExecutionHistory: () => ({ history: { events } }),
    DescribeWorkflowExecution: () => ({
      workflowExecutionInfo: {
        autoResetPoints: {
          points: [
            { buildId: "old", firstWorkflowTaskCompletedId: 4, resettable: false },
            { buildId: "new", firstWorkflowTaskCompletedId: 9, resettable: true },
          ],
        },
      },
    }),
    ResetWorkflowExecution: (request) => {
      requests.push(request);
      return { runId: "next" };
    },
  });
  const handle = await client.getWorkflowHandle("w").reset({ to });
  expect(handle.runId).toBe("next");
  return requests[0]?.workflowTaskFinishEventId;
}

test("a reset finds the event of its point", async () => {
  const twice = history(SCHEDULED, STARTED, COMPLETED, SCHEDULED, STARTED, COMPLETED);
  expect(await resetEventOf("firstWorkflowTask", twice)).toBe(4);
  expect(await resetEventOf("lastWorkflowTask", twice)).toBe(7);
  expect(await resetEventOf("lastWorkflowTask", history(SCHEDULED))).toBe(3);
  expect(await resetEventOf({ eventId: 6 }, twice)).toBe(6);
  expect(await resetEventOf({ buildId: "new" }, [])).toBe(9);
});

test("a reset to a point that the history does not have is refused", async () => {
  await expect(resetEventOf("firstWorkflowTask", history())).rejects.toThrow(
    'Cannot reset workflow "w": its history has no such point, expected a workflow task',
  );
  await expect(resetEventOf({ buildId: "old" }, [])).rejects.toThrow('expected a task taken by build "old"');
});

test("every operation of a batch reaches the service", async () => {
  const requests: StartBatchOperationRequest[] = [];
  const { client } = scriptedClient({
    StartBatchOperation: (request) => {
      requests.push(request);
      return {};
    },
  });
  const operations: readonly BatchOperation[] = [
    { kind: "cancel" },
    { kind: "terminate", details: ["x"] },
    { kind: "delete" },
    { kind: "signal", signal: "go", args: [1] },
    { kind: "reset", to: "firstWorkflowTask", exclude: ["signal"], afterReset: [{ kind: "signal", signal: "again" }] },
    { kind: "reset", to: { buildId: "b" } },
    { kind: "updateOptions", changes: { priority: { priorityKey: 1 } } },
    { kind: "unpauseActivities", activities: "all", jitter: "5s" },
    { kind: "resetActivities", activities: { type: "send" }, keepPaused: true },
  ];
  for (const operation of operations) {
    await client.startBatchOperation({ id: "b", reason: "test", query: "WorkflowType = 'X'", operation });
  }
  expect(
    requests.every(({ jobId, reason, visibilityQuery }) =>
      `${jobId} ${reason} ${visibilityQuery}`.startsWith("b test W"),
    ),
  ).toBe(true);
  expect(requests.map(({ operation }) => operation?.case)).toEqual([
    "cancellationOperation",
    "terminationOperation",
    "deletionOperation",
    "signalOperation",
    "resetOperation",
    "resetOperation",
    "updateWorkflowOptionsOperation",
    "unpauseActivitiesOperation",
    "resetActivitiesOperation",
  ]);
  expect(requests[4]?.operation?.value).toMatchObject({
    identity: "tester",
    options: { target: { case: "firstWorkflowTask" }, resetReapplyExcludeTypes: [1] },
    postResetOperations: [{ variant: { case: "signalWorkflow", value: { signalName: "again" } } }],
  });
  expect(requests[6]?.operation?.value).toMatchObject({ updateMask: { paths: ["priority"] } });
});

test("a batch is for the workflows that are named, and tells how it stands", async () => {
  const requests: StartBatchOperationRequest[] = [];
  const { client } = scriptedClient({
    StartBatchOperation: (request) => {
      requests.push(request);
      return {};
    },
    DescribeBatchOperation: ({ jobId }) => ({ jobId, state: 2, operationType: 14, totalOperationCount: 3 }),
    ListBatchOperations: () => ({ operationInfo: [{ jobId: "one", state: 1 }] }),
    StopBatchOperation: () => ({}),
  });
  const handle = await client.startBatchOperation({
    reason: "test",
    workflows: [{ workflowId: "a" }, { workflowId: "b", runId: "r" }],
    operation: { kind: "cancel" },
  });
  expect(requests[0]?.executions).toEqual([
    { workflowId: "a", runId: "" },
    { workflowId: "b", runId: "r" },
  ]);
  expect(await handle.describe()).toMatchObject({ id: handle.id, state: "completed", kind: "cancel", totalCount: 3 });
  await handle.stop("enough");
  const found = [];
  for await (const summary of client.listBatchOperations()) found.push(summary);
  expect(found).toMatchObject([{ id: "one", state: "running" }]);
});
