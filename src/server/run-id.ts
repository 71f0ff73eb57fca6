import type { Clock } from "../core/time/clock.ts";

const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
// Random bytes are taken from the system in blocks: a call for each id would cost more than the id.
const BLOCK_BYTES = 4_096;
const RANDOM_BYTES = 10;

/** Makes UUIDs of version 7, which begin with the time, as the service's run ids do. */
export function createIdSource(clock: Clock): () => string {
  const block = new Uint8Array(BLOCK_BYTES);
  let used = BLOCK_BYTES;
  return () => {
    if (used + RANDOM_BYTES > BLOCK_BYTES) {
      crypto.getRandomValues(block);
      used = 0;
    }
    const random = (index: number): number => block[used + index] ?? 0;
    const time = Math.trunc(clock.now()).toString(16).padStart(12, "0");
    const text = (...bytes: readonly number[]): string => bytes.map((byte) => hex[byte]).join("");
    const version = text(0x70 | (random(0) & 0x0f), random(1));
    const variant = text(0x80 | (random(2) & 0x3f), random(3));
    const rest = text(random(4), random(5), random(6), random(7), random(8), random(9));
    used += RANDOM_BYTES;
    return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${rest}`;
  };
}
