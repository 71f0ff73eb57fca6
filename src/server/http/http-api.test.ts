import { expect, onTestFinished, test } from "vitest";
import { bindingsOf, listHttpMethods } from "../../rpc/http-binding.ts";
import { historyOf, startTestServer, type TestServer } from "../calls.test-support.ts";
import type { ServerOptions } from "../index.ts";
import { ApiRoutes } from "./api-routes.ts";
import { ask, type Answer, type Asked } from "./http-ask.test-support.ts";

const N = "/api/v1/namespaces/default";
const work = { workflowType: { name: "work" }, taskQueue: { name: "queue" } };

type Ask = (verb: string, target: string, asked?: Asked) => Promise<Answer>;

async function serve(options: ServerOptions = {}): Promise<TestServer & { readonly ask: Ask }> {
  const server = await startTestServer({ listenHttp: {}, ...options });
  onTestFinished(() => server.server.stop());
  const port = server.server.httpAddress?.port ?? 0;
  return { ...server, ask: (verb, target, asked) => ask(port, verb, target, asked) };
}

const payloadsOf = async (server: TestServer): Promise<readonly (readonly [string, string])[]> => {
  const [started] = await historyOf(server);
  if (started?.attributes?.case !== "workflowExecutionStartedEventAttributes") throw new Error("expected a start");
  return (started.attributes.value.input?.payloads ?? []).map(({ metadata, data }) => [
    Object.entries(metadata)
      .map(([key, value]) => `${key}=${Buffer.from(value).toString()}`)
      .join(" "),
    Buffer.from(data).toString(),
  ]);
};

test("every path of the API's annotations leads to its own method, whatever the fields in it are", () => {
  const routes = new ApiRoutes();
  const bindings = [...listHttpMethods().values()].flatMap(bindingsOf);
  expect(bindings.length).toBeGreaterThan(200);
  for (const { method, rule, segments } of bindings) {
    expect(rule.template).toMatch(/^(?:\/(?:[a-z0-9-]+|\{[a-z_.]+\}))+$/);
    expect([undefined, "*"]).toContain(rule.body);
    const path = segments.map((segment) => (segment.kind === "literal" ? segment.text : "x"));
    expect([rule.template, routes.find(rule.verb, path)?.binding.method.path]).toEqual([rule.template, method.path]);
  }
});

test("payloads are the values they hold, both ways, and whole where that is asked for", async () => {
  const server = await serve();
  const input = ["a", 12345678901234567n, [], { b: [], z: 1, a: "<b>" }, null, { _protoMessageType: "x.Y", q: 1 }];
  const text = JSON.stringify({ ...work, input: "INPUT" }).replace(
    '"INPUT"',
    `[${input.map((value) => (typeof value === "bigint" ? String(value) : JSON.stringify(value))).join(",")}]`,
  );
  expect((await server.ask("POST", `${N}/workflows/workflow`, { body: text })).status).toBe(200);
  expect(await payloadsOf(server)).toEqual([
    ["encoding=json/plain", '"a"'],
    ["encoding=json/plain", "12345678901234567"],
    ["encoding=json/plain", "[]"],
    ["encoding=json/plain", String.raw`{"a":"\u003cb\u003e","b":[],"z":1}`],
    ["encoding=binary/null", ""],
    ["encoding=json/protobuf messageType=x.Y", '{"q":1}'],
  ]);
  const shown = await server.ask("GET", `${N}/workflows/workflow/history?maximumPageSize=1`);
  expect(shown.headers["content-type"]).toBe("application/json");
  expect(shown.text).toContain(
    '"input":["a",12345678901234567,[],{"a":"<b>","b":[],"z":1},{"metadata":{"encoding":"YmluYXJ5L251bGw="}},{"q":1,"_protoMessageType":"x.Y"}]',
  );
  const whole = await server.ask("GET", `${N}/workflows/workflow/history?noPayloadShorthand&pretty`);
  expect(whole.headers["content-type"]).toBe("application/json+pretty+no-payload-shorthand");
  expect(whole.text).toContain('{\n  "history": {\n    "events": [');
  expect(whole.text).toContain('"data": "ImEi"');
});

test("payloads that no shorthand can hold are written whole, and a list of them too", async () => {
  const server = await serve();
  const bytes = { metadata: { encoding: "YmluYXJ5L3BsYWlu" }, data: "AAEC" };
  const odd = { metadata: { encoding: "anNvbi9wbGFpbg==", more: "MQ==" }, data: "MQ==" };
  // Its value would be read as something else than it is.
  const lookalike = {
    metadata: { encoding: "anNvbi9wbGFpbg==" },
    data: Buffer.from(JSON.stringify(bytes)).toString("base64"),
  };
  const body = { ...work, input: [bytes, odd, lookalike, 1] };
  expect((await server.ask("POST", `${N}/workflows/workflow`, { body })).status).toBe(200);
  const { text } = await server.ask("GET", `${N}/workflows/workflow/history`);
  expect(text).toContain(`"input":${JSON.stringify({ payloads: [bytes, odd, lookalike, 1] })}`);
});

