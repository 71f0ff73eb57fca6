/** A value that JSON can write. Whole numbers beyond the safe range are bigints where they were read by `parseJsonText`. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue };

/** JSON that is no message of the type asked for. */
export class JsonFormatError extends Error {
  override readonly name = "JsonFormatError";
}

/** The error for a value of the wrong kind: where, what was found, what was wanted. */
export function mismatch(path: string, json: JsonValue, wanted: string): JsonFormatError {
  return new JsonFormatError(`Cannot read JSON at "${path}": found ${describe(json)}, expected ${wanted}`);
}

/** Whether JSON is an object: neither a list nor null. */
export function isJsonObject(json: JsonValue | undefined): json is { [key: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

const SHOWN_CHARACTERS = 60;

function describe(json: JsonValue): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "an array";
  if (typeof json === "object") return "an object";
  const text = typeof json === "bigint" ? String(json) : JSON.stringify(json);
  return `${typeof json} ${text.slice(0, SHOWN_CHARACTERS)}`;
}
