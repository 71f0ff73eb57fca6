import { beforeEach, expect, test } from "vitest";
import { HistoryEventFilterType } from "../../proto/gen/enums.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import {
  complete,
  completeWorkflow,
  historyOf,
  namesOf,
  pollWorkflow,
  start,
  testServerOfEach,
} from "../calls.test-support.ts";

const { GetWorkflowExecutionHistory, GetWorkflowExecutionHistoryReverse, SignalWorkflowExecution } =
  WorkflowService.methods;
const namespace = "default";
const execution = { workflowId: "workflow" };
const service = testServerOfEach();
beforeEach(() => start(service));

async function signal(times: number): Promise<void> {
  for (let index = 0; index < times; index++) {
    await service.call(SignalWorkflowExecution, { namespace, workflowExecution: execution, signalName: "s" });
  }
}

test("pages put together are the whole history, forwards and backwards", async () => {
  await signal(10);
  const whole = await historyOf(service);
  expect(whole.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  const forwards: number[] = [];
  const backwards: number[] = [];
  for (const [method, ids] of [
    [GetWorkflowExecutionHistory, forwards],
    [GetWorkflowExecutionHistoryReverse, backwards],
  ] as const) {
    let nextPageToken: Uint8Array = new Uint8Array(0);
    do {
      const page = await service.call(method as typeof GetWorkflowExecutionHistory, {
        namespace,
        execution,
        maximumPageSize: 5,
        nextPageToken,
      });
      expect(page.history?.events.length).toBeLessThanOrEqual(5);
      ids.push(...(page.history?.events ?? []).map(({ eventId }) => eventId));
      ({ nextPageToken } = page);
    } while (nextPageToken.length > 0);
  }
  expect(forwards).toEqual(whole.map(({ eventId }) => eventId));
  expect(backwards).toEqual([...forwards].reverse());
});

test("a long poll brings what is there, then waits for what is new", async () => {
  const first = await service.call(GetWorkflowExecutionHistory, { namespace, execution, waitNewEvent: true });
  expect(first.history?.events.length).toBe(2);
  const next = service.call(GetWorkflowExecutionHistory, {
    namespace,
    execution,
    waitNewEvent: true,
    nextPageToken: first.nextPageToken,
  });
  await signal(1);
  expect(namesOf((await next).history?.events ?? [])).toEqual(["WORKFLOW_EXECUTION_SIGNALED"]);
});

test("who waits for the end gets the last event only, however long it takes", async () => {
  const request = {
    namespace,
    execution,
    waitNewEvent: true,
    historyEventFilterType: HistoryEventFilterType.CLOSE_EVENT,
  };
  const waiting = service.call(GetWorkflowExecutionHistory, request);
  service.clock.advanceBy(20_000);
  const empty = await waiting;
  expect(empty.history?.events).toEqual([]);
  expect(empty.nextPageToken.length).toBeGreaterThan(0);
  const again = service.call(GetWorkflowExecutionHistory, { ...request, nextPageToken: empty.nextPageToken });
  await complete(service, await pollWorkflow(service), [completeWorkflow()]);
  const closed = await again;
  expect(namesOf(closed.history?.events ?? [])).toEqual(["WORKFLOW_EXECUTION_COMPLETED"]);
  expect(closed.nextPageToken.length).toBe(0);
});

test("a token of another kind or of another run is refused", async () => {
  const garbage = new TextEncoder().encode("garbage");
  await expect(
    service.call(GetWorkflowExecutionHistory, { namespace, execution, nextPageToken: garbage }),
  ).rejects.toMatchObject({ status: 3, message: "Invalid NextPageToken." });
  const { nextPageToken } = await service.call(GetWorkflowExecutionHistory, {
    namespace,
    execution,
    maximumPageSize: 1,
  });
  const other = { workflowId: "workflow", runId: "11111111-1111-4111-8111-111111111111" };
  await expect(
    service.call(GetWorkflowExecutionHistory, { namespace, execution: other, nextPageToken }),
  ).rejects.toMatchObject({ message: "RunId in the request does not match the NextPageToken." });
});

test("an unknown workflow is not found", async () => {
  await expect(
    service.call(GetWorkflowExecutionHistory, { namespace, execution: { workflowId: "nope" } }),
  ).rejects.toMatchObject({ status: 5, message: "workflow not found for ID: nope" });
});
