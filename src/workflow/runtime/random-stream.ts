const MASK = (1n << 64n) - 1n;
const TWO_32 = 4_294_967_296;
const TWO_53 = 9_007_199_254_740_992;

/** Deterministic random numbers (xoshiro128**). Not for secrets. */
export class RandomStream {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param seed A decimal number of up to 64 bits. */
  constructor(seed: string) {
    this.seed(seed);
  }

  /** Starts anew from this seed, a decimal number of up to 64 bits. */
  seed(seed: string): void {
    // Splitmix64 spreads even small seeds over the whole state.
    let state = BigInt(seed) & MASK;
    const next = (): bigint => {
      state = (state + 0x9e3779b97f4a7c15n) & MASK;
      let word = state;
      word = ((word ^ (word >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
      word = ((word ^ (word >> 27n)) * 0x94d049bb133111ebn) & MASK;
      return word ^ (word >> 31n);
    };
    const [first, second] = [next(), next()];
    this.#a = Number(first & 0xffffffffn) | 0;
    this.#b = Number(first >> 32n) | 0;
    this.#c = Number(second & 0xffffffffn) | 0;
    this.#d = Number(second >> 32n) | 0;
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** A number from 0 up to, but not, 1; as `Math.random`. */
  random(): number {
    return ((this.uint32() >>> 5) * 67_108_864 + (this.uint32() >>> 6)) / TWO_53;
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    const span = max - min + 1;
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || !Number.isSafeInteger(span) || span < 1) {
      throw new RangeError(
        `Cannot draw a whole number: found limits ${min} and ${max}, expected whole numbers in ascending order`,
      );
    }
    return min + Math.floor(this.random() * span);
  }

  /** One of the items. */
  choice<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    return items[this.integer(0, items.length - 1)] as T;
  }

  /** A copy in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let at = copy.length - 1; at > 0; at--) {
      const other = this.integer(0, at);
      [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
    }
    return copy;
  }

  /** Fills an array, or its part, with random bytes. */
  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 4) {
      let word = this.uint32();
      for (let end = Math.min(at + 4, bytes.length), index = at; index < end; index++) {
        bytes[index] = word & 255;
        word = Math.floor(word / 256);
      }
    }
  }

  /** A random UUID (version 4). */
  uuid4(): string {
    const bytes = new Uint8Array(16);
    this.fill(bytes);
    return formatUuid(bytes, 4);
  }

  /** A UUID (version 7) that begins with a time in milliseconds. */
  uuid7(timeMs: number): string {
    const bytes = new Uint8Array(16);
    this.fill(bytes);
    const high = Math.floor(timeMs / TWO_32);
    const low = timeMs % TWO_32;
    const view = new DataView(bytes.buffer);
    view.setUint16(0, high & 0xffff);
    view.setUint32(2, low);
    return formatUuid(bytes, 7);
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function formatUuid(bytes: Uint8Array, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
