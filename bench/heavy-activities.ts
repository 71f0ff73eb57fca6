/** Computes for a while: the same work each time. */
export function compute(rounds: number): number {
  let value = 1;
  for (let round = 0; round < rounds; round++) value = (Math.imul(value, 1_103_515_245) + 12_345) >>> 0;
  return value;
}

/** Waits a millisecond. */
export async function brief(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}
