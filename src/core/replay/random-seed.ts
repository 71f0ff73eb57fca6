import { toUtf8 } from "./json-payload.ts";

const MASK = (1n << 64n) - 1n;

/**
 * The seed of a run's random streams, from the id of its original run: SipHash-1-3 with a zero key over the text and a
 * byte 255, as the SDKs' shared core has it, so that a run may move between SDKs. Decimal.
 */
export function toRandomSeed(runId: string): string {
  const text = toUtf8(runId);
  const bytes = new Uint8Array(text.length + 1);
  bytes.set(text);
  bytes[text.length] = 255;
  return String(sipHash13(bytes));
}

function sipHash13(bytes: Uint8Array): bigint {
  const state = [0x736f6d6570736575n, 0x646f72616e646f6dn, 0x6c7967656e657261n, 0x7465646279746573n] as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) absorb(state, readWord(bytes, at, 8));
  absorb(state, (BigInt(bytes.length & 255) << 56n) | readWord(bytes, whole, bytes.length - whole));
  state[2] ^= 255n;
  for (let round = 0; round < 3; round++) mix(state);
  return state[0] ^ state[1] ^ state[2] ^ state[3];
}

function absorb(state: [bigint, bigint, bigint, bigint], word: bigint): void {
  state[3] ^= word;
  mix(state);
  state[0] ^= word;
}

function mix(state: [bigint, bigint, bigint, bigint]): void {
  let [a, b, c, d] = state;
  a = (a + b) & MASK;
  b = rotate(b, 13n) ^ a;
  a = rotate(a, 32n);
  c = (c + d) & MASK;
  d = rotate(d, 16n) ^ c;
  a = (a + d) & MASK;
  d = rotate(d, 21n) ^ a;
  c = (c + b) & MASK;
  b = rotate(b, 17n) ^ c;
  c = rotate(c, 32n);
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = d;
}

function rotate(word: bigint, by: bigint): bigint {
  return ((word << by) | (word >> (64n - by))) & MASK;
}

function readWord(bytes: Uint8Array, from: number, count: number): bigint {
  let word = 0n;
  for (let at = count - 1; at >= 0; at--) word = (word << 8n) | BigInt(bytes[from + at] ?? 0);
  return word;
}
