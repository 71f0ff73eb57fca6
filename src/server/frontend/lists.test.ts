import { beforeEach, expect, test } from "vitest";
import { IndexedValueType, WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import { OperatorService } from "../../proto/gen/operatorservice.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import { complete, completeWorkflow, pollWorkflow, start, testServerOfEach } from "../calls.test-support.ts";

const { methods } = WorkflowService;
const namespace = "default";
const service = testServerOfEach({ searchAttributes: { Color: IndexedValueType.KEYWORD } });
beforeEach(async () => {
  const data = new TextEncoder().encode('"red"');
  const metadata = { encoding: new TextEncoder().encode("json/plain") };
  await start(service, { workflowId: "a", searchAttributes: { indexedFields: { Color: { metadata, data } } } });
  service.clock.advanceBy(1_000);
  await start(service, { workflowId: "b", workflowType: { name: "other" } });
  await complete(service, await pollWorkflow(service), [completeWorkflow()]);
});

async function idsOf(query: string): Promise<readonly (string | undefined)[]> {
  const { executions } = await service.call(methods.ListWorkflowExecutions, { namespace, query });
  return executions.map(({ execution }) => execution?.workflowId);
}

test("runs are listed, the open ones first, and filtered by what they are", async () => {
  expect(await idsOf("")).toEqual(["b", "a"]);
  expect(await idsOf("WorkflowType = 'other'")).toEqual(["b"]);
  expect(await idsOf("ExecutionStatus = 'Completed'")).toEqual(["a"]);
  expect(await idsOf("Color = 'red'")).toEqual(["a"]);
});

test("search attributes come back with their type", async () => {
  const { executions } = await service.call(methods.ListWorkflowExecutions, { namespace, query: "Color = 'red'" });
  const type = executions[0]?.searchAttributes?.indexedFields["Color"]?.metadata["type"];
  expect(new TextDecoder().decode(type)).toBe("Keyword");
});

test("counts can be grouped", async () => {
  const { count, groups } = await service.call(methods.CountWorkflowExecutions, {
    namespace,
    query: "GROUP BY ExecutionStatus",
  });
  expect(count).toBe(2);
  const names = groups.map(({ groupValues }) => new TextDecoder().decode(groupValues[0]?.data));
  expect(new Set(names)).toEqual(new Set(['"Running"', '"Completed"']));
});

test("the older calls list open and closed runs apart", async () => {
  const open = await service.call(methods.ListOpenWorkflowExecutions, { namespace });
  const closed = await service.call(methods.ListClosedWorkflowExecutions, {
    namespace,
    filters: { case: "statusFilter", value: { status: WorkflowExecutionStatus.COMPLETED } },
  });
  expect(open.executions.map(({ execution }) => execution?.workflowId)).toEqual(["b"]);
  expect(closed.executions.map(({ execution }) => execution?.workflowId)).toEqual(["a"]);
});

test("a filter or page token that makes no sense is refused", async () => {
  await expect(idsOf("Foo = 1")).rejects.toMatchObject({
    status: 3,
    message: "invalid query: invalid search attribute: Foo",
  });
  const nextPageToken = new TextEncoder().encode("garbage");
  await expect(service.call(methods.ListWorkflowExecutions, { namespace, nextPageToken })).rejects.toMatchObject({
    status: 3,
  });
});

test("search attributes can be added, listed and removed", async () => {
  const { AddSearchAttributes, ListSearchAttributes, RemoveSearchAttributes } = OperatorService.methods;
  await service.call(AddSearchAttributes, { namespace, searchAttributes: { Size: IndexedValueType.INT } });
  const added = await service.call(ListSearchAttributes, { namespace });
  expect(added.customAttributes).toEqual({ Color: IndexedValueType.KEYWORD, Size: IndexedValueType.INT });
  await service.call(RemoveSearchAttributes, { namespace, searchAttributes: ["Color"] });
  const { customAttributes } = await service.call(ListSearchAttributes, { namespace });
  expect(customAttributes).toEqual({ Size: IndexedValueType.INT });
  await expect(
    service.call(AddSearchAttributes, { namespace, searchAttributes: { StartTime: IndexedValueType.INT } }),
  ).rejects.toMatchObject({ message: "Search attribute StartTime is reserved by system." });
});
