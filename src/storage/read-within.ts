/**
 * The bytes of an object as they come. Leaving the loop early ends the transfer.
 *
 * @throws {RangeError} If they are more than were stored.
 */
export async function readWithin(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError(`the object has more than the ${maxBytes} bytes that were stored`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
