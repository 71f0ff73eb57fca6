import { beforeEach, expect, test } from "vitest";
import { QueryRejectCondition, QueryResultType, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { WorkflowService, type QueryWorkflowResponse } from "../../proto/gen/workflowservice.ts";
import { complete, completeWorkflow, pollWorkflow, start, testServerOfEach } from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const execution = { workflowId: "workflow" };
const answer = { payloads: [{ data: new TextEncoder().encode('"yes"') }] };
const service = testServerOfEach();
beforeEach(() => start(service));

function query(queryRejectCondition: QueryRejectCondition = 0): Promise<QueryWorkflowResponse> {
  return service.call(methods.QueryWorkflow, {
    namespace,
    execution,
    query: { queryType: "ask" },
    queryRejectCondition,
  });
}

function textOf({ queryResult }: QueryWorkflowResponse): string {
  return new TextDecoder().decode(queryResult?.payloads[0]?.data);
}

test("while events are on their way to the worker, a query travels with the workflow task", async () => {
  const asked = query();
  const task = await pollWorkflow(service);
  const [id = ""] = Object.keys(task.queries);
  expect(task.queries[id]?.queryType).toBe("ask");
  await complete(service, task, [], { queryResults: { [id]: { resultType: QueryResultType.ANSWERED, answer } } });
  expect(textOf(await asked)).toBe('"yes"');
});

test("between workflow tasks a query is a task of its own, with the whole history for a worker without the run", async () => {
  await complete(service, await pollWorkflow(service));
  const asked = query();
  const task = await pollWorkflow(service);
  expect(task.query?.queryType).toBe("ask");
  expect(task.history?.events.length).toBe(4);
  await service.call(methods.RespondQueryTaskCompleted, {
    namespace,
    taskToken: task.taskToken,
    completedType: QueryResultType.ANSWERED,
    queryResult: answer,
  });
  expect(textOf(await asked)).toBe('"yes"');
});

test("a query that no workflow task answered is asked directly", async () => {
  const asked = query();
  await complete(service, await pollWorkflow(service));
  const task = await pollWorkflow(service);
  await service.call(methods.RespondQueryTaskCompleted, {
    namespace,
    taskToken: task.taskToken,
    completedType: QueryResultType.ANSWERED,
    queryResult: answer,
  });
  expect(textOf(await asked)).toBe('"yes"');
});

test("a worker's refusal reaches the caller with its failure", async () => {
  await complete(service, await pollWorkflow(service));
  const asked = query();
  const task = await pollWorkflow(service);
  await service.call(methods.RespondQueryTaskCompleted, {
    namespace,
    taskToken: task.taskToken,
    completedType: QueryResultType.FAILED,
    errorMessage: "no such query",
  });
  await expect(asked).rejects.toMatchObject({ status: 3, message: "no such query" });
});

test("an answer that is larger than payloads may be fails the query, however it came", async () => {
  const tooLarge = { payloads: [{ data: new Uint8Array(2 * 1024 * 1024 + 1) }] };
  const first = query();
  const task = await pollWorkflow(service);
  const [id = ""] = Object.keys(task.queries);
  const result = { resultType: QueryResultType.ANSWERED, answer: tooLarge };
  await complete(service, task, [], { queryResults: { [id]: result } });
  const message = "Blob data size exceeds limit.";
  await expect(first).rejects.toMatchObject({ status: 3, message });
  const second = query();
  const { taskToken } = await pollWorkflow(service);
  await service.call(methods.RespondQueryTaskCompleted, {
    namespace,
    taskToken,
    completedType: QueryResultType.ANSWERED,
    queryResult: tooLarge,
  });
  await expect(second).rejects.toMatchObject({ status: 3, message });
});

test("a closed workflow answers, unless the caller wants only open ones", async () => {
  await complete(service, await pollWorkflow(service), [completeWorkflow()]);
  const asked = query();
  const task = await pollWorkflow(service);
  await service.call(methods.RespondQueryTaskCompleted, {
    namespace,
    taskToken: task.taskToken,
    completedType: QueryResultType.ANSWERED,
    queryResult: answer,
  });
  expect(textOf(await asked)).toBe('"yes"');
  const { queryRejected } = await query(QueryRejectCondition.NOT_OPEN);
  expect(queryRejected?.status).toBe(WorkflowExecutionStatus.COMPLETED);
  expect(textOf(await queryAnswered(QueryRejectCondition.NOT_COMPLETED_CLEANLY))).toBe('"yes"');
});

async function queryAnswered(condition: QueryRejectCondition): Promise<QueryWorkflowResponse> {
  const asked = query(condition);
  const { taskToken } = await pollWorkflow(service);
  await service.call(methods.RespondQueryTaskCompleted, {
    namespace,
    taskToken,
    completedType: QueryResultType.ANSWERED,
    queryResult: answer,
  });
  return asked;
}

test("without a worker the caller learns so", async () => {
  await complete(service, await pollWorkflow(service));
  const asked = query();
  service.clock.advanceBy(1);
  await Promise.resolve();
  while (service.clock.advanceToNext() && service.clock.now() < Date.UTC(2026, 0, 1) + 40_000) await Promise.resolve();
  await expect(asked).rejects.toMatchObject({
    status: 9,
    message: "no poller seen for task queue recently, worker may be down",
  });
});
