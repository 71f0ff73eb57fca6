import type { Clock } from "../../core/time/clock.ts";
import { fromBase64 } from "../../proto/base64.ts";
import { toJson } from "../../proto/json.ts";
import { JsonFormatError } from "../../proto/json-value.ts";
import { parseTimeout } from "../../rpc/deadline-header.ts";
import { serveCall, type AbandonCall } from "../../rpc/incoming.ts";
import { METADATA_KEY, METADATA_TEXT } from "../../rpc/metadata-syntax.ts";
import { asRPCError, RPCError } from "../../rpc/rpc-error.ts";
import { errorToJson } from "../../rpc/status-json.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { Metadata, RpcHandler } from "../../rpc/transport.ts";
import type { HttpRequest, HttpResponse } from "../nexus/http-request.ts";
import { readApiRequest } from "./api-request.ts";
import type { ApiRoutes, RouteMatch } from "./api-routes.ts";
import { writeJson } from "./canonical-json.ts";
import { mediaTypesOf, type MediaType } from "./media-type.ts";
import { shorthandForms } from "./payload-shorthand.ts";

/** What serves the HTTP API. */
export interface ApiCallOptions {
  readonly routes: ApiRoutes;
  readonly handler: RpcHandler;
  readonly authorize: (metadata: Metadata) => void;
  readonly clock: Clock;
}

/** A request of the HTTP API with its way there. */
export interface ApiRequest extends HttpRequest {
  readonly method: string;
  /** The path's segments, decoded. */
  readonly path: readonly string[];
  /** Takes a function that ends the call when the caller is gone. */
  readonly onAbandon: (abandon: AbandonCall) => void;
}

const FORM = "application/x-www-form-urlencoded";

/** Serves one request of the HTTP API: the answer of the gRPC method that it names, in JSON. */
export async function serveApiCall(options: ApiCallOptions, request: ApiRequest): Promise<HttpResponse> {
  const { request: sent, answer: wanted } = mediaTypesOf(request.headers, request.url.searchParams);
  try {
    const { route, query } = findRoute(options.routes, request);
    const metadata = readMetadata(request);
    options.authorize(metadata);
    const timeoutMs = readTimeout(request);
    const body = encodeRequest(route, query, request.body, sent);
    const { path, response } = route.binding.method;
    const answer = await new Promise<Uint8Array>((resolve, reject) => {
      request.onAbandon(
        serveCall(
          options.handler,
          { path, body, metadata, timeoutMs },
          { answer: resolve, fail: reject },
          options.clock,
        ),
      );
    });
    const json = toJson(response, response.decode(answer), wanted.shorthand ? shorthandForms : undefined);
    return jsonResponse(200, writeJson(json, wanted.indent), wanted);
  } catch (error) {
    return errorResponse(asRPCError(error), wanted);
  }
}

/** An error as the answer of the HTTP API. */
export function errorResponse(error: RPCError, media: MediaType): HttpResponse {
  try {
    return jsonResponse(httpStatuses[error.status] ?? 500, writeJson(errorToJson(error), media.indent), media);
  } catch {
    // Details that are no messages of their type; these are the service's words for that.
    return jsonResponse(500, '{"code": 13, "message": "failed to marshal error message"}', media);
  }
}

function jsonResponse(status: number, text: string, { contentType }: MediaType): HttpResponse {
  // Whatever a payload holds, a browser shall not take it for a page.
  const headers = { "content-type": contentType, "x-content-type-options": "nosniff" };
  return { status, headers, body: Buffer.from(text) };
}

const httpStatuses: Readonly<Record<number, number>> = {
  [RPCStatusCode.OK]: 200,
  [RPCStatusCode.CANCELLED]: 499,
  [RPCStatusCode.UNKNOWN]: 500,
  [RPCStatusCode.INVALID_ARGUMENT]: 400,
  [RPCStatusCode.DEADLINE_EXCEEDED]: 504,
  [RPCStatusCode.NOT_FOUND]: 404,
  [RPCStatusCode.ALREADY_EXISTS]: 409,
  [RPCStatusCode.PERMISSION_DENIED]: 403,
  [RPCStatusCode.UNAUTHENTICATED]: 401,
  [RPCStatusCode.RESOURCE_EXHAUSTED]: 429,
  [RPCStatusCode.FAILED_PRECONDITION]: 400,
  [RPCStatusCode.ABORTED]: 409,
  [RPCStatusCode.OUT_OF_RANGE]: 400,
  [RPCStatusCode.UNIMPLEMENTED]: 501,
  [RPCStatusCode.INTERNAL]: 500,
  [RPCStatusCode.UNAVAILABLE]: 503,
  [RPCStatusCode.DATA_LOSS]: 500,
};

function findRoute(
  routes: ApiRoutes,
  { method, path, url, headers, body }: ApiRequest,
): {
  readonly route: RouteMatch;
  readonly query: URLSearchParams;
} {
  const route = routes.find(method, path);
  if (route !== undefined) return { route, query: url.searchParams };
  const verbs = routes.verbsOf(path);
  // A query that is too long for a URL may come as a form.
  const asForm = method === "POST" && headers["content-type"] === FORM ? routes.find("GET", path) : undefined;
  if (asForm !== undefined) {
    const fields = [...new URLSearchParams(Buffer.from(body).toString()), ...url.searchParams];
    return { route: asForm, query: new URLSearchParams(fields) };
  }
  if (verbs.length > 0) throw new RPCError(RPCStatusCode.UNIMPLEMENTED, "Method Not Allowed");
  throw new RPCError(RPCStatusCode.NOT_FOUND, "Not Found");
}

function encodeRequest(route: RouteMatch, query: URLSearchParams, body: Uint8Array, media: MediaType): Uint8Array {
  try {
    return readApiRequest(route, { query, body, media });
  } catch (error) {
    if (!(error instanceof JsonFormatError) && !(error instanceof RangeError)) throw error;
    throw new RPCError(RPCStatusCode.INVALID_ARGUMENT, error.message, { cause: error });
  }
}

function readTimeout({ headers }: ApiRequest): number | undefined {
  const text = headers["grpc-timeout"];
  if (text === undefined) return undefined;
  const timeoutMs = parseTimeout(String(text));
  if (timeoutMs !== undefined) return timeoutMs;
  throw new RPCError(RPCStatusCode.INVALID_ARGUMENT, `invalid grpc-timeout: ${String(text)}`);
}

const METADATA_PREFIX = "grpc-metadata-";
const forwarded = new Set([
  "authorization",
  "authorization-extras",
  "client-name",
  "client-version",
  "x-forwarded-for",
]);

/** Of the headers only those that are metadata by name or prefix reach the call. */
function readMetadata({ headers }: ApiRequest): Metadata {
  const metadata: Record<string, string | Uint8Array> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const key = name.startsWith(METADATA_PREFIX) ? name.slice(METADATA_PREFIX.length) : name;
    if ((key === name && !forwarded.has(name)) || !METADATA_KEY.test(key) || key === "__proto__") continue;
    const text = typeof value === "string" ? value : value.join(", ");
    if (!key.endsWith("-bin")) {
      if (METADATA_TEXT.test(text)) metadata[key] = text;
      continue;
    }
    const bytes = fromBase64(text);
    if (bytes === undefined)
      throw new RPCError(RPCStatusCode.INVALID_ARGUMENT, `invalid binary header ${name}: it is no base64`);
    metadata[key] = bytes;
  }
  return metadata;
}