test.each([
  ["application/json+no-payload-shorthand", { ...work, input: ["a"] }, 400],
  ["application/json+no-payload-shorthand; charset=utf-8", { ...work, input: { payloads: [] } }, 200],
  ["application/json", { ...work, input: { payloads: [1] } }, 200],
  ["text/plain", { ...work, input: [1] }, 200],
])("a body of type %s is read as that", async (type, body, status) => {
  const { ask: asking } = await serve();
  expect((await asking("POST", `${N}/workflows/w`, { body, headers: { "content-type": type } })).status).toBe(status);
});

// What the service answered to the same, but for the texts of errors about JSON.
test.each<readonly [string, string, unknown, number, object]>([
  ["GET", "/api/v1/namespaces/", undefined, 400, { code: 3, message: "Namespace not set on request." }],
  ["GET", "/nope", undefined, 404, { code: 5, message: "Not Found" }],
  ["PUT", `${N}/workflows/w/history`, {}, 501, { code: 12, message: "Method Not Allowed" }],
  ["OPTIONS", `${N}/workflows/w/history`, undefined, 501, { code: 12, message: "Method Not Allowed" }],
  ["POST", `${N}/workflows/w`, { ...work, bogus: 1 }, 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, { ...work, requestId: 5 }, 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, { ...work, workflowIdReusePolicy: "NOPE" }, 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, { workflowTaskTimeout: "5s", workflow_task_timeout: "5s" }, 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, "{", 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, '{"identity":"a","identity":"b"}', 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, "[".repeat(100_000), 400, { code: 3 }],
  ["POST", `${N}/workflows/w`, "", 400, { code: 3, message: "WorkflowType is not set on request." }],
  ["GET", `${N}/workflows/w/history?historyEventFilterType=x`, undefined, 400, { code: 3 }],
  ["GET", `${N}/workflows/w/history?maximumPageSize=1&maximumPageSize=2`, undefined, 400, { code: 3 }],
  ["GET", `${N}/workflows/w/history?a;b`, undefined, 400, { code: 3 }],
  ["GET", `${N}/workflows/w/history?%zz`, undefined, 400, { code: 3 }],
  ["GET", `${N}/workflows/%zz`, undefined, 400, { code: 3 }],
  ["GET", `${N}/workflows/w?execution.workflowId.x=1`, undefined, 400, { code: 3 }],
  [
    "GET",
    `${N}/workflows/none`,
    undefined,
    404,
    {
      code: 5,
      message: "workflow not found for ID: none",
      details: [{ "@type": "type.googleapis.com/temporal.api.errordetails.v1.NotFoundFailure" }],
    },
  ],
  [
    "GET",
    "/api/v1/namespaces/none/workflows/w",
    undefined,
    404,
    {
      code: 5,
      message: "Namespace none is not found.",
      details: [
        { "@type": "type.googleapis.com/temporal.api.errordetails.v1.NamespaceNotFoundFailure", namespace: "none" },
      ],
    },
  ],
])("%s %s is refused as the service refuses it", async (verb, target, body, status, error) => {
  const { ask: asking } = await serve();
  const answer = await asking(verb, target, body === undefined ? {} : { body });
  expect([answer.status, answer.json]).toMatchObject([status, error]);
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
});

test("fields come from the path before the body, and from the query where there is no body", async () => {
  const server = await serve();
  const body = { ...work, namespace: "other", workflow_id: "other", workflowIdReusePolicy: "RejectDuplicate" };
  expect((await server.ask("POST", `${N}/workflows/workflow?workflowId=third`, { body })).status).toBe(200);
  const again = await server.ask("POST", `${N}/workflows/workflow`, { body: { ...work, workflowIdConflictPolicy: 1 } });
  expect([again.status, again.json]).toMatchObject([409, { code: 6 }]);
  for (const query of [
    "maximumPageSize=1&execution.workflow_id=zzz",
    "maximum_page_size=1&history_event_filter_type=1&bogus=2",
    "maximumPageSize=1&historyEventFilterType=HISTORY_EVENT_FILTER_TYPE_ALL_EVENT&execution.runId=",
  ]) {
    const page = await server.ask("GET", `/namespaces/default/workflows/workflow/history?${query}`);
    expect([page.status, page.json]).toMatchObject([200, { history: { events: [{ eventId: "1" }] } }]);
    const token = encodeURIComponent((page.json as { readonly nextPageToken: string }).nextPageToken);
    const next = await server.ask("GET", `${N}/workflows/workflow/history?nextPageToken=${token}`);
    expect(next.json).toMatchObject({ history: { events: [{ eventId: "2" }] } });
  }
  const form = { body: "maximumPageSize=1", headers: { "content-type": "application/x-www-form-urlencoded" } };
  const long = await server.ask("POST", `${N}/workflows/workflow/history`, form);
  expect(long.json).toMatchObject({ history: { events: [{ eventId: "1" }] } });
});

