import { type FieldInfo, type MessageType, ScalarType, type ValueKind } from "./message.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { isJsonObject, JsonFormatError, type JsonValue, mismatch } from "./json-value.ts";
import { wellKnownJson } from "./well-known-json.ts";

/** Types that JSON writes in a form of their own, by full name, besides those of protobuf itself; `undefined` means the usual form. */
export type JsonForms = ReadonlyMap<string, JsonForm>;

/** One of {@link JsonForms}. */
export interface JsonForm {
  toJson(message: object): JsonValue | undefined;
  fromJson(json: JsonValue, path: string): object | undefined;
}

/** How {@link fromJson} treats what it does not expect. */
export interface FromJsonOptions {
  /** @default none */
  readonly forms?: JsonForms;
  /** Leaves out fields that the type does not have instead of refusing them. @default false */
  readonly ignoreUnknownFields?: boolean;
  /** Reads an enum value that is no full name, such as the PascalCase names of old history exports. Answers undefined if it cannot. */
  readonly enumValue?: (names: Readonly<Record<number, string>>, text: string) => number | undefined;
}

/** Writes a message as proto3 JSON: names in camelCase, 64-bit numbers as strings, bytes as base64, defaults left out. */
export function toJson<T extends object>(type: MessageType<T>, message: T, forms: JsonForms = noForms): JsonValue {
  const own = forms.get(type.typeName)?.toJson(message);
  if (own !== undefined) return own;
  const special = wellKnownJson.get(type.typeName);
  if (special !== undefined) return special.toJson(message);
  const result: { [key: string]: JsonValue } = {};
  const source = message as Readonly<Record<string, unknown>>;
  for (const field of type.fields()) {
    const value = valueOf(source, field);
    if (value === undefined) continue;
    const json = writeField(field, value, forms);
    if (json !== undefined) result[field.name] = json;
  }
  return result;
}

const noForms: JsonForms = new Map();

function valueOf(source: Readonly<Record<string, unknown>>, field: FieldInfo): unknown {
  if (field.oneof === undefined) return source[field.name];
  const choice = source[field.oneof] as { readonly case: string; readonly value: unknown } | undefined;
  return choice?.case === field.name ? choice.value : undefined;
}

function writeField(field: FieldInfo, value: unknown, forms: JsonForms): JsonValue | undefined {
  if (field.mapKey !== undefined) {
    const entries = Object.entries(value as object);
    return entries.length === 0
      ? undefined
      : Object.fromEntries(entries.map(([key, one]) => [key, writeValue(field.value, one, forms)]));
  }
  if (field.repeated) {
    const list = value as readonly unknown[];
    return list.length === 0 ? undefined : list.map((one) => writeValue(field.value, one, forms));
  }
  return field.oneof === undefined && isDefault(value) ? undefined : writeValue(field.value, value, forms);
}

function isDefault(value: unknown): boolean {
  return value === 0 || value === "" || value === false || (value instanceof Uint8Array && value.length === 0);
}

function writeValue(kind: ValueKind, value: unknown, forms: JsonForms): JsonValue {
  switch (kind.kind) {
    case "message":
      return toJson(kind.type(), value as object, forms);
    case "enum":
      return kind.names[value as number] ?? (value as number);
    case "scalar":
      return writeScalar(kind.scalar, value);
  }
}

function writeScalar(scalar: ScalarType, value: unknown): JsonValue {
  if (scalar === ScalarType.BYTES) return toBase64(value as Uint8Array);
  if (scalar === ScalarType.INT64 || scalar === ScalarType.UINT64) return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value as JsonValue;
}

/**
 * Reads a message from proto3 JSON. Names may be camelCase or as in the .proto file; null is the default.
 *
 * @throws {JsonFormatError} Naming the place, what was found and what was wanted.
 */
export function fromJson<T extends object>(type: MessageType<T>, json: JsonValue, options: FromJsonOptions = {}): T {
  return readMessage(type, json, options, type.typeName) as T;
}

