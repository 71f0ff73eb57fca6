/** What the host or the sandbox may give; the pure layers name no global of a host. */
interface TextGlobals {
  readonly TextEncoder?: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder?: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
}

const globals = globalThis as unknown as TextGlobals;
const encoder = globals.TextEncoder === undefined ? undefined : new globals.TextEncoder();
const decoder =
  globals.TextDecoder === undefined ? undefined : new globals.TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Up to here a loop over characters is faster than a call into the host. */
const SHORT_TEXT = 32;

/** Text as UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  if (text.length <= SHORT_TEXT || encoder === undefined) {
    const bytes = encodeAscii(text);
    if (bytes !== undefined) return bytes;
  }
  return encoder === undefined ? encodeAny(text) : encoder.encode(text);
}

/**
 * Text of UTF-8 bytes.
 *
 * @throws {TypeError} Or another error if they are none.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length <= SHORT_TEXT || decoder === undefined) {
    const text = decodeAscii(bytes);
    if (text !== undefined) return text;
  }
  return decoder === undefined ? decodeAny(bytes) : decoder.decode(bytes);
}

function encodeAscii(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 127) return undefined;
    bytes[at] = unit;
  }
  return bytes;
}

function decodeAscii(bytes: Uint8Array): string | undefined {
  let text = "";
  for (const byte of bytes) {
    if (byte > 127) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function encodeAny(text: string): Uint8Array {
  const escaped = encodeURIComponent(toWellFormed(text));
  const bytes: number[] = [];
  for (let at = 0; at < escaped.length; at++) {
    if (escaped[at] === "%") {
      bytes.push(Number.parseInt(escaped.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(escaped.charCodeAt(at));
  }
  return Uint8Array.from(bytes);
}

function decodeAny(bytes: Uint8Array): string {
  let escaped = "";
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  return decodeURIComponent(escaped);
}

// A surrogate without its other half has no UTF-8 form; encoders write U+FFFD for it.
function toWellFormed(text: string): string {
  return text.replaceAll(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
}
