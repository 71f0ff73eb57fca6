/** Joins encoded events into one blob, each preceded by its length as a varint. */
export function joinEvents(events: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const event of events) size += varintSize(event.length) + event.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const event of events) {
    let length = event.length;
    while (length > 0x7f) {
      joined[offset] = (length & 0x7f) | 0x80;
      offset += 1;
      length >>>= 7;
    }
    joined[offset] = length;
    offset += 1;
    joined.set(event, offset);
    offset += event.length;
  }
  return joined;
}

/** Undoes {@link joinEvents}; the events share the memory of `joined`. */
export function splitEvents(joined: Uint8Array): Uint8Array[] {
  const events: Uint8Array[] = [];
  let offset = 0;
  while (offset < joined.length) {
    let length = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = joined[offset] ?? 0;
      length |= (byte & 0x7f) << shift;
      shift += 7;
      offset += 1;
    } while (byte > 0x7f);
    events.push(joined.subarray(offset, offset + length));
    offset += length;
  }
  return events;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1;
  return size;
}
