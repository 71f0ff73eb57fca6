const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const codes = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0));
const PADDING = 61;
const NO_VALUE = 255;
const values = new Uint8Array(128).fill(NO_VALUE);
codes.forEach((code, value) => (values[code] = value));
for (const [letter, value] of [
  ["-", 62],
  ["_", 63],
] as const)
  values[letter.charCodeAt(0)] = value;
// What a function takes as arguments at once, by all engines.
const CHUNK = 8192;

/** Writes bytes as standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const letters = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let from = 0; from < bytes.length; from += 3) {
    const left = bytes.length - from;
    const bits = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    letters[at++] = codes[bits >>> 18] ?? 0;
    letters[at++] = codes[(bits >>> 12) & 63] ?? 0;
    letters[at++] = left > 1 ? (codes[(bits >>> 6) & 63] ?? 0) : PADDING;
    letters[at++] = left > 2 ? (codes[bits & 63] ?? 0) : PADDING;
  }
  let text = "";
  for (let from = 0; from < letters.length; from += CHUNK)
    text += Reflect.apply(String.fromCharCode, undefined, letters.subarray(from, from + CHUNK));
  return text;
}

/** Reads standard or URL-safe base64, padded or not; undefined if the text is neither. */
export function fromBase64(text: string): Uint8Array | undefined {
  let length = text.length;
  while (text.charCodeAt(length - 1) === PADDING) length--;
  if (length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let from = 0; from < length; from++) {
    const value = values[text.charCodeAt(from)] ?? NO_VALUE;
    if (value === NO_VALUE) return undefined;
    bits = (bits << 6) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = (bits >>> count) & 255;
    }
  }
  return bytes;
}
