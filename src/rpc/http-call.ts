import { toBase64 } from "../proto/base64.ts";
import { toJson } from "../proto/json.ts";
import { isJsonObject, type JsonValue } from "../proto/json-value.ts";
import { bindingsOf, type AnyMethod, type HttpBinding } from "./http-binding.ts";
import { HttpBindingError } from "./http-binding-error.ts";
import { METADATA_KEY, METADATA_TEXT } from "./metadata-syntax.ts";
import { methodName } from "./pending-call.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Metadata } from "./transport.ts";

/** A call as a request over HTTP. */
export interface HttpCall {
  readonly verb: string;
  /** Path and query. */
  readonly target: string;
  /** JSON; absent if the request has no body. */
  readonly body: string | undefined;
}

/** JSON with payloads as they are, so that nothing of them is lost. */
export const LOSSLESS_JSON = "application/json+no-payload-shorthand";

/**
 * Writes an encoded call as a request of the HTTP API.
 *
 * @throws {HttpBindingError} If the method cannot be called over HTTP, or not with this request.
 */
export function toHttpCall(method: AnyMethod, body: Uint8Array): HttpCall {
  const message = method.request.decode(body);
  const json = toJson(method.request, message) as { [key: string]: JsonValue };
  const binding = bindingFor(method, json);
  const path = writePath(binding, json);
  if (binding.rule.body !== undefined) {
    return { verb: binding.rule.verb, target: path, body: JSON.stringify(json) };
  }
  const query = queryOf(json).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return { verb: binding.rule.verb, target: query.length === 0 ? path : `${path}?${query.join("&")}`, body: undefined };
}

/** Of the bindings under `/api/v1`, where gateways expect the API, the first whose fields the request has; or else the main one. */
function bindingFor(method: AnyMethod, json: { readonly [key: string]: JsonValue }): HttpBinding {
  const bindings = bindingsOf(method);
  const preferred = bindings.filter(({ rule }) => rule.template.startsWith("/api/"));
  const binding =
    preferred.find(({ segments }) => segments.every((segment) => segment.kind === "literal" || isSet(json, segment))) ??
    preferred[0] ??
    bindings[0];
  if (binding !== undefined) return binding;
  throw new HttpBindingError(
    `Cannot call "${methodName(method.path)}" over HTTP: the API has no path for it; connect with gRPC, to "host:port", where it is needed`,
  );
}

function isSet(json: JsonValue, { fieldPath }: { readonly fieldPath: readonly string[] }): boolean {
  let value: JsonValue | undefined = json;
  for (const name of fieldPath) value = isJsonObject(value) ? value[toJsonName(name)] : undefined;
  return value !== undefined;
}

/** Writes the path, and takes its fields out of the message. */
function writePath({ method, segments }: HttpBinding, json: { [key: string]: JsonValue }): string {
  const parts = segments.map((segment, at) => {
    if (segment.kind === "literal") return segment.text;
    const value = takeField(json, segment.fieldPath.map(toJsonName));
    // URLs know no segment of dots, whichever way it is escaped, and services join what is on the sides of an empty one.
    const isLost = value === "." || value === ".." || (value === "" && at < segments.length - 1);
    if (!isLost) return encodeURIComponent(value);
    const name = segment.fieldPath.join(".");
    const state = value === "" ? "empty" : `"${value}"`;
    throw new RPCError(
      RPCStatusCode.INVALID_ARGUMENT,
      `Cannot call "${methodName(method.path)}" over HTTP: its field "${name}" is ${state}, which no URL can hold; use another value or connect with gRPC`,
    );
  });
  return `/${parts.join("/")}`;
}

function takeField(json: { [key: string]: JsonValue }, [name = "", ...rest]: readonly string[]): string {
  const value = json[name];
  if (rest.length > 0) return isJsonObject(value) ? takeField(value, rest) : "";
  delete json[name];
  return value === undefined ? "" : scalarText(value);
}

/** Fields as `a.b=value`, lists as several, maps as `a[key]=value`. */
function queryOf(json: { [key: string]: JsonValue }, prefix = ""): readonly (readonly [string, string])[] {
  return Object.entries(json).flatMap(([name, value]): readonly (readonly [string, string])[] => {
    const key = `${prefix}${name}`;
    if (isJsonObject(value)) return queryOf(value, `${key}.`);
    return (Array.isArray(value) ? value : [value]).map((one) => [key, scalarText(one)]);
  });
}

/** Fields in paths and queries are texts, numbers and truths. */
function scalarText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function toJsonName(protoName: string): string {
  return protoName.replaceAll(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
}

const METADATA_PREFIX = "grpc-metadata-";
/** Metadata that the service reads from headers of the same name. */
const ownHeaders = new Set(["authorization", "authorization-extras", "client-name", "client-version"]);

/** Metadata as headers of a request over HTTP. @throws {RPCError} If a key or a value cannot be sent. */
export function metadataHeaders(metadata: Metadata): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    const text = typeof value === "string" ? value : toBase64(value);
    if (!METADATA_KEY.test(key) || !METADATA_TEXT.test(text) || (typeof value !== "string") !== key.endsWith("-bin")) {
      throw new RPCError(
        RPCStatusCode.INVALID_ARGUMENT,
        `Cannot send metadata key "${key}": key or value is none of gRPC; use a-z, 0-9, "_", "-", "." and printable ASCII, or bytes with a key that ends in "-bin"`,
      );
    }
    headers[ownHeaders.has(key) ? key : `${METADATA_PREFIX}${key}`] = text;
  }
  return headers;
}
