import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import type { NexusOutcome, NexusStartAnswer } from "../../core/execution/nexus/answer.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { Failure as NexusFailure } from "../../proto/gen/nexus.ts";
import { callError } from "./call-error.ts";
import { fromNexusFailure, malformedFailure, operationStateOf } from "./failure-conversion.ts";
import { handlerError, type HandlerErrorType } from "./handler-error.ts";
import { fromHttpContent, isJson, parseLinkHeader, TRANSPORT_HEADERS } from "./http-content.ts";
import { fromNexusLinks } from "./links.ts";
import { refusal } from "./worker-answers.ts";

/** An answer over HTTP, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** No answer, or one that says nothing that can be understood. */
export type Unanswered = Extract<NexusStartAnswer, { kind: "retry" }>;

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

/** A call that may do better another time. */
export function unanswered(message: string): Unanswered {
  return { kind: "retry", failure: callError(message, true) };
}

/** What an answer to a request to start an operation says. */
export function readStartAnswer(answer: HttpAnswer): NexusStartAnswer {
  const { status, headers } = answer;
  const linkText = headers.get("nexus-link") ?? "";
  const named = parseLinkHeader(linkText);
  if (named === undefined) return unanswered(`invalid links header: [${JSON.stringify(linkText)}]`);
  const links = fromNexusLinks(named);
  if (status === 200) return { kind: "completed", outcome: { kind: "succeeded", result: readResult(answer) }, links };
  if (status === 201) return readStarted(answer, links);
  if (status === UNSUCCESSFUL) return readUnsuccessful(answer);
  return refusal(readHandlerError(answer));
}

function readResult({ headers, body }: HttpAnswer): Extract<NexusOutcome, { kind: "succeeded" }>["result"] {
  const others = [...headers]
    .filter(([name]) => name.startsWith("content-") && !TRANSPORT_HEADERS.has(name))
    .map(([name, value]) => [name.slice("content-".length), value]);
  const contentType = headers.get("content-type") ?? undefined;
  return fromHttpContent({ body, contentType, others: Object.fromEntries(others) as Record<string, string> });
}

function readStarted(
  answer: HttpAnswer,
  links: Extract<NexusStartAnswer, { kind: "started" }>["links"],
): NexusStartAnswer {
  const read = readJson(answer);
  if ("fault" in read) return unanswered(read.fault);
  const { token, state } = (read.json ?? {}) as { readonly token?: unknown; readonly state?: unknown };
  if (state !== "running")
    return unanswered(`invalid operation state in response info: ${JSON.stringify(state ?? "")}`);
  if (typeof token !== "string" || token === "") return unanswered("empty operation token in response");
  return { kind: "started", operationToken: token, links };
}

function readUnsuccessful(answer: HttpAnswer): NexusStartAnswer {
  const read = readJson(answer);
  if ("fault" in read) return unanswered(read.fault);
  const failure = toFailure(read.json);
  const wrong = malformedFailure(failure);
  if (wrong !== undefined) return unanswered(wrong);
  const header = answer.headers.get("nexus-operation-state") ?? "";
  const state = operationStateOf(failure) ?? header;
  if (state !== "failed" && state !== "canceled") {
    const more = failure.message === "" ? "" : `: ${failure.message}`;
    return unanswered(`invalid operation state header: ${JSON.stringify(state)}${more}`);
  }
  return { kind: "completed", outcome: readOperationError(failure, state), links: [] };
}

/** How an operation has ended without success. An error that only wraps another says nothing itself. */
export function readOperationError(failure: NexusFailure, state: "failed" | "canceled"): NexusOutcome {
  const wraps = failure.metadata["unwrap-error"] === "true" && failure.cause !== undefined;
  const told = wraps && failure.cause !== undefined ? failure.cause : failure;
  return { kind: "unsuccessful", failure: fromNexusFailure(told), canceled: state === "canceled" };
}

/** What an answer other than success says. */
export function readHandlerError(answer: HttpAnswer): Failure {
  const { status, statusText } = answer;
  const read = readJson(answer);
  const failure = "fault" in read || typeof read.json !== "object" ? undefined : toFailure(read.json);
  const more = failure === undefined || failure.message === "" ? "" : `: ${failure.message}`;
  const wrong = failure === undefined ? undefined : malformedFailure(failure);
  if (wrong !== undefined) return callError(`failed to convert Failure to error: ${wrong}${more}`, true);
  const cause = failure === undefined ? undefined : fromNexusFailure(failure);
  if (cause?.failureInfo?.case === "nexusHandlerFailureInfo") return cause;
  const type = typeByStatus[status];
  if (type === undefined) {
    return callError(`unexpected response status: ${JSON.stringify(`${status} ${statusText}`.trim())}${more}`, true);
  }
  const retryable = answer.headers.get("nexus-request-retryable")?.toLowerCase();
  const behavior = retryable === "true" ? 1 : retryable === "false" ? 2 : 0;
  return { ...handlerError(type, "", behavior), cause };
}

function readJson({ headers, body }: HttpAnswer): { readonly json: unknown } | { readonly fault: string } {
  const contentType = headers.get("content-type") ?? "";
  if (!isJson(contentType)) return { fault: `invalid response content type: ${JSON.stringify(contentType)}` };
  try {
    return { json: JSON.parse(utf8Text(body)) };
  } catch {
    return { fault: body.length === 0 ? "unexpected end of JSON input" : "invalid JSON in response" };
  }
}

function toFailure(json: unknown): NexusFailure {
  return parseNexusFailure(typeof json === "object" && json !== null ? json : {});
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
