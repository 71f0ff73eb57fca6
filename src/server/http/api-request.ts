import { fromJson, type FromJsonOptions } from "../../proto/json.ts";
import { JsonFormatError } from "../../proto/json-value.ts";
import { parseJsonText } from "../../proto/json-text.ts";
import type { MessageType } from "../../proto/message.ts";
import type { RouteMatch } from "./api-routes.ts";
import type { MediaType } from "./media-type.ts";
import { shorthandForms } from "./payload-shorthand.ts";
import { findField, setRequestField } from "./request-field.ts";

/** What a request of the HTTP API consists of besides its path. */
export interface ApiRequestParts {
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
  readonly media: MediaType;
}

const strictText = new TextDecoder("utf-8", { fatal: true });

/**
 * The encoded request that a route's path, query and body make. The path wins over the body; a query counts only where
 * there is no body.
 *
 * @throws {JsonFormatError} If a part cannot be read.
 */
export function readApiRequest({ binding, values }: RouteMatch, { query, body, media }: ApiRequestParts): Uint8Array {
  const type = binding.method.request;
  const fieldPaths = binding.segments.flatMap((segment) => (segment.kind === "field" ? [segment.fieldPath] : []));
  const takesBody = binding.rule.body !== undefined;
  const message =
    takesBody && body.length > 0 ? fromJson(type, parseJsonText(decode(body)), jsonOptions(media)) : type.create();
  for (const [at, fieldPath] of fieldPaths.entries()) {
    setRequestField(type, message, fieldPath, [values[at] ?? ""]);
  }
  if (takesBody) return type.encode(message);
  const inPath = new Set(fieldPaths.map((fieldPath) => protoPath(type, fieldPath)));
  for (const [key, found] of groups(query)) {
    const fieldPath = key.split(".");
    if (!inPath.has(protoPath(type, fieldPath))) setRequestField(type, message, fieldPath, found);
  }
  return type.encode(message);
}

/** The path of a field by the names in the .proto file, whichever it was written with. */
function protoPath(type: MessageType<object>, fieldPath: readonly string[]): string {
  const [name = "", ...rest] = fieldPath;
  const field = findField(type.fields(), name);
  const nested = field?.value.kind === "message" ? field.value.type() : undefined;
  const inner = nested === undefined ? rest.join(".") : protoPath(nested, rest);
  return `${field?.protoName ?? name}${rest.length === 0 ? "" : `.${inner}`}`;
}

/** Values by key, in their order; `key[name]=value` is an entry of a map. */
function groups(query: URLSearchParams): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  for (const key of new Set(query.keys())) {
    const [, map, entry] = /^(.*)\[(.*)\]$/s.exec(key) ?? [];
    const values = query.getAll(key);
    if (map === undefined || entry === undefined) result.set(key, values);
    else result.set(map, [entry, ...values]);
  }
  return result;
}

function decode(body: Uint8Array): string {
  try {
    return strictText.decode(body);
  } catch {
    throw new JsonFormatError("Cannot read JSON: the body is no UTF-8");
  }
}

function jsonOptions({ shorthand }: MediaType): FromJsonOptions {
  return { enumValue: readCamelCase, ...(shorthand && { forms: shorthandForms }) };
}

/** `TimerFired` is the older name of `EVENT_TYPE_TIMER_FIRED`. */
function readCamelCase(names: Readonly<Record<number, string>>, text: string): number | undefined {
  const prefix = (names[0] ?? "").replace(/_UNSPECIFIED$/, "");
  const wanted = `${prefix}_${text.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "_").toUpperCase()}`;
  const found = Object.entries(names).find(([, name]) => name === wanted);
  return found === undefined ? undefined : Number(found[0]);
}
