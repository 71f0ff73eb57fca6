const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const STEP = 0xe6546b64;
const BLOCK_BYTES = 20;

/** Shortest input of {@link farmHash32}, in bytes; shorter ones are hashed otherwise, and nobody needs that. */
export const FARM_HASH_MIN_BYTES = 25;

/**
 * FarmHash's 32-bit fingerprint, by which the service places jitter.
 *
 * @throws {RangeError} If there are fewer than {@link FARM_HASH_MIN_BYTES} bytes.
 */
export function farmHash32(bytes: Uint8Array): number {
  const { length } = bytes;
  if (length < FARM_HASH_MIN_BYTES) {
    throw new RangeError(`Cannot hash ${length} bytes: expected at least ${FARM_HASH_MIN_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const word = (at: number): number => view.getUint32(at, true);
  let h = length;
  let g = Math.imul(C1, length);
  let f = g;
  h = fold(h, scramble(word(length - 4)));
  h = fold(h, scramble(word(length - 16)));
  g = fold(g, scramble(word(length - 8)));
  g = fold(g, scramble(word(length - 12)));
  f = (rotateRight((f + scramble(word(length - 20))) | 0, 19) + 113) | 0;
  const blocks = Math.floor((length - 1) / BLOCK_BYTES);
  for (let block = 0; block < blocks; block++) {
    const at = block * BLOCK_BYTES;
    const [a, b, c, d, e] = [word(at), word(at + 4), word(at + 8), word(at + 12), word(at + 16)];
    h = (fold((h + a) | 0, scramble(d)) + e) | 0;
    g = (fold((g + b) | 0, scramble(c)) + a) | 0;
    f = (fold((f + c) | 0, scramble((b + Math.imul(e, C1)) | 0)) + d) | 0;
    f = (f + g) | 0;
    g = (g + f) | 0;
  }
  g = spin(spin(g, 11), 17);
  f = spin(spin(f, 11), 17);
  h = spin((Math.imul(rotateRight((h + g) | 0, 19), 5) + STEP) | 0, 17);
  h = spin((Math.imul(rotateRight((h + f) | 0, 19), 5) + STEP) | 0, 17);
  return h >>> 0;
}

function rotateRight(value: number, bits: number): number {
  return (value >>> bits) | (value << (32 - bits));
}

function spin(value: number, bits: number): number {
  return Math.imul(rotateRight(value, bits), C1);
}

function scramble(word: number): number {
  return Math.imul(rotateRight(Math.imul(word, C1), 17), C2);
}

function fold(hash: number, scrambled: number): number {
  return (Math.imul(rotateRight(hash ^ scrambled, 19), 5) + STEP) | 0;
}
