import type { Payload } from "../../proto/gen/common.ts";

const encodingJson = toUtf8("json/plain");

/** A value as the `json/plain` payload that every SDK's default converter reads. */
export function toJsonPayload(value: unknown): Payload {
  return { metadata: { encoding: encodingJson }, data: toUtf8(JSON.stringify(value)), externalPayloads: [] };
}

/** The value of a JSON payload, or nothing if its data is no JSON. */
export function fromJsonPayload(payload: Payload): unknown {
  try {
    return JSON.parse(fromUtf8(payload.data));
  } catch {
    return undefined;
  }
}

/** Well-formed text as UTF-8. The pure layers have no `TextEncoder`. */
export function toUtf8(text: string): Uint8Array {
  // eslint-disable-next-line no-control-regex -- the range is ASCII on purpose
  const escaped = /^[\x00-\x7f]*$/.test(text) ? text.replaceAll("%", "%25") : encodeURIComponent(text);
  const bytes: number[] = [];
  for (let at = 0; at < escaped.length; at++) {
    if (escaped.charCodeAt(at) === 37) {
      bytes.push(Number.parseInt(escaped.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(escaped.charCodeAt(at));
  }
  return Uint8Array.from(bytes);
}

/**
 * Text of UTF-8 bytes.
 *
 * @throws {URIError} If they are none.
 */
export function fromUtf8(bytes: Uint8Array): string {
  let ascii = true;
  let text = "";
  for (const byte of bytes) {
    if (byte >= 128) ascii = false;
    text += byte >= 128 || byte === 37 ? `%${byte.toString(16)}` : String.fromCharCode(byte);
  }
  return ascii && !text.includes("%") ? text : decodeURIComponent(text);
}
