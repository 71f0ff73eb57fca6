// Tag byte of field 1 with a length: `History.events`.
const EVENT_TAG = 0x0a;

/**
 * Encodes a `History` field from events that are bytes already, tag and all, for a message that takes it as a field it
 * does not know. Copying costs a fraction of decoding and encoding.
 */
export function spliceHistory(fieldNumber: number, events: readonly Uint8Array[]): Uint8Array {
  let historyLength = 0;
  for (const { length } of events) historyLength += 1 + varintLength(length) + length;
  const tag = fieldNumber * 8 + 2;
  const bytes = new Uint8Array(varintLength(tag) + varintLength(historyLength) + historyLength);
  let at = writeVarint(bytes, 0, tag);
  at = writeVarint(bytes, at, historyLength);
  for (const event of events) {
    bytes[at] = EVENT_TAG;
    at = writeVarint(bytes, at + 1, event.length);
    bytes.set(event, at);
    at += event.length;
  }
  return bytes;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length += 1;
  return length;
}

function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let index = at;
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes[index++] = (rest % 128) | 128;
  bytes[index++] = rest;
  return index;
}
