const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values: Readonly<Record<string, number>> = {
  ...Object.fromEntries(alphabet.split("").map((letter, index) => [letter, index])),
  "-": 62,
  _: 63,
};

/** Writes bytes as standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    const bits = (first << 16) | (second << 8) | third;
    text += (alphabet[bits >>> 18] ?? "") + (alphabet[(bits >>> 12) & 63] ?? "");
    text += at + 1 < bytes.length ? (alphabet[(bits >>> 6) & 63] ?? "") : "=";
    text += at + 2 < bytes.length ? (alphabet[bits & 63] ?? "") : "=";
  }
  return text;
}

/** Reads standard or URL-safe base64, padded or not; undefined if the text is neither. */
export function fromBase64(text: string): Uint8Array | undefined {
  const body = text.replace(/=+$/, "");
  if (body.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const letter of body) {
    const value = values[letter];
    if (value === undefined) return undefined;
    bits = (bits << 6) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = (bits >>> count) & 255;
    }
  }
  return bytes;
}
