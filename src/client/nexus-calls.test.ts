import { expect, test } from "vitest";
import { operation, service } from "nexus-rpc";
import { NexusOperationAlreadyStartedError } from "../payload/already-started-error.ts";
import { defaultDataConverter } from "../payload/data-converter.ts";
import { ApplicationError } from "../payload/failure-error.ts";
import { SearchAttributeKey } from "../payload/search-attributes.ts";
import {
  NexusOperationExecutionStatus,
  NexusOperationWaitStage,
  PendingNexusOperationState,
} from "../proto/gen/enums.ts";
import { NexusOperationExecutionAlreadyStartedFailure } from "../proto/gen/errordetails.ts";
import type {
  RequestCancelNexusOperationExecutionRequest,
  StartNexusOperationExecutionRequest,
} from "../proto/gen/workflowservice.ts";
import { RPCError } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { NexusOperationFailureError } from "./client-error.ts";
import { scriptedClient } from "./scripted-service.test-support.ts";

const greeter = service("greeter", { greet: operation<string, string>({ name: "greet-by-name" }) });
const { greet } = greeter.operations;
const target = { endpoint: "e", service: greeter };

test("every option of a start reaches the service", async () => {
  const requests: StartNexusOperationExecutionRequest[] = [];
  const { client } = scriptedClient({
    StartNexusOperationExecution: (request) => {
      requests.push(request);
      return { runId: "r", started: true };
    },
  });
  const handle = await client.createNexusClient(target).startOperation(greet, "Ann", {
    id: "o",
    idReusePolicy: "rejectDuplicate",
    idConflictPolicy: "useExisting",
    scheduleToCloseTimeout: "1h",
    scheduleToStartTimeout: "5s",
    startToCloseTimeout: "10s",
    searchAttributes: [SearchAttributeKey.forKeyword("City").withValue("Paris")],
    summary: "one line",
    headers: { "x-caller": "me" },
  });
  expect(requests[0]).toMatchObject({
    namespace: "default",
    identity: "tester",
    operationId: "o",
    endpoint: "e",
    service: "greeter",
    operation: "greet-by-name",
    idReusePolicy: 3,
    idConflictPolicy: 2,
    scheduleToCloseTimeout: { seconds: 3600 },
    scheduleToStartTimeout: { seconds: 5 },
    startToCloseTimeout: { seconds: 10 },
    nexusHeader: { "x-caller": "me" },
  });
  expect(Object.keys(requests[0]?.searchAttributes?.indexedFields ?? {})).toEqual(["City"]);
  expect(handle).toMatchObject({ operationId: "o", runId: "r", endpoint: "e", service: "greeter" });
});

test("a start under an id that is taken says which run has it", async () => {
  const value = NexusOperationExecutionAlreadyStartedFailure.encode({ runId: "other" });
  const typeUrl = `type.googleapis.com/${NexusOperationExecutionAlreadyStartedFailure.typeName}`;
  const { client } = scriptedClient({
    StartNexusOperationExecution: () =>
      new RPCError(RPCStatusCode.ALREADY_EXISTS, "taken", { details: [{ typeUrl, value }] }),
  });
  const started = client.createNexusClient(target).startOperation(greet, "Ann", { id: "o" });
  await expect(started).rejects.toThrow(NexusOperationAlreadyStartedError);
  await expect(started).rejects.toMatchObject({ operationId: "o", runId: "other" });
});

test("a result is polled for until there is one, and then kept", async () => {
  const [payload] = await defaultDataConverter.encode(["hello"]);
  let polls = 0;
  const { client } = scriptedClient({
    PollNexusOperationExecution: ({ waitStage }) => {
      expect(waitStage).toBe(NexusOperationWaitStage.CLOSED);
      polls++;
      return polls < 3 ? {} : { outcome: { case: "result", value: payload ?? {} } };
    },
  });
  const handle = client.getNexusOperationHandle("o");
  expect(await handle.result()).toBe("hello");
  expect(await handle.result()).toBe("hello");
  expect(polls).toBe(3);
});

test("an operation that fails gives the reason as its error's cause", async () => {
  const failure = await defaultDataConverter.encodeFailure(new ApplicationError("broken"));
  const { client } = scriptedClient({
    StartNexusOperationExecution: () => ({ runId: "r" }),
    PollNexusOperationExecution: () => ({ outcome: { case: "failure", value: failure } }),
  });
  const executed = client.createNexusClient(target).executeOperation("greet", "Ann", { id: "o" });
  await expect(executed).rejects.toThrow(NexusOperationFailureError);
  await expect(executed).rejects.toMatchObject({ cause: { message: "broken" } });
});

test("a description tells what the operation waits for and why an attempt failed", async () => {
  const lastAttemptFailure = await defaultDataConverter.encodeFailure(new ApplicationError("busy"));
  const { client } = scriptedClient({
    DescribeNexusOperationExecution: ({ operationId, runId }) => ({
      info: {
        operationId,
        runId,
        status: NexusOperationExecutionStatus.RUNNING,
        state: PendingNexusOperationState.BACKING_OFF,
        attempt: 2,
        lastAttemptFailure,
        scheduleTime: { seconds: 5, nanos: 0 },
        cancellationInfo: { reason: "no time", attempt: 1 },
      },
    }),
  });
  const description = await client.getNexusOperationHandle("o", { runId: "r" }).describe();
  expect(description).toMatchObject({
    operationId: "o",
    operationRunId: "r",
    status: "running",
    state: "backingOff",
    attempt: 2,
    lastAttemptFailure: { message: "busy" },
    scheduleTime: new Date(5_000),
    cancellationInfo: { reason: "no time", attempt: 1, state: undefined },
    operationToken: undefined,
  });
  expect(await description.staticSummary()).toBeUndefined();
});

test("interceptors see calls for operations", async () => {
  const requests: RequestCancelNexusOperationExecutionRequest[] = [];
  const { client } = scriptedClient(
    {
      RequestCancelNexusOperationExecution: (request) => {
        requests.push(request);
        return {};
      },
    },
    {
      interceptors: [
        {
          interceptClient: (next) => ({
            ...next,
            cancelNexusOperation: (input) => next.cancelNexusOperation({ ...input, reason: `${input.reason}!` }),
          }),
        },
      ],
    },
  );
  await client.getNexusOperationHandle("o").cancel({ reason: "stop" });
  expect(requests[0]).toMatchObject({ operationId: "o", runId: "", reason: "stop!", identity: "tester" });
});

test("operations are listed page by page, and counted", async () => {
  const { client } = scriptedClient({
    ListNexusOperationExecutions: ({ query, nextPageToken }) =>
      nextPageToken.length === 0
        ? { operations: [{ operationId: `${query}1` }], nextPageToken: new Uint8Array([1]) }
        : { operations: [{ operationId: `${query}2`, status: NexusOperationExecutionStatus.FAILED }] },
    CountNexusOperationExecutions: () => ({ count: 2 }),
  });
  const found = [];
  for await (const { operationId, status } of client.listNexusOperations("q")) found.push([operationId, status]);
  expect(found).toEqual([
    ["q1", undefined],
    ["q2", "failed"],
  ]);
  expect(await client.countNexusOperations("q")).toEqual({ count: 2, groups: [] });
});
