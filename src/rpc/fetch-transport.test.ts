import { expect, test } from "vitest";
import { VirtualClock } from "../core/time/virtual-clock.ts";
import { NamespaceNotFoundFailure } from "../proto/gen/errordetails.ts";
import { Health } from "../proto/gen/grpc/health.ts";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import type { Init, Method } from "../proto/message.ts";
import { FetchTransport, type FetchTransportOptions } from "./fetch-transport.ts";
import { AddressError } from "./host-port.ts";
import { HttpBindingError } from "./http-binding-error.ts";
import { listHttpMethods } from "./http-binding.ts";
import { toHttpCall } from "./http-call.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { UnaryCall } from "./transport.ts";

const { methods } = WorkflowService;

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A transport whose requests are answered by a function, and what it has sent. */
function connect(
  answer: (sent: Sent) => Response | Promise<Response>,
  options: Partial<FetchTransportOptions> = {},
): { readonly transport: FetchTransport; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const send = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const one = { url: String(url), init };
    sent.push(one);
    return answer(one);
  };
  return {
    sent,
    transport: new FetchTransport({ url: "http://service/base/", fetch: send, ...options }),
  };
}

async function call<Request extends object, Response extends object>(
  transport: FetchTransport,
  method: Method<Request, Response>,
  request: Init<Request>,
  more: Omit<UnaryCall, "path" | "body"> = {},
): Promise<Response> {
  const answer = await transport.call({ path: method.path, body: method.request.encode(request), ...more });
  return method.response.decode(answer);
}

async function errorOf(promise: Promise<unknown>): Promise<RPCError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RPCError)) throw new Error(`expected an RPCError, found ${String(error)}`);
  return error;
}

const ok = (json: unknown): Response => new Response(JSON.stringify(json));
const execution = { workflowId: "a/b c", runId: "" };

test("a call is a request to the path of its method, with payloads as they are", async () => {
  const answered = { runId: "r", unheardOf: { of: 1 }, status: "NOT_YET_INVENTED" };
  const { transport, sent } = connect(() => ok(answered), { clock: new VirtualClock(0) });
  const payload = { metadata: { encoding: new Uint8Array([1]) }, data: new Uint8Array([255]) };
  const request = { namespace: "n", workflowId: "a/b c", input: { payloads: [payload] } };
  const metadata = { authorization: "Bearer k", "temporal-namespace": "n", "x-bin": new Uint8Array([7]) };
  const answer = await call(transport, methods.StartWorkflowExecution, request, { metadata, timeoutMs: 5_000 });
  expect(answer).toMatchObject({ runId: "r", status: 0 });
  const [one] = sent;
  expect([one?.url, one?.init.method, one?.init.redirect]).toEqual([
    "http://service/base/api/v1/namespaces/n/workflows/a%2Fb%20c",
    "POST",
    "manual",
  ]);
  expect(JSON.parse(one?.init.body as string)).toEqual({
    input: { payloads: [{ metadata: { encoding: "AQ==" }, data: "/w==" }] },
  });
  expect(one?.init.headers).toMatchObject({
    accept: "application/json+no-payload-shorthand",
    "content-type": "application/json+no-payload-shorthand",
    authorization: "Bearer k",
    "grpc-metadata-temporal-namespace": "n",
    "grpc-metadata-x-bin": "Bw==",
    "grpc-timeout": "5000m",
  });
});

test("a call without a body has its fields in the query", async () => {
  const { transport, sent } = connect(() => ok({}));
  const nextPageToken = new Uint8Array([251, 255]);
  const request = { namespace: "n", execution, waitNewEvent: true, historyEventFilterType: 2 as const, nextPageToken };
  await call(transport, methods.GetWorkflowExecutionHistory, request);
  expect([sent[0]?.url, sent[0]?.init.body]).toEqual([
    "http://service/base/api/v1/namespaces/n/workflows/a%2Fb%20c/history" +
      "?nextPageToken=%2B%2F8%3D&waitNewEvent=true&historyEventFilterType=HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT",
    undefined,
  ]);
});

test("a request finds the path whose fields it has, and an id that no URL can hold is refused", () => {
  const completed = methods.RespondActivityTaskCompletedById;
  const target = (workflowId: string): string =>
    toHttpCall(completed, completed.request.encode({ namespace: "n", workflowId, activityId: "a" })).target;
  expect(target("w")).toMatch(/^\/api\/v1\/namespaces\/n\/(?:workflows\/w\/)?activities\/a\/complete$/);
  expect(target("")).toBe("/api/v1/namespaces/n/activities/a/complete");
  const start = methods.StartWorkflowExecution;
  expect(toHttpCall(start, start.request.encode({ namespace: "n" })).target).toBe("/api/v1/namespaces/n/workflows/");
  for (const workflowId of ["", ".", ".."]) {
    const body = methods.TerminateWorkflowExecution.request.encode({
      namespace: "n",
      workflowExecution: { workflowId },
    });
    expect(() => toHttpCall(methods.TerminateWorkflowExecution, body)).toThrow(/which no URL can hold/);
  }
});

test("every method with an annotation can be written as a request, and every other one is refused by name", () => {
  for (const method of listHttpMethods().values()) {
    const isCallable = method.http !== undefined;
    const write = (): unknown => toHttpCall(method, new Uint8Array(0));
    if (isCallable) expect(write).not.toThrow(HttpBindingError);
    else expect(write).toThrow(/^Cannot call "\w+" over HTTP: the API has no path for it/);
  }
});

