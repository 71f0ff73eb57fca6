import { utf8Bytes } from "../../core/text/utf8.ts";
// The 32-bit fingerprint of the FarmHash family, by which the service spreads workflow ids over a ramp: the same ids are to
// fall on the same side here as there.
const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const MIX = 0xe6546b64;

/** A hash of a text that is the same everywhere, below two to the power of 32. */
export function fingerprint32(text: string): number {
  const bytes = utf8Bytes(text);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { byteLength: length } = data;
  if (length <= 4) return hashUpTo4(data, length);
  if (length <= 12) return hashUpTo12(data, length);
  return length <= 24 ? hashUpTo24(data, length) : hashLong(data, length);
}

function fetch(data: DataView, at: number): number {
  return data.getUint32(at, true);
}

function rotate(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

function times(one: number, other: number): number {
  return Math.imul(one, other);
}

function stir(hash: number, by: number): number {
  return (times(rotate(hash ^ by, 19), 5) + MIX) | 0;
}

function murmur(value: number, hash: number): number {
  return stir(hash, times(rotate(times(value, C1), 17), C2));
}

function finish(hash: number): number {
  let mixed = times(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = times(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hashUpTo4(data: DataView, length: number): number {
  let b = 0;
  let c = 9;
  for (let index = 0; index < length; index++) {
    b = (times(b, C1) + data.getInt8(index)) | 0;
    c ^= b;
  }
  return finish(murmur(b, murmur(length, c)));
}

function hashUpTo12(data: DataView, length: number): number {
  const a = length + fetch(data, 0);
  const b = length * 5 + fetch(data, length - 4);
  const c = 9 + fetch(data, (length >>> 1) & 4);
  return finish(murmur(c, murmur(b, murmur(a, length * 5))));
}

function hashUpTo24(data: DataView, length: number): number {
  const half = length >>> 1;
  const b = fetch(data, 4);
  const c = fetch(data, length - 8);
  const d = fetch(data, half);
  const e = fetch(data, 0);
  const f = fetch(data, length - 4);
  let a = (rotate(fetch(data, half - 4), 12) + f) | 0;
  let hash = (times(d, C1) + length) | 0;
  hash = (murmur(c, hash) + a) | 0;
  a = (rotate(a, 3) + c) | 0;
  hash = (murmur(e, hash) + a) | 0;
  a = (rotate((a + f) | 0, 12) + d) | 0;
  return finish((murmur(b, hash) + a) | 0);
}

function hashLong(data: DataView, length: number): number {
  const tail = (back: number): number => times(rotate(times(fetch(data, length - back), C1), 17), C2);
  let h = stir(stir(length, tail(4)), tail(16));
  let g = stir(stir(times(C1, length), tail(8)), tail(12));
  let f = (rotate((times(C1, length) + tail(20)) | 0, 19) + 113) | 0;
  const rounds = Math.trunc((length - 1) / 20);
  for (let round = 0; round < rounds; round++) {
    const at = round * 20;
    const a = fetch(data, at);
    const b = fetch(data, at + 4);
    const c = fetch(data, at + 8);
    const d = fetch(data, at + 12);
    const e = fetch(data, at + 16);
    h = (murmur(d, (h + a) | 0) + e) | 0;
    g = (murmur(c, (g + b) | 0) + a) | 0;
    f = (murmur((b + times(e, C1)) | 0, (f + c) | 0) + d) | 0;
    f = (f + g) | 0;
    g = (g + f) | 0;
  }
  g = times(rotate(times(rotate(g, 11), C1), 17), C1);
  f = times(rotate(times(rotate(f, 11), C1), 17), C1);
  h = times(rotate(stir((h + g) | 0, 0), 17), C1);
  return times(rotate(stir((h + f) | 0, 0), 17), C1) >>> 0;
}
