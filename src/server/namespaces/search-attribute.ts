import { utf8Text } from "../../core/text/utf8.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { IndexedValueType } from "../../proto/gen/enums.ts";

/** A search attribute's value; times are milliseconds since the epoch. */
export type AttributeValue = string | number | boolean | readonly string[];

const typeNames = new Map<IndexedValueType, string>([
  [IndexedValueType.TEXT, "Text"],
  [IndexedValueType.KEYWORD, "Keyword"],
  [IndexedValueType.INT, "Int"],
  [IndexedValueType.DOUBLE, "Double"],
  [IndexedValueType.BOOL, "Bool"],
  [IndexedValueType.DATETIME, "Datetime"],
  [IndexedValueType.KEYWORD_LIST, "KeywordList"],
]);
const typesByName = new Map([...typeNames].map(([type, name]) => [name, type]));

/** Name of a type as payload metadata and flags have it. */
export function typeNameOf(type: IndexedValueType): string {
  return typeNames.get(type) ?? "Unspecified";
}

/** The type with this name; `undefined` if there is none. */
export function typeOfName(name: string): IndexedValueType | undefined {
  return typesByName.get(name);
}

/**
 * Reads a search attribute. Without a type (`UNSPECIFIED`), the one in the payload's metadata counts.
 *
 * @returns `undefined` for an attribute that is being removed (null, or an empty list) or cannot be read.
 */
export function decodeAttribute(payload: Payload, type: IndexedValueType): AttributeValue | undefined {
  const value = parse(payload);
  if (value === undefined || value === null) return undefined;
  const named = payload.metadata["type"];
  const actual = type === IndexedValueType.UNSPECIFIED && named !== undefined ? typeOfName(utf8Text(named)) : type;
  // Older SDKs wrap every value in a list; a list of one is that value.
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) return undefined;
  if (actual === IndexedValueType.KEYWORD_LIST) {
    return list.every((item) => typeof item === "string") ? list : undefined;
  }
  return list.length === 1 ? decodeSingle(list[0], actual) : undefined;
}

/** Whether a payload takes its attribute away. */
export function isRemoval(payload: Payload): boolean {
  const value = parse(payload);
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function decodeSingle(value: unknown, type: IndexedValueType | undefined): AttributeValue | undefined {
  if (type === IndexedValueType.BOOL) return typeof value === "boolean" ? value : undefined;
  if (type === IndexedValueType.INT) return Number.isInteger(value) ? (value as number) : undefined;
  if (type === IndexedValueType.DOUBLE) return typeof value === "number" ? value : undefined;
  if (type === IndexedValueType.DATETIME) {
    const atMs = typeof value === "string" ? Date.parse(value) : NaN;
    return Number.isNaN(atMs) ? undefined : atMs;
  }
  if (typeof value === "string") return value;
  const typed = type === IndexedValueType.TEXT || type === IndexedValueType.KEYWORD;
  return !typed && (typeof value === "number" || typeof value === "boolean") ? value : undefined;
}

function parse({ data }: Payload): unknown {
  if (data.length === 0) return null;
  try {
    return JSON.parse(utf8Text(data));
  } catch {
    return undefined;
  }
}
