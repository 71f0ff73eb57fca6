import { expect, test } from "vitest";
import {
  CallbackState,
  NexusOperationExecutionStatus as Status,
  NexusOperationIdConflictPolicy,
  NexusOperationWaitStage,
} from "../../proto/gen/enums.ts";
import { OperatorService } from "../../proto/gen/operatorservice.ts";
import {
  WorkflowService,
  type DescribeNexusOperationExecutionResponse,
  type StartNexusOperationExecutionRequest,
  type StartNexusOperationExecutionResponse,
} from "../../proto/gen/workflowservice.ts";
import type { Init } from "../../proto/message.ts";
import { pollActivity, startTestServer, type TestServer } from "../calls.test-support.ts";
import {
  answerStart,
  createEndpoint,
  pollNexus,
  refuse,
  startRequestOf,
} from "../frontend/nexus-calls.test-support.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { ServerOptions } from "../server.ts";

const { methods } = WorkflowService;
const namespace = "default";
const enabled = { "nexusoperation.enableStandalone": true, "activity.enableCallbacks": true };
const payload = (byte: number): { metadata: object; data: Uint8Array } => ({
  metadata: {},
  data: new Uint8Array([byte]),
});

async function setUp(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer({ dynamicConfig: enabled, ...options });
  await createEndpoint(server);
  return server;
}

function start(
  { call }: TestServer,
  request: Init<StartNexusOperationExecutionRequest> = {},
): Promise<StartNexusOperationExecutionResponse> {
  const operation = { operationId: "o", endpoint: "endpoint", service: "service", operation: "operate" };
  return call(methods.StartNexusOperationExecution, { namespace, ...operation, ...request });
}

function describe({ call }: TestServer): Promise<DescribeNexusOperationExecutionResponse> {
  const asked = { includeInput: true, includeOutcome: true };
  return call(methods.DescribeNexusOperationExecution, { namespace, operationId: "o", ...asked });
}

test("a standalone operation goes to a handler, and its result to whoever waits", async () => {
  const server = await setUp();
  const { runId } = await start(server, { input: payload(1), nexusHeader: { "X-Mine": "yes" } });
  const outcome = server.call(methods.PollNexusOperationExecution, { namespace, operationId: "o" });
  const task = await pollNexus(server);
  expect(task.request?.header["x-mine"]).toBe("yes");
  expect(startRequestOf(task)).toMatchObject({
    service: "service",
    operation: "operate",
    payload: payload(1),
    callback: "temporal://system",
    links: [
      {
        url: `temporal:///namespaces/default/nexus-operations/o/${runId}/details`,
        type: "temporal.api.common.v1.Link.NexusOperation",
      },
    ],
  });
  await answerStart(server, task, { case: "syncSuccess", value: { payload: payload(2) } });
  expect(await outcome).toMatchObject({
    runId,
    waitStage: NexusOperationWaitStage.CLOSED,
    outcome: { case: "result", value: payload(2) },
  });
  expect(await describe(server)).toMatchObject({ info: { status: Status.COMPLETED, attempt: 1 }, input: payload(1) });
});

test("a standalone operation is completed by the callback of an activity that its handler started", async () => {
  const server = await setUp();
  const { call } = server;
  await start(server);
  const task = await pollNexus(server);
  const { callback: url, callbackHeader: header } = startRequestOf(task);
  await call(methods.StartActivityExecution, {
    namespace,
    activityId: "a",
    activityType: { name: "act" },
    taskQueue: { name: "queue" },
    startToCloseTimeout: { seconds: 60, nanos: 0 },
    completionCallbacks: [{ variant: { case: "nexus", value: { url, header } } }],
  });
  await answerStart(server, task, { case: "asyncSuccess", value: { operationToken: "token" } });
  const started = { namespace, operationId: "o", waitStage: NexusOperationWaitStage.STARTED };
  expect(await call(methods.PollNexusOperationExecution, started)).toMatchObject({ operationToken: "token" });
  const closed = call(methods.PollNexusOperationExecution, { namespace, operationId: "o" });
  const { taskToken } = await pollActivity(server);
  await call(methods.RespondActivityTaskCompleted, { namespace, taskToken, result: { payloads: [payload(7)] } });
  expect((await closed).outcome).toMatchObject({ case: "result", value: payload(7) });
  const { callbacks } = await call(methods.DescribeActivityExecution, { namespace, activityId: "a" });
  expect(callbacks).toMatchObject([{ info: { state: CallbackState.SUCCEEDED, attempt: 1 } }]);
});