function readMessage(type: MessageType<object>, json: JsonValue, options: FromJsonOptions, path: string): object {
  const own = options.forms?.get(type.typeName)?.fromJson(json, path);
  if (own !== undefined) return own;
  const special = wellKnownJson.get(type.typeName);
  if (special !== undefined) return special.fromJson(json, path);
  if (!isJsonObject(json)) throw mismatch(path, json, "an object");
  const message = type.create() as { [key: string]: unknown };
  const fields = new Map<string, FieldInfo>();
  for (const field of type.fields()) {
    fields.set(field.name, field);
    fields.set(field.protoName, field);
  }
  const taken = new Set<string>();
  for (const [key, value] of Object.entries(json)) {
    const field = fields.get(key);
    if (field !== undefined) {
      if (value === null) continue;
      const slot = field.oneof ?? field.name;
      if (taken.has(slot))
        throw new JsonFormatError(
          `Cannot read JSON at "${path}": field "${key}" is there already, or its oneof is set`,
        );
      taken.add(slot);
      readField(message, field, value, options, `${path}.${key}`);
    } else if (options.ignoreUnknownFields !== true)
      throw new JsonFormatError(
        `Cannot read JSON at "${path}": field "${key}" is unknown, expected one of ${type
          .fields()
          .map((one) => one.name)
          .join(", ")}`,
      );
  }
  return message;
}

function readField(
  message: { [key: string]: unknown },
  field: FieldInfo,
  json: JsonValue,
  options: FromJsonOptions,
  path: string,
): void {
  if (field.mapKey !== undefined) {
    if (!isJsonObject(json)) throw mismatch(path, json, "an object");
    message[field.name] = Object.fromEntries(
      Object.entries(json).map(([key, value]) => [key, readValue(field.value, value, options, `${path}.${key}`)]),
    );
  } else if (field.repeated) {
    if (!Array.isArray(json)) throw mismatch(path, json, "an array");
    message[field.name] = json.map((value, index) => readValue(field.value, value, options, `${path}[${index}]`));
  } else {
    const value = readValue(field.value, json, options, path);
    if (field.oneof === undefined) message[field.name] = value;
    else message[field.oneof] = { case: field.name, value };
  }
}

function readValue(kind: ValueKind, json: JsonValue, options: FromJsonOptions, path: string): unknown {
  switch (kind.kind) {
    case "message":
      return readMessage(kind.type(), json, options, path);
    case "enum":
      return readEnum(kind.names, json, options, path);
    case "scalar":
      return readScalar(kind.scalar, json, path);
  }
}

function readEnum(
  names: Readonly<Record<number, string>>,
  json: JsonValue,
  options: FromJsonOptions,
  path: string,
): number {
  if (typeof json === "number" && Number.isInteger(json)) return json;
  if (typeof json === "string") {
    for (const [number, name] of Object.entries(names)) if (name === json) return Number(number);
    const other = options.enumValue?.(names, json);
    if (other !== undefined) return other;
  }
  throw mismatch(path, json, `one of ${Object.values(names).join(", ")}`);
}

function readScalar(scalar: ScalarType, json: JsonValue, path: string): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      if (typeof json === "string") return json;
      throw mismatch(path, json, "a string");
    case ScalarType.BOOL:
      if (typeof json === "boolean") return json;
      throw mismatch(path, json, "true or false");
    case ScalarType.BYTES:
      return readBytes(json, path);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return readNumber(json, path, false);
    case ScalarType.INT32:
    case ScalarType.INT64:
    case ScalarType.UINT32:
    case ScalarType.UINT64:
      return readNumber(json, path, true);
  }
}

function readBytes(json: JsonValue, path: string): Uint8Array {
  const bytes = typeof json === "string" ? fromBase64(json) : undefined;
  if (bytes === undefined) throw mismatch(path, json, "base64 text");
  return bytes;
}

function readNumber(json: JsonValue, path: string, integer: boolean): number {
  const value = typeof json === "bigint" || (typeof json === "string" && json.trim() !== "") ? Number(json) : json;
  if (typeof value !== "number" || (Number.isNaN(value) && json !== "NaN")) throw mismatch(path, json, "a number");
  if (integer && !Number.isSafeInteger(value)) throw mismatch(path, json, "a whole number within 2^53");
  return value;
}
