import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import type { NexusCancelAnswer, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import { Failure } from "../../proto/gen/failure.ts";
import {
  Failure as NexusFailure,
  type CancelOperationRequest,
  type StartOperationRequest,
} from "../../proto/gen/nexus.ts";
import type { Init } from "../../proto/message.ts";
import { fromNexusFailure } from "./failure-conversion.ts";
import { handlerError, type HandlerErrorType } from "./handler-error.ts";
import { fromHttpContent, linkHeader, parseLinkHeader, toHttpContent } from "./http-content.ts";
import type { Invocation } from "./invocation-request.ts";
import { fromNexusLinks } from "./links.ts";
import { refusal } from "./worker-answers.ts";
import { Payload } from "../../proto/gen/common.ts";

/** Answers are not read beyond this. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
const UNSUCCESSFUL = 424;

const typeByStatus: Readonly<Record<number, HandlerErrorType>> = {
  400: "BAD_REQUEST",
  401: "UNAUTHENTICATED",
  403: "UNAUTHORIZED",
  404: "NOT_FOUND",
  408: "REQUEST_TIMEOUT",
  409: "CONFLICT",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  501: "NOT_IMPLEMENTED",
  503: "UNAVAILABLE",
  520: "UPSTREAM_TIMEOUT",
};

/** Asks a handler outside to start an operation, in the words of the Nexus protocol over HTTP. */
export async function startOverHttp(
  baseUrl: string,
  { header, timeoutMs, message }: Invocation<Init<StartOperationRequest>>,
): Promise<NexusStartAnswer> {
  const { service = "", operation = "", requestId = "", callback = "", callbackHeader = {}, links = [] } = message;
  const url = new URL(joinUrl(baseUrl, service, operation));
  if (callback !== "") url.searchParams.set("callback", callback);
  const content = toHttpContent(message.payload === undefined ? undefined : Payload.create(message.payload));
  const named = links.map(({ url: link = "", type = "" }) => ({ url: link, type }));
  const headers: Record<string, string> = {
    ...header,
    "nexus-request-id": requestId,
    "request-timeout": `${Math.trunc(timeoutMs)}ms`,
    ...(named.length === 0 ? {} : { "nexus-link": linkHeader(named) }),
    ...(content.contentType === undefined ? {} : { "content-type": content.contentType }),
    ...prefixed("content-", content.others),
    ...prefixed("nexus-callback-", callbackHeader),
  };
  const answer = await post(url.href, headers, content.body, timeoutMs);
  return "failure" in answer ? answer.failure : readStartAnswer(answer);
}

function prefixed(prefix: string, header: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(header).map(([key, value]) => [`${prefix}${key}`, value ?? ""]));
}