test("calls that the API has no path for say so, and nothing is sent", async () => {
  const { transport, sent } = connect(() => ok({}));
  for (const method of [methods.ExecuteMultiOperation, Health.methods.Check]) {
    const error = await errorOf(transport.call({ path: method.path, body: new Uint8Array(0) }));
    expect([error instanceof HttpBindingError, error.status, error.code]).toEqual([
      true,
      RPCStatusCode.UNIMPLEMENTED,
      "TEMPORAL_RPC_HTTP_BINDING",
    ]);
  }
  expect(sent).toEqual([]);
});

test("an error of the service is the one that gRPC would give, with its details", async () => {
  const details = [
    { "@type": "type.googleapis.com/temporal.api.errordetails.v1.NamespaceNotFoundFailure", namespace: "n", newer: 1 },
    { "@type": "type.googleapis.com/not.known", x: 1 },
  ];
  const { transport } = connect(() => Response.json({ code: 5, message: "no namespace", details }, { status: 404 }));
  const error = await errorOf(call(transport, methods.DescribeNamespace, { namespace: "n" }));
  expect([error.status, error.message, error.details.length]).toEqual([5, "no namespace", 1]);
  const [detail] = error.details;
  expect(NamespaceNotFoundFailure.decode(detail?.value ?? new Uint8Array(0))).toMatchObject({ namespace: "n" });
});

test.each<readonly [string, () => Response | Promise<Response>, RPCStatusCode, RegExp]>([
  ["a page of a proxy", () => new Response("<html>", { status: 502 }), RPCStatusCode.UNAVAILABLE, /HTTP status 502/],
  ["a page of something else", () => new Response("<html>"), RPCStatusCode.INTERNAL, /no JSON of the HTTP API/],
  ["JSON of something else", () => ok({ namespaceInfo: 1 }), RPCStatusCode.INTERNAL, /found number 1/],
  ["a list", () => ok([]), RPCStatusCode.INTERNAL, /found an array/],
  ["a redirection", () => new Response(null, { status: 302 }), RPCStatusCode.UNKNOWN, /HTTP status 302/],
  ["a refusal of the gateway", () => new Response("", { status: 401 }), RPCStatusCode.UNAUTHENTICATED, /401/],
  [
    "no such path",
    () => Response.json({ code: 5, message: "Not Found" }, { status: 404 }),
    RPCStatusCode.UNIMPLEMENTED,
    /knows no such path/,
  ],
  ["no connection", () => Promise.reject(new TypeError("failed")), RPCStatusCode.UNAVAILABLE, /cannot be reached/],
  ["too much", () => new Response("x".repeat(200)), RPCStatusCode.RESOURCE_EXHAUSTED, /larger than max 100/],
  [
    "an answer that breaks off",
    () =>
      new Response(
        new ReadableStream({
          start: (controller) => {
            controller.enqueue(new TextEncoder().encode("{"));
            controller.error(new Error("reset"));
          },
        }),
      ),
    RPCStatusCode.UNAVAILABLE,
    /broke off/,
  ],
])("%s is an error that says what it was", async (_what, answer, status, message) => {
  const { transport } = connect(answer, { answerBytesMax: 100 });
  const error = await errorOf(call(transport, methods.DescribeNamespace, { namespace: "n" }));
  expect([error.status, error.message]).toEqual([status, expect.stringMatching(message)]);
});

test("deadline, abort and close end a call, and the request with it", async () => {
  const clock = new VirtualClock(0);
  const never = ({ init }: Sent): Promise<Response> =>
    new Promise((_resolve, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  const { transport, sent } = connect(never, { clock });
  const late = errorOf(call(transport, methods.GetSystemInfo, {}, { timeoutMs: 10 }));
  const aborter = new AbortController();
  const aborted = errorOf(call(transport, methods.GetSystemInfo, {}, { signal: aborter.signal }));
  const closed = errorOf(call(transport, methods.GetSystemInfo, {}));
  clock.advanceToNext();
  aborter.abort();
  await transport.close();
  const { DEADLINE_EXCEEDED, CANCELLED } = RPCStatusCode;
  expect([(await late).status, (await aborted).status, (await closed).status]).toEqual([
    DEADLINE_EXCEEDED,
    CANCELLED,
    CANCELLED,
  ]);
  expect(sent.map(({ init }) => init.signal?.aborted)).toEqual([true, true, true]);
  expect((await errorOf(call(transport, methods.GetSystemInfo, {}))).status).toBe(CANCELLED);
});

test("metadata that no header can hold is refused before anything is sent", async () => {
  const { transport, sent } = connect(() => ok({}));
  for (const metadata of [{ "Bad Key": "x" }, { key: "ü" }, { "key-bin": "text" }, { key: new Uint8Array(1) }]) {
    const error = await errorOf(call(transport, methods.GetSystemInfo, {}, { metadata }));
    expect(error.status).toBe(RPCStatusCode.INVALID_ARGUMENT);
  }
  expect(sent).toEqual([]);
});

test.each([
  "",
  "service:7243",
  "ftp://service",
  "http://user:secret@service",
  "http://service/?query",
  "http://service/#x",
])('the URL "%s" is refused, without its secrets', (url) => {
  const open = (): FetchTransport => new FetchTransport({ url });
  expect(open).toThrow(AddressError);
  expect(open).not.toThrow("secret");
});
