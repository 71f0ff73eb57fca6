import type { Payload } from "../../proto/gen/common.ts";
import type { IncomingHttpHeaders } from "node:http";
import type { Failure } from "../../proto/gen/failure.ts";
import { failureJson, toNexusFailure } from "./failure-conversion.ts";
import { isRetryableHandlerError } from "./handler-error.ts";
import { fromHttpContent } from "./http-content.ts";

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

/** A handler error in the words of the Nexus protocol. */
export function refuseOverHttp(failure: Failure): HttpResponse {
  const info = failure.failureInfo;
  const type = info?.case === "nexusHandlerFailureInfo" ? info.value.type : "INTERNAL";
  return {
    status: statusByType[type] ?? 500,
    headers: {
      "content-type": "application/json",
      "nexus-request-retryable": String(isRetryableHandlerError(failure)),
    },
    body: Buffer.from(JSON.stringify(failureJson(toNexusFailure(failure)))),
  };
}

/** Headers of the content that say nothing of its meaning. */
const TRANSPORT = new Set(["content-type", "content-length", "content-encoding"]);

/** The payload of a request; undefined if it cannot be read. */
export function readContent({ headers, body }: HttpRequest): Payload | undefined {
  const others = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("content-") && !TRANSPORT.has(name))
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
      .filter(([name]) => !name.startsWith("content-") && !name.startsWith(CALLBACK_PREFIX) && name !== "host")
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
