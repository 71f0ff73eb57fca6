import { PayloadConversionError } from "./payload-error.ts";

/** Deeper values are taken for endless ones. */
const DEPTH_MAX = 1000;

/**
 * JSON with sorted keys, without blanks and in ASCII: the same value gives the same bytes, and the ones that the Python SDK writes.
 *
 * Maps become objects; sets and typed arrays become arrays. Answers undefined for what JSON has no form for.
 *
 * @throws {PayloadConversionError} If the value contains itself, or a bigint.
 */
export function toCanonicalJson(value: unknown): string | undefined {
  return write(value, "", 0);
}

function write(value: unknown, key: string, depth: number): string | undefined {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
    case "boolean":
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : writeObject(value, key, depth);
    case "bigint":
      throw new PayloadConversionError(
        `Cannot convert value at ${key === "" ? "the top" : `key "${key}"`} to JSON: found a bigint, whose type JSON would lose; convert it to a number or a string`,
      );
    case "function":
    case "symbol":
    case "undefined":
      return undefined;
  }
}

function writeObject(value: object, key: string, depth: number): string | undefined {
  if (depth > DEPTH_MAX)
    throw new PayloadConversionError(
      `Cannot convert value to JSON: it contains itself, or is nested deeper than ${DEPTH_MAX} levels`,
    );
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return write(toJSON.call(value, key), key, depth + 1);
  if (Array.isArray(value)) return writeList(value, depth);
  const tag = Object.prototype.toString.call(value);
  if (tag === "[object Set]" || ArrayBuffer.isView(value)) return writeList([...(value as Set<unknown>)], depth);
  const entries = tag === "[object Map]" ? mapEntries(value as Map<unknown, unknown>) : Object.entries(value);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  let text = "";
  for (const [name, item] of entries) {
    const json = write(item, name, depth + 1);
    if (json !== undefined) text += `${text === "" ? "" : ","}${quote(name)}:${json}`;
  }
  return `{${text}}`;
}

function writeList(items: readonly unknown[], depth: number): string {
  let text = "";
  for (let at = 0; at < items.length; at++)
    text += `${at === 0 ? "" : ","}${write(items[at], String(at), depth + 1) ?? "null"}`;
  return `[${text}]`;
}

function mapEntries(map: Map<unknown, unknown>): [string, unknown][] {
  return [...map].map(([key, item]) => {
    if (typeof key !== "string" && typeof key !== "number" && typeof key !== "boolean") {
      throw new PayloadConversionError(
        `Cannot convert a Map to JSON: found a key of type ${typeof key}, expected strings, numbers or booleans`,
      );
    }
    return [String(key), item];
  });
}

function quote(text: string): string {
  const quoted = JSON.stringify(text);
  // eslint-disable-next-line no-control-regex -- the range is all but printable ASCII on purpose
  if (/^[\x20-\x7e]*$/.test(quoted)) return quoted;
  return quoted.replaceAll(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
