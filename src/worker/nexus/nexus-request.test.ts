import { HandlerError, operation, OperationError, service, serviceHandler } from "nexus-rpc";
import { expect, test } from "vitest";
import { defaultDataConverter } from "../../payload/data-converter.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { NexusHandlerErrorRetryBehavior } from "../../proto/gen/enums.ts";
import type { Payload } from "../../proto/gen/common.ts";
import type { StartActivityExecutionRequest, StartWorkflowExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import * as nexus from "../../nexus.ts";
import { fromOperationToken } from "../../nexus/operation-token.ts";
import type { Interceptor } from "../interceptor.ts";
import { createNexusBench, startOf } from "./nexus-host.test-support.ts";
import type { NexusHost } from "./nexus-host.ts";

const contract = service("s", { op: operation<string, unknown>() });
type Op = Parameters<typeof serviceHandler<(typeof contract)["operations"]>>[1]["op"];

function bench(op: Op, changes: Partial<NexusHost> = {}, script: Parameters<typeof createNexusBench>[2] = {}) {
  return createNexusBench(serviceHandler(contract, { op }), changes, script);
}

const link = {
  type: "temporal.api.common.v1.Link.WorkflowEvent",
  url: "temporal:///namespaces/default/workflows/caller/r/history?eventID=5&eventType=NexusOperationScheduled&referenceType=EventReference",
};

test("a result is told with the links that the handler added", async () => {
  const { request, reports } = bench(async (ctx, name) => {
    ctx.outboundLinks.push({ url: new URL("https://example.com/x"), type: "t" });
    return `hello ${name}`;
  });
  expect(await request(startOf("op", "Ann")).run()).toBe(false);
  const answer = reports.completed[0]?.response?.variant;
  const variant = answer?.case === "startOperation" ? answer.value.variant : undefined;
  expect(variant?.case).toBe("syncSuccess");
  if (variant?.case !== "syncSuccess") return;
  expect(variant.value.links).toMatchObject([{ url: "https://example.com/x", type: "t" }]);
  expect(variant.value.payload && (await defaultDataConverter.decode([variant.value.payload]))).toEqual(["hello Ann"]);
});

test("a handler sees where its request came in, and by when it is to answer", async () => {
  let seen: unknown;
  const { request } = bench(async (ctx) => {
    await Promise.resolve();
    seen = {
      info: nexus.info(),
      inOperation: nexus.inOperation(),
      isCancelled: nexus.isCancelled(),
      isShutdown: nexus.isWorkerShutdown(),
      deadline: ctx.requestDeadline?.getTime(),
      requestId: ctx.requestId,
      header: ctx.headers["x-name"],
      link: ctx.inboundLinks[0]?.type,
    };
  });
  const start = startOf("op", "", { header: { "X-Name": "v", "Request-Timeout": "10s" } });
  const variant = start.variant;
  if (variant?.case === "startOperation")
    await request({ ...start, variant: { ...variant, value: { ...variant.value, links: [link] } } }).run();
  expect(seen).toEqual({
    info: { endpoint: "e", namespace: "default", taskQueue: "q" },
    inOperation: true,
    isCancelled: false,
    isShutdown: false,
    deadline: 1_010_000,
    requestId: "request-1",
    header: "v",
    link: link.type,
  });
  expect(nexus.inOperation()).toBe(false);
  expect(() => nexus.info()).toThrow(nexus.NotInNexusOperationError);
});

test.each([
  ["a handler error", new HandlerError("CONFLICT", "no"), "CONFLICT", NexusHandlerErrorRetryBehavior.UNSPECIFIED],
  [
    "a handler error that says whether to retry",
    new HandlerError("INTERNAL", "no", { retryableOverride: false }),
    "INTERNAL",
    NexusHandlerErrorRetryBehavior.NON_RETRYABLE,
  ],
  ["an application error", new ApplicationError("no"), "INTERNAL", NexusHandlerErrorRetryBehavior.RETRYABLE],
  [
    "an application error that is final",
    new ApplicationError("no", { nonRetryable: true }),
    "INTERNAL",
    NexusHandlerErrorRetryBehavior.NON_RETRYABLE,
  ],
  ["any error", new Error("no"), "INTERNAL", NexusHandlerErrorRetryBehavior.UNSPECIFIED],
  [
    "what is not found",
    new RPCError(RPCStatusCode.NOT_FOUND, "no"),
    "NOT_FOUND",
    NexusHandlerErrorRetryBehavior.UNSPECIFIED,
  ],
  [
    "what cannot be",
    new RPCError(RPCStatusCode.FAILED_PRECONDITION, "no"),
    "INTERNAL",
    NexusHandlerErrorRetryBehavior.NON_RETRYABLE,
  ],
])("%s fails the request", async (_what, error, type, retryBehavior) => {
  const { request, reports } = bench(async () => {
    throw error;
  });
  expect(await request(startOf("op", "")).run()).toBe(true);
  expect(reports.failed[0]?.failure?.failureInfo).toEqual({
    case: "nexusHandlerFailureInfo",
    value: { type, retryBehavior },
  });
});

test("an older service is told the same packed as JSON", async () => {
  const { request, reports } = bench(async () => {
    throw new HandlerError("CONFLICT", "no", { cause: new ApplicationError("why") });
  });
  await request(startOf("op", "", { capabilities: { temporalFailureResponses: false } })).run();
  const error = reports.failed[0]?.error;
  expect(error).toMatchObject({
    errorType: "CONFLICT",
    failure: { message: "no", metadata: { type: "temporal.api.failure.v1.Failure" } },
  });
  expect(JSON.parse(new TextDecoder().decode(error?.failure?.details))).toMatchObject({ cause: { message: "why" } });
});

test.each([
  ["failed", "applicationFailureInfo"],
  ["canceled", "canceledFailureInfo"],
] as const)("an operation that has %s at its start is told as such", async (state, info) => {
  const fail: Op = async () => {
    throw new OperationError(state, "over");
  };
  const { request, reports } = bench(fail);
  await request(startOf("op", "")).run();
  const answer = reports.completed[0]?.response?.variant;
  const variant = answer?.case === "startOperation" ? answer.value.variant : undefined;
  expect(variant?.case === "failure" ? variant.value : undefined).toMatchObject({
    message: "over",
    failureInfo: { case: info },
  });
  const older = bench(fail);
  await older.request(startOf("op", "", { capabilities: { temporalFailureResponses: false } })).run();
  const packed = older.reports.completed[0]?.response?.variant;
  const packedVariant = packed?.case === "startOperation" ? packed.value.variant : undefined;
  expect(packedVariant).toMatchObject({ case: "operationError", value: { operationState: state } });
});

test.each([
  ["another service", { service: "other" }],
  ["another operation", { operation: "other" }],
])("a request for %s finds no handler", async (_what, change) => {
  const { request, reports } = bench(async () => "");
  const value = { service: "s", operation: "op", ...change };
  await request({ ...startOf("op", ""), variant: { case: "startOperation", value } }).run();
  expect(reports.failed[0]?.failure?.failureInfo?.value).toMatchObject({ type: "NOT_FOUND" });
});

test("an input that cannot be read is the caller's fault, and never tried again", async () => {
  const { request, reports } = bench(async () => "");
  const payload = { metadata: { encoding: new TextEncoder().encode("strange") } };
  const value = { service: "s", operation: "op", payload };
  await request({ ...startOf("op", ""), variant: { case: "startOperation", value } }).run();
  expect(reports.failed[0]?.failure?.failureInfo?.value).toEqual({
    type: "BAD_REQUEST",
    retryBehavior: NexusHandlerErrorRetryBehavior.NON_RETRYABLE,
  });
});

test.each([
  ["codec", "finds wrong", true, "BAD_REQUEST", "Invalid operation input"],
  ["codec", "cannot decode", false, "INTERNAL", "Payload codec failed to decode Nexus operation input"],
])("an input that the %s %s is answered as such", async (_part, _how, isValidation, type, message) => {
  const codec = {
    encode: async (payloads: readonly Payload[]) => [...payloads],
    decode: () => {
      const error = new ApplicationError("wrong", { type: "PayloadValidationError", nonRetryable: true });
      return Promise.reject(isValidation ? error : new Error("no key"));
    },
  };
  const { request, reports } = bench(async () => "", { dataConverter: defaultDataConverter.with({ codec }) });
  await request(startOf("op", "")).run();
  expect(reports.failed[0]?.failure).toMatchObject({ message, failureInfo: { value: { type } } });
});

test("an activity that backs an operation carries the callback, and its run is in the token", async () => {
  const starts: StartActivityExecutionRequest[] = [];
  const { request, reports } = bench(
    nexus.temporalOperation<string, unknown>((_ctx, client, text) =>
      client.startActivity("A", { id: "a", args: [text], startToCloseTimeout: "1s" }),
    ),
    {},
    {
      StartActivityExecution: (start) => {
        starts.push(start);
        return { runId: "run" };
      },
    },
  );
  const start = startOf("op", "Ann");
  const variant = start.variant;
  if (variant?.case !== "startOperation") return;
  const callback = { callback: "http://callback", links: [link] };
  await request({ ...start, variant: { ...variant, value: { ...variant.value, ...callback } } }).run();
  expect(starts[0]).toMatchObject({
    requestId: "request-1",
    taskQueue: { name: "q" },
    onConflictOptions: { attachCompletionCallbacks: true },
    completionCallbacks: [{ links: [{ variant: { case: "workflowEvent" } }], variant: { case: "nexus" } }],
    links: [],
  });
  const answer = reports.completed[0]?.response?.variant;
  const answered = answer?.case === "startOperation" ? answer.value.variant : undefined;
  if (answered?.case !== "asyncSuccess") throw new Error(`Answered ${answered?.case}`);
  expect(answered.value.links[0]?.url).toBe("temporal:///namespaces/default/activities/a/run/details");
  expect(fromOperationToken(answered.value.operationToken)).toEqual({
    kind: "activity",
    namespace: "default",
    activityId: "a",
    runId: "run",
  });
});

/** An operation that waits for its abort; `begun` resolves when it does. */
function waiting(end: (signal: AbortSignal) => unknown) {
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const op: Op = ({ abortSignal }) =>
    new Promise((resolve) => {
      abortSignal.addEventListener("abort", () => resolve(abortSignal));
      begin();
    }).then((signal) => end(signal as AbortSignal));
  return { begun, op };
}

test("a request whose time is over is not answered when its handler gives up", async () => {
  const { begun, op } = waiting((signal) => signal.throwIfAborted());
  const { request, reports, clock } = bench(op);
  const ended = request(startOf("op", "", { header: { "request-timeout": "5s" } })).run();
  await begun;
  clock.advanceBy(5_000);
  expect(await ended).toBe(true);
  expect(reports).toEqual({ completed: [], failed: [] });
});

test("a handler that is told of the shutdown may still answer", async () => {
  const { begun, op } = waiting(() => "done");
  const { request, reports } = bench(op);
  const running = request(startOf("op", ""));
  const ended = running.run();
  await begun;
  running.cancel("Worker is shutting down");
  expect(await ended).toBe(false);
  expect(reports.completed).toHaveLength(1);
});

test("interceptors see starts and cancellations, the first one outermost", async () => {
  const seen: string[] = [];
  const named = (name: string): Interceptor => ({
    interceptNexusOperation: (next) => ({
      executeStart: (input) => {
        seen.push(`${name} ${input.ctx.operation} ${String(input.input)}`);
        return next.executeStart({ ...input, input: `${String(input.input)}!` });
      },
      executeCancel: (input) => {
        seen.push(`${name} cancels ${input.token}`);
        return next.executeCancel(input);
      },
    }),
  });
  const { request, reports } = bench(async (_ctx, input) => seen.push(input), {
    interceptors: [named("a"), named("b")],
  });
  await request(startOf("op", "hi")).run();
  const value = { service: "s", operation: "op", operationToken: "token" };
  await request({ ...startOf("op", ""), variant: { case: "cancelOperation", value } }).run();
  expect(seen).toEqual(["a op hi", "b op hi!", "hi!!", "a cancels token", "b cancels token"]);
  expect(reports.failed[0]?.failure?.failureInfo?.value).toMatchObject({ type: "NOT_IMPLEMENTED" });
});

test("a workflow that backs an operation carries its request id, links and callback", async () => {
  const starts: StartWorkflowExecutionRequest[] = [];
  const { request, reports } = bench(
    nexus.workflowRunOperation<string, unknown>((ctx, name) => ctx.startWorkflow("W", { id: "w", args: [name] })),
    {},
    {
      StartWorkflowExecution: (start) => {
        starts.push(start);
        return { runId: "run" };
      },
    },
  );
  const start = startOf("op", "Ann");
  const variant = start.variant;
  if (variant?.case !== "startOperation") return;
  const callback = { callback: "http://callback", callbackHeader: { Source: "x" }, links: [link] };
  await request({ ...start, variant: { ...variant, value: { ...variant.value, ...callback } } }).run();
  const token = nexus.WorkflowHandle.fromToken;
  const [started] = starts;
  expect(started).toMatchObject({
    requestId: "request-1",
    taskQueue: { name: "q" },
    onConflictOptions: { attachRequestId: true, attachCompletionCallbacks: true, attachLinks: true },
    links: [{ variant: { case: "workflowEvent", value: { workflowId: "caller" } } }],
  });
  const [completion] = started?.completionCallbacks ?? [];
  const header = completion?.variant?.case === "nexus" ? completion.variant.value.header : {};
  expect(header["source"]).toBe("x");
  expect(token(header["nexus-operation-token"] ?? "").workflowId).toBe("w");
  const answer = reports.completed[0]?.response?.variant;
  const answered = answer?.case === "startOperation" ? answer.value.variant : undefined;
  if (answered?.case !== "asyncSuccess") throw new Error(`Answered ${answered?.case}`);
  expect(token(answered.value.operationToken)).toMatchObject({ namespace: "default", workflowId: "w" });
  expect(answered.value.links[0]?.url).toContain("requestID=request-1");
  expect(answered.value.links[0]?.url).toContain("WorkflowExecutionStarted");
});

test("a token that names no workflow cancels none", async () => {
  const { request, reports } = bench(
    nexus.workflowRunOperation<string, unknown>((ctx) => ctx.startWorkflow("W", { id: "w" })),
  );
  const value = { service: "s", operation: "op", operationToken: "eyJ0IjoyfQ" };
  await request({ ...startOf("op", ""), variant: { case: "cancelOperation", value } }).run();
  expect(reports.failed[0]?.failure?.failureInfo?.value).toMatchObject({ type: "NOT_FOUND" });
});
