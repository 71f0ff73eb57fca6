import type { NexusCancelAnswer, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import { Payload } from "../../proto/gen/common.ts";
import type { CancelOperationRequest, StartOperationRequest } from "../../proto/gen/nexus.ts";
import type { Init } from "../../proto/message.ts";
import { readHandlerError, readStartAnswer, unanswered, type HttpAnswer, type Unanswered } from "./http-answer.ts";
import { linkHeader, toHttpContent } from "./http-content.ts";
import type { Invocation } from "./invocation-request.ts";
import { refusal } from "./worker-answers.ts";

/** Answers are not read beyond this. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;

/** How this server names itself to others. */
export const USER_AGENT = "temporalio/server";

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
    "temporal-nexus-failure-support": "true",
    "nexus-request-id": requestId,
    "request-timeout": `${Math.trunc(timeoutMs)}ms`,
    ...(named.length === 0 ? {} : { "nexus-link": linkHeader(named) }),
    ...(content.contentType === undefined ? {} : { "content-type": content.contentType }),
    ...prefixed("content-", content.others),
    ...prefixed("nexus-callback-", callbackHeader),
  };
  const answer = await post(url.href, headers, content.body, { timeoutMs, redirect: "follow" });
  return "failure" in answer ? answer : readStartAnswer(answer);
}

function prefixed(prefix: string, header: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(header).map(([key, value]) => [`${prefix}${key}`, value ?? ""]));
}

function joinUrl(base: string, ...parts: readonly string[]): string {
  return `${base.replace(/\/$/, "")}/${parts.map(encodeURIComponent).join("/")}`;
}

interface PostOptions {
  readonly timeoutMs: number;
  /** Callbacks go nowhere but to the addresses that are allowed. */
  readonly redirect: "follow" | "manual";
}

/** Sends a request over HTTP; a failure says that there was no answer. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  { timeoutMs, redirect }: PostOptions,
): Promise<HttpAnswer | Unanswered> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "user-agent": USER_AGENT, ...headers },
      body: body.length === 0 ? null : Buffer.from(body),
      redirect,
      signal: AbortSignal.timeout(Math.max(1, Math.trunc(timeoutMs))),
    });
    const { status, statusText } = response;
    return { status, statusText, headers: response.headers, body: await readBody(response) };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "TimeoutError";
    return unanswered(timedOut ? "request timed out" : describe(error));
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
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
  const answer = await post(url, headers, new Uint8Array(0), { timeoutMs, redirect: "follow" });
  if ("failure" in answer) return answer;
  return answer.status === 202 ? { kind: "succeeded" } : refusal(readHandlerError(answer));
}
