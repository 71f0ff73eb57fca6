import type { Payload } from "../../proto/gen/common.ts";
import type { IncomingHttpHeaders } from "node:http";
import type { Failure } from "../../proto/gen/failure.ts";
import { NexusHandlerErrorRetryBehavior as RetryBehavior } from "../../proto/gen/enums.ts";
import { failureJson, toNexusFailure } from "./failure-conversion.ts";
import { fromHttpContent, TRANSPORT_HEADERS } from "./http-content.ts";

/** A request over HTTP, read to its end. */
export interface HttpRequest {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** An answer over HTTP. */
export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const statusByType: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  NOT_FOUND: 404,
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  NOT_IMPLEMENTED: 501,
  UNAVAILABLE: 503,
  UPSTREAM_TIMEOUT: 520,
};

/** Whether the caller understands errors with causes. To others the cause alone is told, as the protocol once had it. */
export function understandsCauses({ headers }: HttpRequest): boolean {
  return headers["temporal-nexus-failure-support"] === "true";
}

/** A handler error in the words of the Nexus protocol, as the one who asked understands them. */
export function refuseOverHttp(failure: Failure, request?: HttpRequest): HttpResponse {
  const info = failure.failureInfo?.case === "nexusHandlerFailureInfo" ? failure.failureInfo.value : undefined;
  const knowsCauses = request === undefined || understandsCauses(request);
  const told = knowsCauses ? failure : (failure.cause ?? failure);
  const retryable = info === undefined ? undefined : retryableByBehavior[info.retryBehavior];
  return {
    status: statusByType[info?.type ?? "INTERNAL"] ?? 500,
    headers: {
      "content-type": "application/json",
      ...(retryable === undefined ? {} : { "nexus-request-retryable": retryable }),
    },
    body: Buffer.from(JSON.stringify(failureJson(toNexusFailure(told)))),
  };
}

// Where the handler says nothing of it, the caller knows by the sort of the error.
const retryableByBehavior: Readonly<Record<number, string>> = {
  [RetryBehavior.RETRYABLE]: "true",
  [RetryBehavior.NON_RETRYABLE]: "false",
};

/** The payload of a request; undefined if it cannot be read. */
export function readContent({ headers, body }: HttpRequest): Payload | undefined {
  const others = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("content-") && !TRANSPORT_HEADERS.has(name))
      .map(([name, value]) => [name.slice("content-".length), String(value)]),
  );
  try {
    return fromHttpContent({ body, contentType: headers["content-type"], others });
  } catch {
    return undefined;
  }
}

/** Headers of an operation: all but those of the transport, of the content and of the callback. */
export function operationHeaders({ headers }: HttpRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith("content-") && !name.startsWith(CALLBACK_PREFIX))
      .filter(([name]) => name !== "host")
      .map(([name, value]) => [name, String(value)]),
  );
}

const CALLBACK_PREFIX = "nexus-callback-";

/** Headers that the handler gives back with the completion. */
export function callbackHeaders({ headers }: HttpRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(CALLBACK_PREFIX))
      .map(([name, value]) => [name.slice(CALLBACK_PREFIX.length), String(value)]),
  );
}
