import { expect, test } from "vitest";
import { defaultDataConverter } from "../payload/data-converter.ts";
import { SearchAttributeKey } from "../payload/search-attributes.ts";
import { MultiOperationExecutionFailure, WorkflowExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import { MultiOperationExecutionAborted } from "../proto/gen/failure.ts";
import type {
  ExecuteMultiOperationRequest,
  SignalWithStartWorkflowExecutionRequest,
  StartWorkflowExecutionRequest,
} from "../proto/gen/workflowservice.ts";
import type { MessageType } from "../proto/message.ts";
import type { RPCErrorDetail } from "../rpc/rpc-error.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";
import { WithStartWorkflowOperation } from "./with-start-operation.ts";

const start = { id: "w", taskQueue: "q" };

function detail<T extends object>(type: MessageType<T>, value: Parameters<typeof type.encode>[0]): RPCErrorDetail {
  return { typeUrl: `type.googleapis.com/${type.typeName}`, value: type.encode(value) };
}

const taken = detail(WorkflowExecutionAlreadyStartedFailure, { runId: "other" });

test("every option of a start reaches the service", async () => {
  const requests: StartWorkflowExecutionRequest[] = [];
  const { client } = scriptedClient({
    StartWorkflowExecution: (request) => {
      requests.push(request);
      return { runId: "r" };
    },
  });
  await client.startWorkflow("Order", {
    ...start,
    args: ["a", 2],
    executionTimeout: "1h",
    runTimeout: 90_500,
    taskTimeout: "5s",
    startDelay: "10s",
    idReusePolicy: "rejectDuplicate",
    idConflictPolicy: "useExisting",
    retryPolicy: { maximumAttempts: 3 },
    cronSchedule: "0 * * * *",
    memo: { note: "hi" },
    searchAttributes: [SearchAttributeKey.forKeyword("City").withValue("Paris")],
    priority: { priorityKey: 2 },
    staticSummary: "one line",
    staticDetails: "more",
    versioningOverride: { kind: "autoUpgrade" },
    requestId: "request-1",
  });
  const [request] = requests;
  expect(request).toMatchObject({
    namespace: "default",
    identity: "tester",
    workflowId: "w",
    requestId: "request-1",
    workflowType: { name: "Order" },
    taskQueue: { name: "q" },
    workflowExecutionTimeout: { seconds: 3600, nanos: 0 },
    workflowRunTimeout: { seconds: 90, nanos: 500_000_000 },
    workflowTaskTimeout: { seconds: 5 },
    workflowStartDelay: { seconds: 10 },
    workflowIdReusePolicy: 3,
    workflowIdConflictPolicy: 2,
    retryPolicy: { maximumAttempts: 3, initialInterval: { seconds: 1 } },
    cronSchedule: "0 * * * *",
    priority: { priorityKey: 2 },
    versioningOverride: { override: { case: "autoUpgrade" } },
    requestEagerExecution: false,
  });
  const decode = (payloads: Parameters<typeof defaultDataConverter.decode>[0] = []): Promise<unknown[]> =>
    defaultDataConverter.decode(payloads);
  expect(await decode(request?.input?.payloads)).toEqual(["a", 2]);
  expect(await defaultDataConverter.decodeFields(request?.memo?.fields ?? {})).toEqual({
    note: "hi",
  });
  expect(Object.keys(request?.searchAttributes?.indexedFields ?? {})).toEqual(["City"]);
  const { summary, details } = request?.userMetadata ?? {};
  expect(await decode(summary && details && [summary, details])).toEqual(["one line", "more"]);
});

test("starts that are made anew have request ids of their own", async () => {
  const ids = new Set<string>();
  const { client } = scriptedClient({
    StartWorkflowExecution: ({ requestId }) => {
      ids.add(requestId);
      return { runId: "r" };
    },
  });
  await client.startWorkflow("Order", start);
  await client.startWorkflow("Order", start);
  expect(ids.size).toBe(2);
});

test("a handle of a start waits for that run and changes only its chain", async () => {
  const { client } = scriptedClient({ StartWorkflowExecution: () => ({ runId: "r" }) });
  const handle = await client.startWorkflow("Order", start);
  expect(handle).toMatchObject({
    id: "w",
    runId: undefined,
    resultRunId: "r",
    firstExecutionRunId: "r",
  });
});

test("a start with a signal is one call, and its handle is for whatever chain it reached", async () => {
  const requests: SignalWithStartWorkflowExecutionRequest[] = [];
  const { client } = scriptedClient({
    SignalWithStartWorkflowExecution: (request) => {
      requests.push(request);
      return { runId: "r" };
    },
  });
  const options = { ...start, startSignal: "add", startSignalArgs: [1] };
  const handle = await client.startWorkflow("Order", options);
  expect(requests[0]).toMatchObject({ workflowId: "w", signalName: "add" });
  expect(await defaultDataConverter.decode(requests[0]?.signalInput?.payloads ?? [])).toEqual([1]);
  expect(handle).toMatchObject({ resultRunId: "r", firstExecutionRunId: undefined });
});

test("an id that is taken is an error of its own, which names the run", async () => {
  const { client } = scriptedClient({
    StartWorkflowExecution: () => new RPCError(RPCStatusCode.ALREADY_EXISTS, "taken", { details: [taken] }),
  });
  await expect(client.startWorkflow("Order", start)).rejects.toMatchObject({
    code: "TEMPORAL_FAILURE_ALREADY_STARTED_WORKFLOW",
    workflowId: "w",
    workflowType: "Order",
    runId: "other",
  });
});

test("a worker of the same queue gets the first task straight from the start, or its slot back", async () => {
  const answers = [{ runId: "r", eagerWorkflowTask: { taskToken: new Uint8Array([1]) } }, { runId: "r" }];
  const asked: boolean[] = [];
  const { client, connection } = scriptedClient({
    StartWorkflowExecution: ({ requestEagerExecution }) => {
      asked.push(requestEagerExecution);
      const refused = new RPCError(RPCStatusCode.FAILED_PRECONDITION, "refused");
      return answers[asked.length - 1] ?? refused;
    },
  });
  const log: string[] = [];
  const stop = connection.eagerWorkers.add({
    namespace: "default",
    taskQueue: "q",
    reserve: (workflowType) => ({
      deployment: undefined,
      run: ({ taskToken }) => log.push(`run ${workflowType} ${taskToken[0]}`),
      release: () => log.push("release"),
    }),
  });
  const eager = { ...start, requestEagerStart: true };
  expect((await client.startWorkflow("Order", eager)).eagerlyStarted).toBe(true);
  expect((await client.startWorkflow("Order", eager)).eagerlyStarted).toBe(false);
  await expect(client.startWorkflow("Order", eager)).rejects.toThrow("refused");
  expect(log).toEqual(["run Order 1", "release", "release"]);
  await expect(client.startWorkflow("Order", { ...eager, taskQueue: "p" })).rejects.toThrow("refused");
  stop();
  await expect(client.startWorkflow("Order", eager)).rejects.toThrow("refused");
  expect(asked).toEqual([true, true, true, false, false]);
  expect(log).toHaveLength(3);
});

const operation = (): WithStartWorkflowOperation =>
  new WithStartWorkflowOperation("Order", { ...start, idConflictPolicy: "useExisting" });

test("an update with start is one call of two operations, made until the update is accepted", async () => {
  const requests: ExecuteMultiOperationRequest[] = [];
  const { client } = scriptedClient({
    ExecuteMultiOperation: (request) => {
      requests.push(request);
      const outcome = { value: { case: "success" as const, value: {} } };
      const updated = requests.length < 2 ? { stage: 1 as const } : { stage: 3 as const, outcome };
      return {
        responses: [
          { response: { case: "startWorkflow", value: { runId: "r" } } },
          { response: { case: "updateWorkflow", value: updated } },
        ],
      };
    },
  });
  const startWorkflowOperation = operation();
  const options = { args: [1], id: "u", startWorkflowOperation };
  expect(await client.executeUpdateWithStartWorkflow("approve", options)).toBeUndefined();
  expect((await startWorkflowOperation.workflowHandle()).resultRunId).toBe("r");
  expect(requests).toHaveLength(2);
  expect(requests[0]?.operations.map(({ operation: one }) => one?.case)).toEqual(["startWorkflow", "updateWorkflow"]);
  expect(requests[0]).toEqual(requests[1]);
  await expect(client.executeUpdateWithStartWorkflow("approve", options)).rejects.toMatchObject({
    code: "TEMPORAL_CLIENT_USAGE",
  });
});

test("an update with start fails with the error of the operation that failed", async () => {
  const aborted = {
    code: 10,
    message: "aborted",
    details: [detail(MultiOperationExecutionAborted, {})],
  };
  const failures = [
    { code: 6, message: "taken", details: [taken] },
    { code: 3, message: "bad update", details: [] },
  ];
  for (const [index, expected] of [
    { code: "TEMPORAL_FAILURE_ALREADY_STARTED_WORKFLOW", runId: "other" },
    { code: "TEMPORAL_RPC", status: RPCStatusCode.INVALID_ARGUMENT, message: "bad update" },
  ].entries()) {
    const statuses = [aborted, failures[index] ?? aborted];
    const { client } = scriptedClient(
      {
        ExecuteMultiOperation: () =>
          new RPCError(RPCStatusCode.ABORTED, "multi", {
            details: [detail(MultiOperationExecutionFailure, { statuses })],
          }),
      },
      { retry: { maxRetries: 1 } },
    );
    const startWorkflowOperation = operation();
    const sent = client.executeUpdateWithStartWorkflow("approve", { startWorkflowOperation });
    await expect(sent).rejects.toMatchObject(expected);
    await expect(startWorkflowOperation.workflowHandle()).rejects.toMatchObject(expected);
  }
});

test("an update with start wants to know what becomes of a workflow that runs", () => {
  const unspecified = { ...start, idConflictPolicy: "unspecified" as "fail" };
  expect(() => new WithStartWorkflowOperation("Order", unspecified)).toThrow(
    "its idConflictPolicy is unspecified, expected one of fail, useExisting, terminateExisting",
  );
});
