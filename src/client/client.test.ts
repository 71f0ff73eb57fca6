import { expect, test } from "vitest";
import type { Payload } from "../proto/gen/common.ts";
import { DataConverter } from "../payload/data-converter.ts";
import type { ClientInterceptor } from "./interceptor.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";

const page = (from: number, to: number): { execution: { workflowId: string } }[] =>
  Array.from({ length: to - from }, (_, index) => ({
    execution: { workflowId: `w${from + index}` },
  }));

test("a list is fetched page by page, empty pages included, as far as it is read", async () => {
  const asked: number[] = [];
  const pages = [page(0, 2), page(2, 2), page(2, 3), page(3, 5)];
  const { client } = scriptedClient({
    ListWorkflowExecutions: ({ nextPageToken, query }) => {
      expect(query).toBe("Open = true");
      const at = nextPageToken[0] ?? 0;
      asked.push(at);
      const more = at + 1 < pages.length ? new Uint8Array([at + 1]) : new Uint8Array();
      return { executions: pages[at] ?? [], nextPageToken: more };
    },
  });
  const all: string[] = [];
  for await (const { id } of client.listWorkflows("Open = true")) all.push(id);
  expect(all).toEqual(["w0", "w1", "w2", "w3", "w4"]);
  expect(asked).toEqual([0, 1, 2, 3]);
  asked.length = 0;
  for await (const _one of client.listWorkflows("Open = true")) break;
  expect(asked).toEqual([0]);
});

test("a list ends at its limit and asks for no more than that", async () => {
  const sizes: number[] = [];
  const { client } = scriptedClient({
    ListWorkflowExecutions: ({ pageSize }) => {
      sizes.push(pageSize);
      return { executions: page(0, pageSize), nextPageToken: new Uint8Array([1]) };
    },
  });
  let count = 0;
  for await (const _one of client.listWorkflows("", { limit: 5, pageSize: 3 })) count += 1;
  expect(count).toBe(5);
  expect(sizes).toEqual([3, 2]);
});

test("a list can be read by pages and taken up where it was left", async () => {
  const { client } = scriptedClient({
    ListWorkflowExecutions: ({ nextPageToken }) => ({
      executions: page(0, 1),
      nextPageToken: nextPageToken.length === 0 ? new Uint8Array([7]) : new Uint8Array(),
    }),
  });
  const list = client.listWorkflows();
  expect(list.currentPage).toBeUndefined();
  await list.fetchNextPage();
  expect(list.currentPage).toHaveLength(1);
  const { nextPageToken } = list;
  expect(nextPageToken).toEqual(new Uint8Array([7]));
  const rest = client.listWorkflows("", nextPageToken === undefined ? {} : { nextPageToken });
  await rest.fetchNextPage();
  expect(rest.nextPageToken).toBeUndefined();
});

test("the histories of listed workflows are fetched one after the other", async () => {
  const { client } = scriptedClient({
    ListWorkflowExecutions: () => ({ executions: page(0, 2) }),
    GetWorkflowExecutionHistory: ({ execution }) => ({
      history: { events: [{ eventId: 1, version: Number(execution?.workflowId.slice(1)) }] },
    }),
  });
  const seen: [string, number | undefined][] = [];
  for await (const { workflowId, events } of client.listWorkflows().mapHistories()) {
    seen.push([workflowId, events[0]?.version]);
  }
  expect(seen).toEqual([
    ["w0", 0],
    ["w1", 1],
  ]);
});

test("counts come with their groups", async () => {
  const { client } = scriptedClient({
    CountWorkflowExecutions: () => ({
      count: 3,
      groups: [
        {
          count: 3,
          groupValues: [
            {
              metadata: { encoding: new TextEncoder().encode("json/plain") },
              data: new TextEncoder().encode('"Running"'),
            },
          ],
        },
      ],
    }),
  });
  expect(await client.countWorkflows("GROUP BY ExecutionStatus")).toEqual({
    count: 3,
    groups: [{ count: 3, groupValues: ["Running"] }],
  });
});

