import { utf8Bytes, utf8Text } from "../../core/text/utf8.ts";
import { fromBase64, toBase64 } from "../../proto/base64.ts";
import { Payload, Payloads } from "../../proto/gen/common.ts";
import type { JsonForm, JsonForms } from "../../proto/json.ts";
import { isJsonObject, type JsonValue, mismatch } from "../../proto/json-value.ts";
import { parseJsonText } from "../../proto/json-text.ts";
import { setEntry } from "../../proto/message.ts";
import { toCanonicalJson } from "./canonical-json.ts";

const MESSAGE_TYPE_KEY = "_protoMessageType";
const NULL_ENCODING = "binary/null";
const NULL_ENCODING_BASE64 = toBase64(utf8Bytes(NULL_ENCODING));

/**
 * Payloads as the values that they hold, where they hold JSON: `"World"` instead of metadata and data in base64. What is
 * written so reads back as the same payload, but for spaces and the order of names.
 */
const payloadForm: JsonForm = {
  toJson: (message) => toShorthand(message as Payload),
  fromJson: (json, path) => readWhole(json) ?? fromShorthand(json, path),
};

/** A list of values, if all of them have a shorthand. */
const payloadsForm: JsonForm = {
  toJson(message) {
    const values: JsonValue[] = [];
    for (const payload of (message as Payloads).payloads) {
      const value = toShorthand(payload);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  },
  fromJson(json, path) {
    if (!Array.isArray(json)) return undefined;
    const payloads = json.map((one, at) => readWhole(one) ?? fromShorthand(one, `${path}[${at}]`));
    return Payloads.create({ payloads });
  },
};

/** The forms of payloads that requests and answers have unless they say that they have none. */
export const shorthandForms: JsonForms = new Map([
  [Payload.typeName, payloadForm],
  [Payloads.typeName, payloadsForm],
]);

/** `undefined` if the payload has none and is written whole. */
function toShorthand({ metadata, data }: Payload): JsonValue | undefined {
  const encoding = utf8Text(metadata["encoding"] ?? new Uint8Array(0));
  const count = Object.keys(metadata).length;
  if (encoding === NULL_ENCODING) return { metadata: { encoding: NULL_ENCODING_BASE64 } };
  if (encoding === "json/plain" && count === 1) return parseData(data);
  const messageType = utf8Text(metadata["messageType"] ?? new Uint8Array(0));
  if (encoding !== "json/protobuf" || messageType === "" || count !== 2) return undefined;
  const value = parseData(data);
  return isJsonObject(value) ? { ...value, [MESSAGE_TYPE_KEY]: messageType } : undefined;
}

/** Data that is no JSON although it should be is shown as it is. A value that reads as something else is, too. */
function parseData(data: Uint8Array): JsonValue | undefined {
  try {
    const value = parseJsonText(utf8Text(data));
    if (value === null) return { metadata: { encoding: NULL_ENCODING_BASE64 } };
    return isJsonObject(value) && (readWhole(value) !== undefined || MESSAGE_TYPE_KEY in value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** A payload that is written whole: metadata with an encoding, and data. */
function readWhole(json: JsonValue): Payload | undefined {
  if (!isJsonObject(json) || !isJsonObject(json["metadata"])) return undefined;
  const { metadata: given, data, ...others } = json;
  if (!isJsonObject(given) || !Object.hasOwn(given, "encoding") || Object.keys(others).length > 0) return undefined;
  if (data === undefined) {
    const isNull = given["encoding"] === NULL_ENCODING_BASE64;
    return isNull ? Payload.create({ metadata: { encoding: utf8Bytes(NULL_ENCODING) } }) : undefined;
  }
  const bytes = bytesOf(data);
  if (bytes === undefined) return undefined;
  const metadata: { [key: string]: Uint8Array } = {};
  for (const [key, text] of Object.entries(given)) {
    const value = bytesOf(text);
    if (value === undefined) return undefined;
    setEntry(metadata, key, value);
  }
  return { metadata, data: bytes, externalPayloads: [] };
}

function fromShorthand(json: JsonValue, path: string): Payload {
  if (json === null) return Payload.create({ metadata: { encoding: utf8Bytes(NULL_ENCODING) } });
  if (!isJsonObject(json) || !Object.hasOwn(json, MESSAGE_TYPE_KEY)) return toPayload({ encoding: "json/plain" }, json);
  const { [MESSAGE_TYPE_KEY]: messageType = null, ...value } = json;
  if (typeof messageType !== "string") throw mismatch(`${path}.${MESSAGE_TYPE_KEY}`, messageType, "a string");
  return toPayload({ encoding: "json/protobuf", messageType }, value);
}

function toPayload(metadata: Readonly<Record<string, string>>, value: JsonValue): Payload {
  const bytes = Object.entries(metadata).map(([key, text]) => [key, utf8Bytes(text)] as const);
  return Payload.create({ metadata: Object.fromEntries(bytes), data: utf8Bytes(toCanonicalJson(value)) });
}

function bytesOf(json: JsonValue | undefined): Uint8Array | undefined {
  return typeof json === "string" ? fromBase64(json) : undefined;
}
