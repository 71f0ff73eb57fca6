import { RandomStream } from "../runtime/random-stream.ts";

const MASK = (1n << 64n) - 1n;

/** A span's id that follows from a text, so that a replay gives it again. */
export function spanIdOf(text: string): string {
  return hexOf(text, 2);
}

/** A trace's id that follows from a text. */
export function traceIdOf(text: string): string {
  return hexOf(text, 4);
}

function hexOf(text: string, words: number): string {
  const stream = new RandomStream(hash(text).toString());
  let digits = "";
  for (let word = 0; word < words; word++) digits += stream.uint32().toString(16).padStart(8, "0");
  // All zeros stands for "none".
  return /[^0]/.test(digits) ? digits : `${digits.slice(1)}1`;
}

/** FNV-1a of 64 bits. */
function hash(text: string): bigint {
  let state = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) state = ((state ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n) & MASK;
  return state;
}
