import { fromBase64, toBase64 } from "./base64.ts";
import type { Any, Duration, FieldMask, ListValue, Struct, Timestamp, Value } from "./gen/google/protobuf.ts";
import { isJsonObject, type JsonValue, mismatch } from "./json-value.ts";

/** Types that proto3 JSON writes in a form of their own. */
interface WellKnownJson<T> {
  toJson(message: T): JsonValue;
  fromJson(json: JsonValue, path: string): T;
}

const timestampPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
const durationPattern = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

const timestampJson: WellKnownJson<Timestamp> = {
  toJson({ seconds, nanos }) {
    const days = Math.floor(seconds / 86_400);
    const [year, month, day] = toCivil(days);
    const rest = seconds - days * 86_400;
    return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(Math.floor(rest / 3600), 2)}:${pad(Math.floor(rest / 60) % 60, 2)}:${pad(rest % 60, 2)}${fraction(nanos)}Z`;
  },
  fromJson(json, path) {
    const match = typeof json === "string" ? timestampPattern.exec(json) : null;
    if (match === null) throw mismatch(path, json, "a time such as 2026-01-31T09:00:00.5Z");
    const [, year, month, day, hour, minute, second, part = "", zone = "Z"] = match;
    const offset =
      zone === "Z"
        ? 0
        : (zone.startsWith("-") ? -1 : 1) * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(4)) * 60);
    const seconds =
      fromCivil(Number(year), Number(month), Number(day)) * 86_400 +
      Number(hour) * 3600 +
      Number(minute) * 60 +
      Number(second) -
      offset;
    return { seconds, nanos: Number(part.padEnd(9, "0")) };
  },
};

const durationJson: WellKnownJson<Duration> = {
  toJson({ seconds, nanos }) {
    const sign = seconds < 0 || nanos < 0 ? "-" : "";
    return `${sign}${Math.abs(seconds)}${fraction(Math.abs(nanos))}s`;
  },
  fromJson(json, path) {
    const match = typeof json === "string" ? durationPattern.exec(json) : null;
    if (match === null) throw mismatch(path, json, "a duration such as 1.5s");
    const [, sign, seconds, part = ""] = match;
    const factor = sign === "-" ? -1 : 1;
    return { seconds: Number(seconds) * factor || 0, nanos: Number(part.padEnd(9, "0")) * factor || 0 };
  },
};

const fieldMaskJson: WellKnownJson<FieldMask> = {
  toJson: ({ paths }) =>
    paths.map((path) => path.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())).join(","),
  fromJson(json, path) {
    if (typeof json !== "string") throw mismatch(path, json, "field names joined by commas");
    return {
      paths:
        json === ""
          ? []
          : json.split(",").map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
    };
  },
};

/** Written with its bytes, since which types exist is not known here. */
const anyJson: WellKnownJson<Any> = {
  toJson: ({ typeUrl, value }) => ({ "@type": typeUrl, value: toBase64(value) }),
  fromJson(json, path) {
    if (!isJsonObject(json)) throw mismatch(path, json, "an object");
    const { "@type": typeUrl = "", value = "" } = json;
    const bytes = typeof value === "string" ? fromBase64(value) : undefined;
    if (typeof typeUrl !== "string" || bytes === undefined)
      throw mismatch(path, json, 'an object with "@type" and base64 in "value"');
    return { typeUrl, value: bytes };
  },
};

function valueToJson({ kind }: Value): JsonValue {
  switch (kind?.case) {
    case "numberValue":
    case "stringValue":
    case "boolValue":
      return kind.value;
    case "structValue":
      return Object.fromEntries(Object.entries(kind.value.fields).map(([key, value]) => [key, valueToJson(value)]));
    case "listValue":
      return kind.value.values.map(valueToJson);
    case "nullValue":
    case undefined:
      return null;
  }
}

function valueFromJson(json: JsonValue): Value {
  if (json === null) return { kind: { case: "nullValue", value: 0 } };
  if (typeof json === "number" || typeof json === "bigint")
    return { kind: { case: "numberValue", value: Number(json) } };
  if (typeof json === "string") return { kind: { case: "stringValue", value: json } };
  if (typeof json === "boolean") return { kind: { case: "boolValue", value: json } };
  if (Array.isArray(json)) return { kind: { case: "listValue", value: { values: json.map(valueFromJson) } } };
  return { kind: { case: "structValue", value: structFromJson(json) } };
}

function structFromJson(json: { [key: string]: JsonValue }): Struct {
  return { fields: Object.fromEntries(Object.entries(json).map(([key, value]) => [key, valueFromJson(value)])) };
}

const valueJson: WellKnownJson<Value> = { toJson: valueToJson, fromJson: valueFromJson };

const structJson: WellKnownJson<Struct> = {
  toJson: (struct) => valueToJson({ kind: { case: "structValue", value: struct } }),
  fromJson(json, path) {
    if (!isJsonObject(json)) throw mismatch(path, json, "an object");
    return structFromJson(json);
  },
};

const listJson: WellKnownJson<ListValue> = {
  toJson: (list) => list.values.map(valueToJson),
  fromJson(json, path) {
    if (!Array.isArray(json)) throw mismatch(path, json, "an array");
    return { values: json.map(valueFromJson) };
  },
};

/** A wrapper is written as the value that it wraps. */
function wrapper(
  accepts: (json: JsonValue) => unknown,
  wanted: string,
  write: (value: never) => JsonValue = (value) => value,
): WellKnownJson<{ value: unknown }> {
  return {
    toJson: ({ value }) => write(value as never),
    fromJson(json, path) {
      const value = accepts(json);
      if (value === undefined) throw mismatch(path, json, wanted);
      return { value };
    },
  };
}

const numberWrapper = wrapper(
  (json) =>
    typeof json === "number" || typeof json === "bigint" || (typeof json === "string" && Number.isFinite(Number(json)))
      ? Number(json)
      : undefined,
  "a number",
);
const longWrapper = wrapper(
  (json) => (Number.isSafeInteger(Number(json)) && json !== null && json !== "" ? Number(json) : undefined),
  "a whole number",
  String,
);

/** By full name. */
export const wellKnownJson: ReadonlyMap<string, WellKnownJson<object>> = new Map(
  Object.entries({
    "google.protobuf.Timestamp": timestampJson,
    "google.protobuf.Duration": durationJson,
    "google.protobuf.FieldMask": fieldMaskJson,
    "google.protobuf.Any": anyJson,
    "google.protobuf.Value": valueJson,
    "google.protobuf.Struct": structJson,
    "google.protobuf.ListValue": listJson,
    "google.protobuf.DoubleValue": numberWrapper,
    "google.protobuf.FloatValue": numberWrapper,
    "google.protobuf.Int32Value": numberWrapper,
    "google.protobuf.UInt32Value": numberWrapper,
    "google.protobuf.Int64Value": longWrapper,
    "google.protobuf.UInt64Value": longWrapper,
    "google.protobuf.BoolValue": wrapper((json) => (typeof json === "boolean" ? json : undefined), "true or false"),
    "google.protobuf.StringValue": wrapper((json) => (typeof json === "string" ? json : undefined), "a string"),
    "google.protobuf.BytesValue": wrapper(
      (json) => (typeof json === "string" ? fromBase64(json) : undefined),
      "base64 text",
      toBase64,
    ),
  } as { readonly [typeName: string]: unknown }),
) as ReadonlyMap<string, WellKnownJson<object>>;

function fraction(nanos: number): string {
  if (nanos === 0) return "";
  const digits = pad(nanos, 9);
  if (nanos % 1_000_000 === 0) return `.${digits.slice(0, 3)}`;
  return nanos % 1000 === 0 ? `.${digits.slice(0, 6)}` : `.${digits}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** Days since 1970-01-01 to a date of the Gregorian calendar; the pure layers have no Date. */
function toCivil(days: number): [year: number, month: number, day: number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1];
}

function fromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
