import { expect, test } from "vitest";
import { CancelledError, TerminatedError, TimeoutError } from "../payload/failure-error.ts";
import { defaultDataConverter } from "../payload/data-converter.ts";
import { UpdateWorkflowExecutionLifecycleStage as Stage } from "../proto/gen/enums.ts";
import type { HistoryEvent } from "../proto/gen/history.ts";
import type { Init } from "../proto/message.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import type { Script } from "./scripted-service.test-support.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";

const [payload] = await defaultDataConverter.encode(["done"]);
const result = { payloads: payload === undefined ? [] : [payload] };

type Attributes = NonNullable<Init<HistoryEvent>["attributes"]>;

/** A service whose runs end as told. */
function runsThatEnd(ends: Readonly<Record<string, Attributes>>): Script {
  return {
    GetWorkflowExecutionHistory: ({ execution }) => {
      const attributes = ends[execution?.runId ?? ""];
      return { history: { events: attributes === undefined ? [] : [{ eventId: 5, attributes }] } };
    },
  };
}

const completed = (newExecutionRunId = ""): Attributes => ({
  case: "workflowExecutionCompletedEventAttributes",
  value: { result, newExecutionRunId },
});
const failed = (newExecutionRunId = ""): Attributes => ({
  case: "workflowExecutionFailedEventAttributes",
  value: {
    newExecutionRunId,
    failure: {
      message: "broken",
      failureInfo: { case: "applicationFailureInfo", value: { type: "Broken" } },
    },
  },
});
const timedOut = (newExecutionRunId = ""): Attributes => ({
  case: "workflowExecutionTimedOutEventAttributes",
  value: { newExecutionRunId },
});
const continued = (newExecutionRunId: string): Attributes => ({
  case: "workflowExecutionContinuedAsNewEventAttributes",
  value: { newExecutionRunId },
});

test("a result is followed through cron, retry, timeout and continue-as-new", async () => {
  const { client, service } = scriptedClient(
    runsThatEnd({
      a: completed("b"),
      b: failed("c"),
      c: timedOut("d"),
      d: continued("e"),
      e: completed(),
    }),
  );
  expect(await client.getWorkflowHandle("w", { runId: "a" }).result()).toBe("done");
  expect(service.calls).toHaveLength(5);
});

test("a result that is not followed is that of the run asked for", async () => {
  const { client } = scriptedClient(runsThatEnd({ a: completed("b"), b: failed("c"), d: continued("e") }));
  const resultOf = (runId: string): Promise<unknown> =>
    client.getWorkflowHandle("w", { runId }).result({ followRuns: false });
  expect(await resultOf("a")).toBe("done");
  await expect(resultOf("b")).rejects.toMatchObject({
    code: "TEMPORAL_WORKFLOW_FAILURE",
    cause: { message: "broken", type: "Broken" },
  });
  await expect(resultOf("d")).rejects.toMatchObject({
    code: "TEMPORAL_WORKFLOW_CONTINUED_AS_NEW",
    newExecutionRunId: "e",
  });
});

test.each<[string, Attributes, abstract new (...args: never[]) => Error, string]>([
  ["timed out", timedOut(), TimeoutError, "Workflow timed out"],
  [
    "was cancelled",
    { case: "workflowExecutionCanceledEventAttributes", value: { details: result } },
    CancelledError,
    "Workflow cancelled",
  ],
  [
    "was terminated",
    {
      case: "workflowExecutionTerminatedEventAttributes",
      value: { reason: "enough", details: result },
    },
    TerminatedError,
    "enough",
  ],
])("a workflow that %s fails with a cause that says so", async (_name, end, type, message) => {
  const { client } = scriptedClient(runsThatEnd({ "": end }));
  const error = await client
    .getWorkflowHandle("w")
    .result()
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "TEMPORAL_WORKFLOW_FAILURE", cause: { message } });
  expect((error as Error).cause).toBeInstanceOf(type);
});

test("a wait for a result goes on over pages without events", async () => {
  let polls = 0;
  const { client } = scriptedClient({
    GetWorkflowExecutionHistory: ({ nextPageToken }) => {
      polls += 1;
      expect([...nextPageToken]).toEqual(polls === 1 ? [] : [polls - 1]);
      if (polls < 4) return { history: {}, nextPageToken: new Uint8Array([polls]) };
      return { history: { events: [{ attributes: completed() }] } };
    },
  });
  expect(await client.getWorkflowHandle("w").result()).toBe("done");
  expect(polls).toBe(4);
});