test("interceptors wrap calls, the first outermost, and may add headers", async () => {
  const order: string[] = [];
  const header: Payload = { metadata: {}, data: new Uint8Array([1]), externalPayloads: [] };
  const named = (name: string): ClientInterceptor => ({
    interceptClient: (next) => ({
      ...next,
      startWorkflow: (input) => {
        order.push(name);
        return next.startWorkflow({ ...input, headers: { ...input.headers, [name]: header } });
      },
    }),
  });
  const { client } = scriptedClient(
    {
      StartWorkflowExecution: (request) => {
        order.push(...Object.keys(request.header?.fields ?? {}));
        return { runId: "r" };
      },
    },
    { interceptors: [named("outer"), named("inner")] },
  );
  await client.startWorkflow("Order", { id: "w", taskQueue: "q" });
  expect(order).toEqual(["outer", "inner", "outer", "inner"]);
});

test.each([
  { headerCodecBehavior: "noCodec", sent: 1 },
  { headerCodecBehavior: "codec", sent: 2 },
  { headerCodecBehavior: "workflowOnlyCodec", sent: 1 },
] as const)("headers go through the codec only with $headerCodecBehavior", async (given) => {
  const codec = {
    encode: (payloads: readonly Payload[]): Promise<Payload[]> =>
      Promise.resolve(payloads.map((payload) => ({ ...payload, data: new Uint8Array([2]) }))),
    decode: (payloads: readonly Payload[]): Promise<Payload[]> => Promise.resolve([...payloads]),
  };
  const header: Payload = { metadata: {}, data: new Uint8Array([1]), externalPayloads: [] };
  const seen: (number | undefined)[] = [];
  const { client } = scriptedClient(
    {
      SignalWorkflowExecution: (request) => {
        seen.push(request.header?.fields["h"]?.data[0], request.input?.payloads[0]?.data[0]);
        return {};
      },
    },
    {
      headerCodecBehavior: given.headerCodecBehavior,
      dataConverter: new DataConverter({ codec }),
      interceptors: [
        {
          interceptClient: (next) => ({
            ...next,
            signalWorkflow: (input) => next.signalWorkflow({ ...input, headers: { h: header } }),
          }),
        },
      ],
    },
  );
  await client.getWorkflowHandle("w").signal("s", "x");
  expect(seen).toEqual([given.sent, 2]);
});

test("an activity completed from outside is reported by token or by ids", async () => {
  const seen: unknown[] = [];
  const { client } = scriptedClient({
    RespondActivityTaskCompleted: ({ taskToken, identity }) => {
      seen.push(["token", taskToken[0], identity]);
      return {};
    },
    RespondActivityTaskFailedById: ({ workflowId, runId, activityId, failure }) => {
      seen.push(["fail", workflowId, runId, activityId, failure?.message]);
      return {};
    },
    RespondActivityTaskCanceledById: ({ activityId }) => {
      seen.push(["cancel", activityId]);
      return {};
    },
    RecordActivityTaskHeartbeatById: ({ details }) => {
      seen.push(["heartbeat", details?.payloads.length]);
      return { activityPaused: true };
    },
  });
  await client.getAsyncActivityHandle({ taskToken: new Uint8Array([9]) }).complete("done");
  const handle = client.getAsyncActivityHandle({ workflowId: "w", activityId: "a" });
  await handle.fail(new Error("broken"));
  await handle.reportCancellation();
  await expect(handle.heartbeat([1, 2])).rejects.toMatchObject({
    code: "TEMPORAL_ASYNC_ACTIVITY_CANCELLED",
    details: { cancelRequested: false, paused: true, reset: false },
  });
  expect(seen).toEqual([
    ["token", 9, "tester"],
    ["fail", "w", "", "a", "broken"],
    ["cancel", "a"],
    ["heartbeat", 2],
  ]);
});