test("attempts of a standalone operation go on after a restart", async () => {
  const store = new MemoryStore();
  store.close = async () => {};
  const before = await setUp({ store });
  await start(before);
  await pollNexus(before);
  await before.server.stop();
  const after = await startTestServer({ dynamicConfig: enabled, store });
  const task = await pollNexus(after);
  await refuse(after, task, "INTERNAL");
  after.clock.advanceBy(0);
  expect((await describe(after)).info).toMatchObject({ status: Status.RUNNING, attempt: 1 });
  after.clock.advanceBy(1000);
  await answerStart(after, await pollNexus(after), { case: "syncSuccess", value: { payload: payload(1) } });
  const closed = await after.call(methods.PollNexusOperationExecution, { namespace, operationId: "o" });
  expect(closed.outcome?.case).toBe("result");
});

test("a standalone operation times out, and one that is terminated says why", async () => {
  const server = await setUp();
  await start(server, { scheduleToCloseTimeout: { seconds: 5, nanos: 0 } });
  server.clock.advanceBy(5000);
  expect(await describe(server)).toMatchObject({
    info: { status: Status.TIMED_OUT },
    outcome: { case: "failure", value: { message: "operation timed out" } },
  });
  await start(server);
  await server.call(methods.TerminateNexusOperationExecution, { namespace, operationId: "o", reason: "broken" });
  expect((await describe(server)).outcome?.value).toMatchObject({ message: "broken" });
});

test("the id of a standalone operation is used again as its policies say", async () => {
  const server = await setUp();
  const { runId } = await start(server);
  await expect(start(server)).rejects.toThrow("nexus operation execution already started");
  const idConflictPolicy = NexusOperationIdConflictPolicy.USE_EXISTING;
  expect(await start(server, { idConflictPolicy })).toEqual({ runId, started: false });
  await expect(start(server, { operationId: "p", endpoint: "missing" })).rejects.toThrow("missing");
});

test("standalone operations are listed and counted by what they are", async () => {
  const server = await setUp();
  for (const operationId of ["o", "p", "q"]) await start(server, { operationId });
  await server.call(methods.TerminateNexusOperationExecution, { namespace, operationId: "p" });
  const query = "Endpoint = 'endpoint' AND Operation = 'operate' AND ExecutionStatus = 'Running'";
  const { operations } = await server.call(methods.ListNexusOperationExecutions, { namespace, query });
  expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(["o", "q"]);
  expect(operations[0]).toMatchObject({ endpoint: "endpoint", service: "service", operation: "operate" });
  const counted = await server.call(methods.CountNexusOperationExecutions, {
    namespace,
    query: "GROUP BY ExecutionStatus",
  });
  expect([counted.count, counted.groups.length]).toEqual([3, 2]);
  await server.call(methods.DeleteNexusOperationExecution, { namespace, operationId: "o" });
  await expect(describe(server)).rejects.toThrow("operation not found for ID: o");
});

test("without standalone operations the calls say so", async () => {
  const server = await startTestServer();
  await expect(start(server)).rejects.toThrow("Standalone Nexus operation is disabled");
});

test("what goes wrong with a call of a standalone operation is told as the server's failure", async () => {
  const template = { "component.nexusoperations.callback.endpoint.template": "http://caller/callback" };
  const server = await startTestServer({ dynamicConfig: { ...enabled, ...template } });
  // Nobody listens there.
  const variant = { case: "external" as const, value: { url: "http://127.0.0.1:1" } };
  await server.call(OperatorService.methods.CreateNexusEndpoint, { spec: { name: "endpoint", target: { variant } } });
  await start(server);
  let { info } = await describe(server);
  while (info?.lastAttemptFailure === undefined) {
    await new Promise((resolve) => setImmediate(resolve));
    ({ info } = await describe(server));
  }
  expect(info.lastAttemptFailure.failureInfo).toEqual({ case: "serverFailureInfo", value: { nonRetryable: false } });
});
