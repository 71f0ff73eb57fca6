import { SandboxDomException } from "./event-target.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `btoa` of workflow code. */
export function btoa(value: unknown): string {
  const text = String(value);
  let result = "";
  for (let at = 0; at < text.length; at += 3) {
    const codes = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
    if (codes.some((code) => code > 0xff)) throw new SandboxDomException("Invalid character", "InvalidCharacterError");
    const bits = ((codes[0] ?? 0) << 16) | ((codes[1] || 0) << 8) | (codes[2] || 0);
    const count = Math.min(text.length - at, 3);
    for (let sextet = 0; sextet < 4; sextet++) {
      result += sextet <= count ? ALPHABET[(bits >> (18 - 6 * sextet)) & 63] : "=";
    }
  }
  return result;
}

/** `atob` of workflow code. */
export function atob(value: unknown): string {
  const text = String(value)
    .replaceAll(/[\t\n\f\r ]/g, "")
    .replace(/={1,2}$/, "");
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) {
    throw new SandboxDomException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
  }
  let result = "";
  let bits = 0;
  let count = 0;
  for (const character of text) {
    bits = ((bits << 6) | ALPHABET.indexOf(character)) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      result += String.fromCharCode((bits >> count) & 0xff);
    }
  }
  return result;
}
