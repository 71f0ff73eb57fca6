const surrogate = /[\uD800-\uDFFF]/;

/** Compares as the bytes of UTF-8 do, which is how SQLite orders text; JavaScript's own order differs beyond the basic plane. */
export function compareText(left: string, right: string): number {
  if (surrogate.test(left) || surrogate.test(right)) {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}