function joinUrl(base: string, ...parts: readonly string[]): string {
  return `${base.replace(/\/$/, "")}/${parts.map(encodeURIComponent).join("/")}`;
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

type Refused = { readonly failure: Extract<NexusStartAnswer, { kind: "failed" | "retry" }> };

/** Sends a request over HTTP; a failure says that there was no answer. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  timeoutMs: number,
): Promise<HttpAnswer | Refused> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body: body.length === 0 ? null : Buffer.from(body),
      redirect: "manual",
      signal: AbortSignal.timeout(Math.max(1, Math.trunc(timeoutMs))),
    });
    return { status: response.status, headers: response.headers, body: await readBody(response) };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    return { failure: callError(timedOut ? "request timed out" : describe(error)) };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function callError(message: string): Refused["failure"] {
  const failure = Failure.create({
    message,
    failureInfo: { case: "applicationFailureInfo", value: { type: "CallError", nonRetryable: false } },
  });
  return { kind: "retry", failure };
}

async function readBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > ANSWER_MAX_BYTES) throw new RangeError("http: response body too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readStartAnswer(answer: HttpAnswer): NexusStartAnswer {
  const { status, headers, body } = answer;
  const links = fromNexusLinks(parseLinkHeader(headers.get("nexus-link") ?? ""));
  if (status === 200) {
    const result = fromHttpContent({ body, contentType: headers.get("content-type") ?? undefined, others: {} });
    return { kind: "completed", outcome: { kind: "succeeded", result }, links };
  }
  if (status === 201) {
    const info = readJson(answer) as { readonly token?: string; readonly state?: string } | undefined;
    if (info?.state !== "running")
      return callError(`invalid operation state in response info: ${JSON.stringify(info?.state ?? "")}`);
    if (info.token === undefined || info.token === "") return callError("empty operation token in response");
    return { kind: "started", operationToken: info.token, links };
  }
  if (status === UNSUCCESSFUL) return readUnsuccessful(answer);
  return refusal(readHandlerError(answer));
}

function readUnsuccessful(answer: HttpAnswer): NexusStartAnswer {
  const failure = readFailure(answer);
  if (failure === undefined) return callError("invalid response content");
  const read = fromNexusFailure(failure);
  const state = answer.headers.get("nexus-operation-state");
  const wraps = failure.metadata["unwrap-error"] === "true" && failure.cause !== undefined;
  const canceled = state === "canceled" || read.failureInfo?.case === "canceledFailureInfo";
  const inner = wraps && failure.cause !== undefined ? fromNexusFailure(failure.cause) : read;
  return { kind: "completed", outcome: { kind: "unsuccessful", failure: inner, canceled }, links: [] };
}

function readJson({ headers, body }: HttpAnswer): unknown {
  if (!(headers.get("content-type") ?? "").startsWith("application/json")) return undefined;
  try {
    return JSON.parse(utf8Text(body));
  } catch {
    return undefined;
  }
}

/** A failure in the words of the Nexus protocol; undefined if the body holds none. */
function readFailure(answer: HttpAnswer): NexusFailure | undefined {
  const json = readJson(answer);
  return typeof json === "object" && json !== null ? parseNexusFailure(json) : undefined;
}

/** A failure of the Nexus protocol as JSON, whose details are JSON themselves. */
export function parseNexusFailure(json: object): NexusFailure {
  const { message, stackTrace, metadata, details, cause } = json as Readonly<Record<string, unknown>>;
  return NexusFailure.create({
    message: typeof message === "string" ? message : "",
    stackTrace: typeof stackTrace === "string" ? stackTrace : "",
    metadata: texts(metadata),
    details: details === undefined ? new Uint8Array(0) : utf8Bytes(JSON.stringify(details)),
    ...(typeof cause === "object" && cause !== null ? { cause: parseNexusFailure(cause) } : {}),
  });
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** What an answer other than success says. */
export function readHandlerError(answer: HttpAnswer): Failure {
  const failure = readFailure(answer);
  const read = failure === undefined ? undefined : fromNexusFailure(failure);
  if (read?.failureInfo?.case === "nexusHandlerFailureInfo") return read;
  const type = typeByStatus[answer.status];
  if (type === undefined) {
    const more = failure === undefined || failure.message === "" ? "" : `: ${failure.message}`;
    return callError(`unexpected response status: "${answer.status}"${more}`).failure;
  }
  const retryable = answer.headers.get("nexus-request-retryable")?.toLowerCase();
  const behavior = retryable === "true" ? 1 : retryable === "false" ? 2 : 0;
  return { ...handlerError(type, "", behavior), cause: read };
}

/** Asks a handler outside to cancel an operation. */
export async function cancelOverHttp(
  baseUrl: string,
  { header, timeoutMs, message }: Invocation<Init<CancelOperationRequest>>,
): Promise<NexusCancelAnswer> {
  const { service = "", operation = "", operationToken = "" } = message;
  const url = joinUrl(baseUrl, service, operation, "cancel");
  const headers = {
    ...header,
    "nexus-operation-token": operationToken,
    "request-timeout": `${Math.trunc(timeoutMs)}ms`,
  };
  const answer = await post(url, headers, new Uint8Array(0), timeoutMs);
  if ("failure" in answer) return answer.failure;
  return answer.status === 202 ? { kind: "succeeded" } : refusal(readHandlerError(answer));
}
