/** Chance that is the same for the same seed: numbers of at least 0 and less than 1. */
export function linearRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return ((state >> 8) & 0x7f_ffff) / 0x80_0000;
  };
}
