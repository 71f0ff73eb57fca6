/** Reversed polynomial of Castagnoli. */
const POLYNOMIAL = 0x82f63b78;

/** For each byte, what it makes of the sum; then the same with one, two and three zero bytes behind it. */
const tables = Array.from({ length: 4 }, () => new Int32Array(256));
const [after0 = new Int32Array(0), after1 = after0, after2 = after0, after3 = after0] = tables;

for (let byte = 0; byte < 256; byte += 1) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
  after0[byte] = sum;
}
for (const [place, table] of tables.entries()) {
  const before = tables[place - 1];
  if (before !== undefined) table.set(before.map((sum) => (sum >>> 8) ^ at(after0, sum)));
}

/** CRC32C of bytes as Google Cloud Storage writes it: base64 of the sum, big-endian. */
export function crc32c(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wordsEnd = bytes.length - (bytes.length % 4);
  let sum = -1;
  // Four bytes at a time: payloads may be large, and the program waits.
  for (let index = 0; index < wordsEnd; index += 4) {
    sum ^= view.getInt32(index, true);
    sum = at(after3, sum) ^ at(after2, sum >>> 8) ^ at(after1, sum >>> 16) ^ at(after0, sum >>> 24);
  }
  for (let index = wordsEnd; index < bytes.length; index += 1)
    sum = at(after0, sum ^ view.getUint8(index)) ^ (sum >>> 8);
  const result = Buffer.alloc(4);
  result.writeUInt32BE(~sum >>> 0);
  return result.toString("base64");
}

function at(table: Int32Array, byte: number): number {
  return table[byte & 0xff] ?? 0;
}
