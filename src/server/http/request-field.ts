import { parseGoDuration } from "../../core/schedule/go-duration.ts";
import { fromBase64 } from "../../proto/base64.ts";
import { fromJson } from "../../proto/json.ts";
import { JsonFormatError } from "../../proto/json-value.ts";
import { type FieldInfo, type MessageType, ScalarType, setEntry, type ValueKind } from "../../proto/message.ts";

/** A message while it is filled from a path and a query. */
type Draft = { [key: string]: unknown };

/**
 * Sets the field at a path such as `execution.workflow_id` from text, as a path or a query has it. What the type does not
 * have is passed over, since a query may hold other things too.
 *
 * @param values Several for a repeated field; a key and a value for a map.
 * @throws {JsonFormatError} If the field is there and cannot hold the text.
 */
export function setRequestField(
  type: MessageType<object>,
  message: object,
  fieldPath: readonly string[],
  values: readonly string[],
): void {
  let draft = message as Draft;
  let fields = type.fields();
  for (const [at, name] of fieldPath.entries()) {
    const field = findField(fields, name);
    if (field === undefined) return;
    refuseSecondCase(draft, field);
    if (at === fieldPath.length - 1) return assign(draft, field, values);
    if (field.value.kind !== "message" || field.repeated || field.mapKey !== undefined)
      throw new JsonFormatError(`invalid path: "${name}" is not a message`);
    draft = nested(draft, field, field.value.type());
    fields = field.value.type().fields();
  }
}

/** By either of its names; answers it as in the .proto file. */
export function findField(fields: readonly FieldInfo[], name: string): FieldInfo | undefined {
  return fields.find((field) => field.protoName === name || field.name === name);
}

function refuseSecondCase(draft: Draft, field: FieldInfo): void {
  if (field.oneof === undefined) return;
  const set = draft[field.oneof] as { readonly case: string } | undefined;
  if (set === undefined || (set.case === field.name && field.value.kind === "message")) return;
  throw new JsonFormatError(`field already set for oneof "${field.oneof}"`);
}

function nested(draft: Draft, field: FieldInfo, type: MessageType<object>): Draft {
  const known =
    field.oneof === undefined
      ? draft[field.name]
      : (draft[field.oneof] as { readonly value: unknown } | undefined)?.value;
  const message = (known ?? type.create()) as Draft;
  put(draft, field, message);
  return message;
}

function put(draft: Draft, field: FieldInfo, value: unknown): void {
  if (field.oneof === undefined) draft[field.name] = value;
  else draft[field.oneof] = { case: field.name, value };
}

function assign(draft: Draft, field: FieldInfo, values: readonly string[]): void {
  const [first = "", second] = values;
  if (field.mapKey !== undefined) {
    if (second === undefined || values.length > 2)
      throw new JsonFormatError(`more than one value provided for key "${first}" in map "${field.protoName}"`);
    return setEntry(draft[field.name] as Draft, first, parse(field, second));
  }
  if (field.repeated) {
    (draft[field.name] as unknown[]).push(...values.map((value) => parse(field, value)));
    return;
  }
  if (values.length > 1)
    throw new JsonFormatError(`too many values for field "${field.protoName}": ${values.join(", ")}`);
  put(draft, field, parse(field, first));
}

function parse(field: FieldInfo, text: string): unknown {
  const value = parseValue(field.value, text);
  if (value === undefined) {
    const list = field.repeated ? "list" : "field";
    throw new JsonFormatError(`parsing ${list} "${field.protoName}": "${text}" is not a valid value`);
  }
  return value;
}

function parseValue(kind: ValueKind, text: string): unknown {
  switch (kind.kind) {
    case "enum":
      return parseEnum(kind.names, text);
    case "scalar":
      return parseScalar(kind.scalar, text);
    case "message":
      return parseMessage(kind.type(), text);
  }
}

function parseEnum(names: Readonly<Record<number, string>>, text: string): number | undefined {
  for (const [number, name] of Object.entries(names)) if (name === text || number === text) return Number(number);
  return undefined;
}

const truths: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true])),
  ...Object.fromEntries(["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false])),
};

function parseScalar(scalar: ScalarType, text: string): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return Object.hasOwn(truths, text) ? truths[text] : undefined;
    case ScalarType.BYTES:
      // A plus sign that was not escaped has become a space.
      return fromBase64(text.replaceAll(" ", "+"));
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case ScalarType.INT32:
      return parseWhole(text, -(2 ** 31), 2 ** 31 - 1);
    case ScalarType.UINT32:
      return parseWhole(text, 0, 2 ** 32 - 1);
    case ScalarType.INT64:
      return parseWhole(text, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    case ScalarType.UINT64:
      return parseWhole(text, 0, Number.MAX_SAFE_INTEGER);
  }
}

function parseWhole(text: string, least: number, most: number): number | undefined {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

/** Of messages only some of protobuf's own can be written in a query. */
function parseMessage(type: MessageType<object>, text: string): unknown {
  if (type.typeName === "google.protobuf.Duration") {
    const ms = parseGoDuration(text);
    if (ms === undefined) return undefined;
    const seconds = Math.trunc(ms / 1_000);
    return { seconds, nanos: Math.round((ms - seconds * 1_000) * 1e6) };
  }
  if (type.typeName === "google.protobuf.FieldMask") return { paths: text.split(",") };
  if (!type.typeName.startsWith("google.protobuf."))
    throw new JsonFormatError(`unsupported message type: "${type.typeName}"`);
  return fromJson(type, text);
}
