import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CallbackState } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";
import { OperatorService } from "../../proto/gen/operatorservice.ts";
import { WorkflowService } from "../../proto/gen/workflowservice.ts";
import {
  complete,
  completeWorkflow,
  historyOf,
  pollWorkflow,
  start,
  startTestServer,
  type TestServer,
} from "../calls.test-support.ts";
import {
  answerStart,
  createEndpoint,
  describe,
  pollNexus,
  refuse,
  scheduleOperation,
  startCaller,
  startRequestOf,
} from "../frontend/nexus-calls.test-support.ts";

interface Received {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Somebody outside, who answers every request with the next of some answers, the last one again and again. */
async function outside(answers: readonly Answer[]): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const {
        status,
        headers = {},
        body = "",
      } = answers[Math.min(received.length, answers.length - 1)] ?? {
        status: 500,
      };
      received.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function createExternalEndpoint({ call }: TestServer, url: string): Promise<void> {
  const variant = { case: "external" as const, value: { url } };
  await call(OperatorService.methods.CreateNexusEndpoint, { spec: { name: "endpoint", target: { variant } } });
}

const json = { metadata: { encoding: new TextEncoder().encode("json/plain") }, data: new TextEncoder().encode("7") };
const template = "http://caller/namespaces/{{.NamespaceName}}/nexus/callback";

test("a handler outside is asked in the words of the Nexus protocol, and its result comes back", async () => {
  const { url, received } = await outside([
    { status: 200, headers: { "content-type": "application/json" }, body: "8" },
  ]);
  const server = await startTestServer({
    dynamicConfig: { "component.nexusoperations.callback.endpoint.template": template },
  });
  await createExternalEndpoint(server, `${url}/base`);
  await startCaller(server, { input: json, nexusHeader: { mine: "yes" } });
  await pollWorkflow(server);
  expect((await historyOf(server))[5]?.attributes).toMatchObject({
    case: "nexusOperationCompletedEventAttributes",
    value: { result: { data: new TextEncoder().encode("8") } },
  });
  expect(received).toMatchObject([
    {
      url: `/base/service/operate?callback=${encodeURIComponent("http://caller/namespaces/default/nexus/callback")}`,
      headers: { "content-type": "application/json", mine: "yes" },
      body: "7",
    },
  ]);
  expect(received[0]?.headers["nexus-callback-temporal-callback-token"]).not.toBe("");
});

test("what a handler outside refuses or cannot do is told with its cause", async () => {
  const failure = JSON.stringify({ message: "no such thing" });
  const { url } = await outside([{ status: 404, headers: { "content-type": "application/json" }, body: failure }]);
  const server = await startTestServer({
    dynamicConfig: { "component.nexusoperations.callback.endpoint.template": template },
  });
  await createExternalEndpoint(server, url);
  await startCaller(server);
  await pollWorkflow(server);
  const [, , , , , failed] = await historyOf(server);
  expect(failed?.attributes?.value).toMatchObject({
    failure: { cause: { failureInfo: { value: { type: "NOT_FOUND" } }, cause: { message: "no such thing" } } },
  });
});

test("a callback outside is told until it answers, across a restart", async () => {
  const { url, received } = await outside([{ status: 503 }, { status: 200 }]);
  const folder = await mkdtemp(join(tmpdir(), "perdure-callbacks-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const store = `sqlite:${join(folder, "store.db")}`;
  const allowed = JSON.stringify([{ Pattern: "*", AllowInsecure: true }]);
  const dynamicConfig = { "component.callbacks.allowedAddresses": allowed };
  const first = await startTestServer({ store, dynamicConfig });
  await start(first, {
    completionCallbacks: [{ variant: { case: "nexus", value: { url: `${url}/done`, header: { Token: "t" } } } }],
  });
  await complete(first, await pollWorkflow(first), [completeWorkflow()]);
  await expect
    .poll(async () => (await describe(first)).callbacks[0]?.state, { timeout: 10_000 })
    .toBe(CallbackState.BACKING_OFF);
  expect(received).toMatchObject([{ url: "/done", headers: { token: "t", "nexus-operation-state": "succeeded" } }]);
  await first.server.stop();
  const second = await startTestServer({ store, dynamicConfig });
  second.clock.advanceBy(2000);
  await expect
    .poll(async () => (await describe(second)).callbacks[0]?.state, { timeout: 10_000 })
    .toBe(CallbackState.SUCCEEDED);
  expect(received).toHaveLength(2);
  await second.server.stop();
}, 30_000);

test("a callback to an address that is not allowed is refused", async () => {
  const server = await startTestServer();
  const callback = { variant: { case: "nexus" as const, value: { url: "http://elsewhere/done" } } };
  await expect(start(server, { completionCallbacks: [callback] })).rejects.toThrow(
    "invalid url: url does not match any configured callback address: http://elsewhere/done",
  );
});

/** Sends a request to the server's HTTP address. */
async function post(
  { server }: TestServer,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(`http://127.0.0.1:${server.httpAddress?.port}${path}`, {
    method: "POST",
    headers,
    body,
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

test("one outside may ask an endpoint for an operation, and is answered in the words of the Nexus protocol", async () => {
  const server = await startTestServer({ listenHttp: {} });
  const id = await createEndpoint(server);
  const base = `/nexus/endpoints/${id}/services/service/operate`;
  const answer = post(server, base, { "content-type": "application/json", "x-mine": "yes" }, "7");
  const task = await pollNexus(server);
  expect(task.request?.header).toMatchObject({ "x-mine": "yes" });
  expect(startRequestOf(task).payload).toMatchObject(json);
  await answerStart(server, task, { case: "asyncSuccess", value: { operationToken: "token" } });
  expect(await answer).toMatchObject({ status: 201, text: '{"token":"token","state":"running"}' });
  const refused = post(server, "/namespaces/default/task-queues/handlers/nexus-services/service/operate", {}, "");
  await refuse(server, await pollNexus(server), "CONFLICT");
  expect(await refused).toMatchObject({ status: 409 });
  expect(await post(server, "/nexus/endpoints/none/services/service/operate", {}, "")).toMatchObject({ status: 404 });
});

test("one outside is told a refusal's cause alone, and all of it where that is understood", async () => {
  const server = await startTestServer({ listenHttp: {} });
  const path = "/namespaces/default/task-queues/handlers/nexus-services/service/operate";
  const failure = Failure.create({
    message: "handler error",
    cause: { message: "the cause" },
    failureInfo: { case: "nexusHandlerFailureInfo", value: { type: "INTERNAL", retryBehavior: 2 } },
  });
  const ask = async (headers: Readonly<Record<string, string>>): Promise<object> => {
    const answer = post(server, path, headers, "");
    const { taskToken, request } = await pollNexus(server);
    // What handlers are told is the capability alone.
    expect(request?.header).not.toHaveProperty("temporal-nexus-failure-support");
    const isUnderstood = headers["temporal-nexus-failure-support"] === "true";
    expect(request?.capabilities?.temporalFailureResponses).toBe(isUnderstood);
    await server.call(WorkflowService.methods.RespondNexusTaskFailed, { namespace: "default", taskToken, failure });
    const { status, text, headers: told } = await answer;
    expect(status).toBe(500);
    expect(told.get("nexus-request-retryable")).toBe("false");
    return JSON.parse(text) as object;
  };
  expect(await ask({})).toMatchObject({ message: "the cause" });
  expect(await ask({ "temporal-nexus-failure-support": "true" })).toMatchObject({
    message: "handler error",
    metadata: { type: "nexus.HandlerError" },
    cause: { message: "the cause" },
  });
});

test("one outside is told why an operation failed, and where it understands it, as an error of an operation", async () => {
  const server = await startTestServer({ listenHttp: {} });
  const path = "/namespaces/default/task-queues/handlers/nexus-services/service/operate";
  const ask = async (headers: Readonly<Record<string, string>>): Promise<object> => {
    const answer = post(server, path, headers, "");
    const failure = { message: "no luck", metadata: {} };
    await answerStart(server, await pollNexus(server), {
      case: "operationError",
      value: { operationState: "failed", failure },
    });
    const { status, text } = await answer;
    expect(status).toBe(424);
    return JSON.parse(text) as object;
  };
  expect(await ask({})).toMatchObject({ message: "no luck" });
  expect(await ask({ "temporal-nexus-failure-support": "true" })).toMatchObject({
    metadata: { type: "nexus.OperationError" },
    cause: { message: "no luck" },
  });
});

test("a handler outside tells how an operation has ended", async () => {
  const { url, received } = await outside([
    { status: 201, headers: { "content-type": "application/json" }, body: '{"token":"t","state":"running"}' },
  ]);
  const server = await startTestServer({
    listenHttp: {},
    dynamicConfig: { "component.nexusoperations.callback.endpoint.template": template },
  });
  await createExternalEndpoint(server, url);
  await startCaller(server);
  await complete(server, await pollWorkflow(server), []);
  const token = String(received[0]?.headers["nexus-callback-temporal-callback-token"]);
  const path = "/namespaces/default/nexus/callback";
  const headers = { "temporal-callback-token": token, "nexus-operation-state": "failed" };
  const failure = JSON.stringify({ message: "broken outside" });
  expect(await post(server, "/nexus/callback", { ...headers, "temporal-callback-token": "x" }, "")).toMatchObject({
    status: 400,
  });
  const told = { ...headers, "content-type": "application/json" };
  expect(await post(server, path, told, failure)).toMatchObject({ status: 200 });
  expect(await post(server, path, told, failure)).toMatchObject({ status: 404 });
  const events = await historyOf(server);
  expect(events.find(({ attributes }) => attributes?.case === "nexusOperationFailedEventAttributes")).toMatchObject({
    attributes: { value: { failure: { cause: { message: "broken outside" } } } },
  });
});

const jsonType = { "content-type": "application/json" };

test.each<[string, Answer, string]>([
  [
    "a status of no meaning",
    { status: 418, headers: jsonType, body: '{"message":"tea"}' },
    'unexpected response status: "418 I\'m a Teapot": tea',
  ],
  ["a started operation as text", { status: 201, body: "x" }, 'invalid response content type: ""'],
  [
    "a started operation that has ended",
    { status: 201, headers: jsonType, body: '{"token":"t","state":"succeeded"}' },
    'invalid operation state in response info: "succeeded"',
  ],
  [
    "a started operation without a token",
    { status: 201, headers: jsonType, body: '{"state":"running"}' },
    "empty operation token in response",
  ],
  ["a failure as text", { status: 424, body: "x" }, 'invalid response content type: ""'],
  [
    "a failure without a state",
    { status: 424, headers: jsonType, body: '{"message":"m"}' },
    'invalid operation state header: "": m',
  ],
  [
    "a handler error without details",
    { status: 400, headers: jsonType, body: '{"message":"m","metadata":{"type":"nexus.HandlerError"}}' },
    "failed to convert Failure to error: failed to deserialize HandlerError: unexpected end of JSON input: m",
  ],
  ["links that are none", { status: 200, headers: { "nexus-link": "rubbish" } }, 'invalid links header: ["rubbish"]'],
])("%s is no answer: the handler is asked again", async (_what, answer, message) => {
  const { url } = await outside([answer]);
  const server = await startTestServer({
    dynamicConfig: { "component.nexusoperations.callback.endpoint.template": template },
  });
  await createExternalEndpoint(server, url);
  await startCaller(server);
  let [operation] = (await describe(server)).pendingNexusOperations;
  while (operation?.attempt === 0) {
    await new Promise((resolve) => setImmediate(resolve));
    [operation] = (await describe(server)).pendingNexusOperations;
  }
  expect(operation?.lastAttemptFailure).toMatchObject({
    message,
    failureInfo: { case: "applicationFailureInfo", value: { type: "CallError", nonRetryable: false } },
  });
});

test("the failure that an operation error wraps is the one that is told, and content keeps its headers", async () => {
  const wrapper = {
    metadata: { type: "nexus.OperationError", "unwrap-error": "true" },
    details: { state: "canceled" },
    cause: { message: "inner" },
  };
  const { url } = await outside([
    { status: 424, headers: jsonType, body: JSON.stringify(wrapper) },
    { status: 200, headers: { ...jsonType, "content-language": "de" }, body: "8" },
  ]);
  const server = await startTestServer({
    dynamicConfig: { "component.nexusoperations.callback.endpoint.template": template },
  });
  await createExternalEndpoint(server, url);
  await startCaller(server);
  await complete(server, await pollWorkflow(server), [scheduleOperation()]);
  await pollWorkflow(server);
  const ends = (await historyOf(server)).map(({ attributes }) => attributes);
  expect(ends.find((end) => end?.case === "nexusOperationCanceledEventAttributes")?.value).toMatchObject({
    failure: { cause: { message: "inner", failureInfo: { case: "canceledFailureInfo" } } },
  });
  const done = ends.find((end) => end?.case === "nexusOperationCompletedEventAttributes");
  if (done?.case !== "nexusOperationCompletedEventAttributes") throw new Error("expected a completed operation");
  const texts = Object.entries(done.value.result?.metadata ?? {}).map(([key, value]) => [
    key,
    Buffer.from(value).toString(),
  ]);
  expect(Object.fromEntries(texts)).toEqual({
    encoding: "unknown/nexus-content",
    language: "de",
    type: "application/json",
  });
});

test("a request that makes no sense is refused for what is wrong with it", async () => {
  const server = await startTestServer({ listenHttp: {} });
  await createExternalEndpoint(server, "http://127.0.0.1:1");
  const { endpoints } = await server.call(OperatorService.methods.ListNexusEndpoints, {});
  const queue = "/namespaces/default/task-queues/handlers/nexus-services/service/operate";
  const cases = [
    [queue, { "request-timeout": "soon" }, 400, "invalid request timeout header"],
    [queue, { "nexus-link": "rubbish" }, 400, 'invalid "Nexus-Link" header'],
    [`${queue}/cancel`, {}, 400, "missing operation token"],
    [`/nexus/endpoints/${endpoints[0]?.id}/services/s/o`, {}, 400, "invalid endpoint target"],
    ["/nexus/endpoints/none/services/s/o", {}, 404, "nexus endpoint not found"],
  ] as const;
  for (const [path, headers, status, message] of cases) {
    const answer = await post(server, path, headers, "");
    expect([answer.status, (JSON.parse(answer.text) as { message: string }).message]).toEqual([status, message]);
  }
  const { port } = server.server.httpAddress ?? {};
  expect((await fetch(`http://127.0.0.1:${port}${queue}`)).status).toBe(400);
  const large = await post(server, queue, { "content-type": "application/json" }, "x".repeat(2 * 1024 * 1024));
  expect([large.status, (JSON.parse(large.text) as { message: string }).message]).toEqual([
    400,
    "input exceeds size limit",
  ]);
  const tooLarge = await post(server, queue, {}, "x".repeat(3 * 1024 * 1024));
  expect([tooLarge.status, tooLarge.headers.get("connection")]).toEqual([400, "close"]);
});

test("handlers hear nothing of the headers that are hidden from them", async () => {
  const hidden = { "frontend.nexusRequestHeadersBlacklist": '["x-secret-*","exact"]' };
  const server = await startTestServer({ dynamicConfig: hidden });
  await createEndpoint(server);
  await startCaller(server, { nexusHeader: { "X-Secret-Key": "1", exact: "2", exactly: "3", "accept-encoding": "4" } });
  const { header } = (await pollNexus(server)).request ?? {};
  expect(Object.keys(header ?? {}).toSorted()).toEqual([
    "Request-Timeout",
    "accept-encoding",
    "exactly",
    "nexus-link",
    "nexus-request-id",
    "request-timeout",
    "user-agent",
  ]);
});
