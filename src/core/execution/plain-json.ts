import { fromBase64, toBase64 } from "../../proto/base64.ts";
import { setEntry } from "../../proto/message.ts";
import { utf8Bytes, utf8Text } from "../text/utf8.ts";

/** Marks a byte array, a map or an object whose own key is a mark. No protobuf field begins so. */
const BYTES = "$b";
const MAP = "$m";
const ESCAPED = "$e";

/** Plain data, byte arrays and maps as JSON bytes. Properties that are undefined are left out. */
export function encodePlain(value: unknown): Uint8Array {
  return utf8Bytes(JSON.stringify(mark(value)));
}

/**
 * What {@link encodePlain} wrote.
 *
 * @throws {SyntaxError} If the bytes are no JSON.
 */
export function decodePlain(bytes: Uint8Array): unknown {
  return unmark(JSON.parse(utf8Text(bytes)));
}

/** The value itself where there is nothing to mark in it, which is so nearly always. */
function mark(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { [BYTES]: toBase64(value) };
  if (value instanceof Map) return { [MAP]: [...value].map(([key, entry]) => [key, mark(entry)]) };
  if (Array.isArray(value)) return value.map(mark);
  const record = value as Readonly<Record<string, unknown>>;
  let marked: Record<string, unknown> | undefined;
  for (const key of Object.keys(record)) {
    const entry = mark(record[key]);
    if (entry === record[key]) continue;
    marked ??= { ...record };
    setEntry(marked, key, entry);
  }
  return isMark(value) ? { [ESCAPED]: marked ?? record } : (marked ?? record);
}

function unmark(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(unmark);
  const record = value as Readonly<Record<string, unknown>>;
  if (!isMark(value)) return unmarkEntries(record);
  if (typeof record[BYTES] === "string") return fromBase64(record[BYTES]) ?? new Uint8Array(0);
  if (Array.isArray(record[MAP]))
    return new Map(record[MAP].map(([key, entry]: [unknown, unknown]) => [key, unmark(entry)]));
  return unmarkEntries(record[ESCAPED] as Readonly<Record<string, unknown>>);
}

function unmarkEntries(record: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(record).map(([key, entry]) => [key, unmark(entry)]));
}

function isMark(value: object): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === BYTES || keys[0] === MAP || keys[0] === ESCAPED);
}