test("names of objects' own machinery are data like all others", async () => {
  const server = await serve();
  const memo = JSON.parse('{"fields":{"__proto__":{"polluted":1},"constructor":2}}') as unknown;
  const text = JSON.stringify({ ...work, memo }).replace("{}", '{"__proto__":1}');
  expect((await server.ask("POST", `${N}/workflows/workflow`, { body: text })).status).toBe(200);
  expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
  const { text: shown } = await server.ask("GET", `${N}/workflows/workflow`);
  expect(shown).toContain('"__proto__":{"polluted":1}');
  const query = await server.ask(
    "GET",
    `${N}/workflows/workflow?__proto__.polluted=1&constructor.prototype.polluted=1`,
  );
  expect(query.status).toBe(200);
  expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
});

test("an id may hold anything that a path can escape", async () => {
  const server = await serve();
  for (const id of ["a/b", "..", "a b+c%", "ü", "<script>"]) {
    const place = `${N}/workflows/${id === ".." ? ".." : encodeURIComponent(id)}`;
    expect((await server.ask("POST", place, { body: work })).status).toBe(200);
    expect((await server.ask("GET", place)).json).toMatchObject({
      workflowExecutionInfo: { execution: { workflowId: id } },
    });
  }
});

test("bodies, headers and waits have limits", async () => {
  const { ask: asking } = await serve();
  const large = await asking("POST", `${N}/workflows/w`, { body: `"${"x".repeat(4 * 1024 * 1024)}"` });
  expect([large.status, large.json, large.headers.connection]).toEqual([
    400,
    { code: 3, message: "http: request body too large" },
    "close",
  ]);
  expect((await asking("GET", "/api/v1/system-info", { headers: { "x-long": "x".repeat(70_000) } })).status).toBe(431);
  const soon = await asking("GET", "/api/v1/system-info", { headers: { "grpc-timeout": "soon" } });
  expect([soon.status, soon.json]).toEqual([400, { code: 3, message: "invalid grpc-timeout: soon" }]);
});

test("a call ends at its deadline", async () => {
  const server = await serve();
  await server.ask("POST", `${N}/workflows/w`, { body: work });
  const headers = { "grpc-timeout": "300m" };
  const waiting = server.ask("POST", `${N}/workflows/w/query/said`, { body: {}, headers });
  const state = { isOver: false };
  void waiting.then(() => (state.isOver = true));
  while (!state.isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    server.clock.advanceToNext();
  }
  expect([(await waiting).status, (await waiting).json]).toMatchObject([504, { code: 4 }]);
});

test("callers show the same keys as over gRPC, and their metadata reaches the call", async () => {
  const { ask: asking } = await serve({ listen: { apiKeys: ["k"] } });
  const refused = await asking("GET", "/api/v1/system-info");
  expect([refused.status, refused.json]).toMatchObject([401, { code: 16 }]);
  const admitted = await asking("GET", "/api/v1/system-info", { headers: { authorization: "Bearer k" } });
  expect([admitted.status, admitted.json]).toMatchObject([200, { capabilities: {} }]);
  const headers = { authorization: "Bearer k", "grpc-metadata-x-bin": "!" };
  expect((await asking("GET", "/api/v1/system-info", { headers })).status).toBe(400);
});

test("calls on their way are told that the server stops, and nothing new is taken", async () => {
  const server = await startTestServer({ listenHttp: {} });
  const port = server.server.httpAddress?.port ?? 0;
  await ask(port, "POST", `${N}/workflows/w`, { body: work });
  const headers = { "grpc-timeout": "3m" };
  const waiting = ask(port, "POST", `${N}/workflows/w/query/said`, { body: {}, headers });
  // The call is there when its deadline is.
  while (server.clock.nextMs !== server.clock.now() + 3) await new Promise((resolve) => setImmediate(resolve));
  await server.server.stop();
  expect([(await waiting).status, (await waiting).json]).toMatchObject([503, { code: 14 }]);
  await expect(ask(port, "GET", "/api/v1/system-info")).rejects.toThrow(/ECONNREFUSED|hang up/);
});