test("a history that ends without a closing event is the service's fault", async () => {
  const { client } = scriptedClient(runsThatEnd({}));
  await expect(client.getWorkflowHandle("w").result()).rejects.toThrow(
    'Cannot read result of workflow "w": its history ended without a closing event',
  );
});

test("an update is asked for again until it is accepted, and its result until it is there", async () => {
  const asked: string[] = [];
  const { client } = scriptedClient({
    UpdateWorkflowExecution: ({ request, waitPolicy }) => {
      asked.push(`update ${waitPolicy?.lifecycleStage} ${request?.meta?.updateId}`);
      const stage = asked.length < 3 ? Stage.ADMITTED : Stage.ACCEPTED;
      return { stage, updateRef: { workflowExecution: { workflowId: "w", runId: "r" } } };
    },
    PollWorkflowExecutionUpdate: ({ updateRef }) => {
      asked.push(`poll ${updateRef?.workflowExecution?.runId}`);
      return asked.length < 5 ? {} : { outcome: { value: { case: "success", value: result } } };
    },
  });
  const handle = client.getWorkflowHandle("w");
  expect(await handle.executeUpdate("approve", { id: "u" })).toBe("done");
  expect(asked).toEqual(["update 3 u", "update 3 u", "update 3 u", "poll r", "poll r"]);
});

test("an accepted update's result is fetched once", async () => {
  let polls = 0;
  const { client } = scriptedClient({
    UpdateWorkflowExecution: () => ({ stage: Stage.ACCEPTED }),
    PollWorkflowExecutionUpdate: () => {
      polls += 1;
      return { outcome: { value: { case: "success", value: result } } };
    },
  });
  const update = await client.getWorkflowHandle("w").startUpdate("approve");
  expect(polls).toBe(0);
  expect([await update.result(), await update.result()]).toEqual(["done", "done"]);
  expect(polls).toBe(1);
});

test("a wait for an update that is aborted says that only the wait ended", async () => {
  const { client } = scriptedClient({
    UpdateWorkflowExecution: () => new RPCError(RPCStatusCode.DEADLINE_EXCEEDED, "late"),
  });
  await expect(client.getWorkflowHandle("w").executeUpdate("approve")).rejects.toMatchObject({
    code: "TEMPORAL_WAIT_ENDED_UPDATE",
    cause: { message: "late" },
  });
});

test("calls of a handle are for its run and carry the options of with()", async () => {
  const seen: unknown[] = [];
  const { client } = scriptedClient(
    {
      QueryWorkflow: ({ execution, queryRejectCondition }, { metadata }) => {
        seen.push([execution?.runId, queryRejectCondition, metadata["x"]]);
        return { queryResult: result };
      },
      RequestCancelWorkflowExecution: (request) => {
        seen.push([request.workflowExecution?.runId, request.firstExecutionRunId, request.reason]);
        return {};
      },
    },
    { defaultQueryRejectCondition: "notOpen" },
  );
  const handle = client.getWorkflowHandle("w", { runId: "r", firstExecutionRunId: "f" });
  await handle.query("q");
  await handle.with({ rejectCondition: "none", metadata: { x: "1" } }).query("q");
  await handle.cancel({ reason: "why" });
  expect(seen).toEqual([
    ["r", 2, undefined],
    ["r", 1, "1"],
    ["r", "f", "why"],
  ]);
});

test("queries that are rejected or fail have errors of their own", async () => {
  const answers = [
    { queryRejected: { status: 2 } },
    new RPCError(RPCStatusCode.INVALID_ARGUMENT, "unknown query"),
    new RPCError(RPCStatusCode.NOT_FOUND, "no workflow"),
  ] as const;
  let next = 0;
  const { client } = scriptedClient({ QueryWorkflow: () => answers[next++] ?? {} });
  const handle = client.getWorkflowHandle("w");
  await expect(handle.query("q")).rejects.toMatchObject({
    code: "TEMPORAL_WORKFLOW_QUERY_REJECTED",
    status: "completed",
  });
  await expect(handle.query("q")).rejects.toMatchObject({
    code: "TEMPORAL_WORKFLOW_QUERY_FAILED",
    message: "unknown query",
  });
  await expect(handle.query("q")).rejects.toMatchObject({
    code: "TEMPORAL_RPC",
    status: RPCStatusCode.NOT_FOUND,
  });
});
