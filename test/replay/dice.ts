/** Random numbers that a seed determines. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number from 0 up to but not including `sides`. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * sides);
  }

  /** True once in `sides` times. */
  oneIn(sides: number): boolean {
    return this.roll(sides) === 0;
  }

  /** One of several. */
  pick<T>(of: readonly T[]): T {
    const picked = of[this.roll(of.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }
}
