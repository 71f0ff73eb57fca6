/** A value that JSON can write. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** JSON that is no message of the type asked for. */
export class JsonFormatError extends Error {
  override readonly name = "JsonFormatError";
}

/** The error for a value of the wrong kind: where, what was found, what was wanted. */
export function mismatch(path: string, json: JsonValue, wanted: string): JsonFormatError {
  return new JsonFormatError(`Cannot read JSON at "${path}": found ${describe(json)}, expected ${wanted}`);
}

const SHOWN_CHARACTERS = 60;

function describe(json: JsonValue): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "an array";
  if (typeof json === "object") return "an object";
  return `${typeof json} ${JSON.stringify(json).slice(0, SHOWN_CHARACTERS)}`;
}
