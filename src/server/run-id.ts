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
    const time = Math.trunc(clock.now()).toString(16).padStart(12, "0");
    const version = textOf(0x70 | (byteAt(block, used) & 0x0f)) + textAt(block, used + 1);
    const variant = textOf(0x80 | (byteAt(block, used + 2) & 0x3f)) + textAt(block, used + 3);
    let rest = "";
    for (let index = 4; index < RANDOM_BYTES; index++) rest += textAt(block, used + index);
    used += RANDOM_BYTES;
    return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${rest}`;
  };
}

function byteAt(block: Uint8Array, index: number): number {
  return block[index] ?? 0;
}

function textAt(block: Uint8Array, index: number): string {
  return textOf(byteAt(block, index));
}

function textOf(byte: number): string {
  return hex[byte] ?? "";
}
