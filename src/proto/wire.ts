/** What Node's Buffer adds to Uint8Array for text; absent elsewhere. */
interface BufferText {
  readonly prototype: {
    readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
    readonly utf8Write: (this: Uint8Array, text: string, offset: number, length: number) => number;
  };
}

const host: {
  readonly Buffer?: BufferText;
  readonly TextDecoder?: new () => { decode(bytes: Uint8Array): string };
  readonly TextEncoder?: new () => { encode(text: string): Uint8Array };
} = globalThis as never;
const utf8Slice = host.Buffer?.prototype.utf8Slice;
const utf8Write = host.Buffer?.prototype.utf8Write;
const textDecoder = utf8Slice === undefined && host.TextDecoder !== undefined ? new host.TextDecoder() : undefined;
const textEncoder = utf8Write === undefined && host.TextEncoder !== undefined ? new host.TextEncoder() : undefined;

const TWO_32 = 4_294_967_296;
/** Up to here a loop over characters is faster than a call into the host. */
const SHORT_TEXT = 24;

/** Bytes that are no valid message of the type read: cut short, malformed, or with a number that JavaScript cannot hold. */
export class WireFormatError extends Error {
  override readonly name = "WireFormatError";
}

/** Reads protobuf's wire format from a byte array, from `pos` to `end`. */
export class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly end: number;
  pos = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's slice() shares memory; a plain Uint8Array's copies, so that no message keeps a network buffer alive.
    this.bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  uint32(): number {
    const { bytes } = this;
    let byte = bytes[this.pos++] as number;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let shift = 7; shift < 70; shift += 7) {
      if (this.pos >= this.end) throw new WireFormatError("Cannot read varint: input ends inside it");
      byte = bytes[this.pos++] as number;
      if (shift < 32) value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new WireFormatError("Cannot read varint: more than ten bytes");
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    return this.#varint64() !== 0;
  }

  int64(): number {
    return this.#varint64();
  }

  uint64(): number {
    const value = this.#varint64();
    if (value < 0) throw new WireFormatError("Cannot read uint64: value is beyond 2^53");
    return value;
  }

  /** Reads 64 bits as a signed number; what JavaScript cannot hold exactly is refused. */
  #varint64(): number {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.pos >= this.end) throw new WireFormatError("Cannot read varint: input ends inside it");
      const byte = bytes[this.pos++] as number;
      const bits = byte & 127;
      if (index < 4) low |= bits << (index * 7);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (index * 7 - 32);
      if (byte < 128) {
        const value = (high | 0) * TWO_32 + (low >>> 0);
        if (!Number.isSafeInteger(value))
          throw new WireFormatError(`Cannot read 64-bit number: ${value} is beyond 2^53`);
        return value;
      }
    }
    throw new WireFormatError("Cannot read varint: more than ten bytes");
  }

  double(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  float(): number {
    this.#need(4);
    const value = this.#view.getFloat32(this.pos, true);
    this.pos += 4;
    return value;
  }

  string(): string {
    const end = this.delimit();
    const { bytes, pos: start } = this;
    this.pos = end;
    if (end - start <= SHORT_TEXT) {
      let text = "";
      let at = start;
      for (; at < end; at++) {
        const byte = bytes[at] as number;
        if (byte > 127) break;
        text += String.fromCharCode(byte);
      }
      if (at === end) return text;
    }
    if (utf8Slice !== undefined) return utf8Slice.call(bytes, start, end);
    if (textDecoder === undefined) throw new WireFormatError("Cannot read text: this JavaScript host decodes no UTF-8");
    return textDecoder.decode(bytes.subarray(start, end));
  }

  /** A copy of the bytes. */
  byteArray(): Uint8Array {
    const end = this.delimit();
    const value = this.bytes.slice(this.pos, end);
    this.pos = end;
    return value;
  }

  /** Reads a length and answers where what follows ends. */
  delimit(): number {
    const length = this.uint32();
    const end = this.pos + length;
    if (end > this.end) throw new WireFormatError(`Cannot read ${length} bytes: only ${this.end - this.pos} are left`);
    return end;
  }

  /** Skips a field of unknown number and answers all unknown fields so far, tag and all. */
  unknown(tag: number, before: Uint8Array | undefined): Uint8Array {
    const from = this.pos - varintSize(tag);
    this.#skip(tag);
    const field = this.bytes.slice(from, this.pos);
    if (before === undefined) return field;
    const all = new Uint8Array(before.length + field.length);
    all.set(before);
    all.set(field, before.length);
    return all;
  }

  #skip(tag: number): void {
    const kind = tag & 7;
    if (kind === 0) this.#skipVarint();
    else if (kind === 1) this.#advance(8);
    else if (kind === 2) this.pos = this.delimit();
    else if (kind === 5) this.#advance(4);
    else throw new WireFormatError(`Cannot read field ${tag >>> 3}: wire type ${kind} is unknown`);
  }

  #skipVarint(): void {
    for (let count = 0; count < 10; count++) {
      this.#need(1);
      if ((this.bytes[this.pos++] as number) < 128) return;
    }
    throw new WireFormatError("Cannot read varint: more than ten bytes");
  }

  #advance(count: number): void {
    this.#need(count);
    this.pos += count;
  }

  #need(count: number): void {
    if (this.pos + count > this.end)
      throw new WireFormatError(`Cannot read ${count} bytes: only ${this.end - this.pos} are left`);
  }
}

/** How many bytes a length or a tag takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}

const INITIAL_BYTES = 4096;
/** A buffer that grew beyond this is given back after use. */
const KEPT_BYTES = 1 << 20;

/** Writes protobuf's wire format into a buffer that grows. One writer serves many messages, one after another. */
export class Writer {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #pos = 0;

  /** A copy of what was written; the writer is empty again. */
  finish(): Uint8Array {
    const result = this.#bytes.slice(0, this.#pos);
    this.reset();
    return result;
  }

  /** Drops what was written. */
  reset(): void {
    this.#pos = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#replace(new Uint8Array(INITIAL_BYTES));
  }

  uint32(value: number): void {
    this.#reserve(5);
    let rest = value >>> 0;
    const bytes = this.#bytes;
    while (rest > 127) {
      bytes[this.#pos++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[this.#pos++] = rest;
  }

  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.int64(value);
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#pos++] = value ? 1 : 0;
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value))
      throw new RangeError(`Cannot write ${value} as a 64-bit number: it is no safe integer`);
    this.#reserve(10);
    const bytes = this.#bytes;
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    while (high > 0 || low > 127) {
      bytes[this.#pos++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    bytes[this.#pos++] = low;
  }

  uint64(value: number): void {
    if (value < 0) throw new RangeError(`Cannot write ${value} as an unsigned number: it is negative`);
    this.int64(value);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#pos, value, true);
    this.#pos += 8;
  }

  float(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#pos, value, true);
    this.#pos += 4;
  }

  string(text: string): void {
    const { length } = text;
    this.#reserve(length * 3 + 5);
    if (length <= SHORT_TEXT && this.#ascii(text)) return;
    if (utf8Write !== undefined) {
      const mark = this.fork();
      this.#pos += utf8Write.call(this.#bytes, text, this.#pos, length * 3);
      this.join(mark);
    } else if (textEncoder !== undefined) {
      this.byteArray(textEncoder.encode(text));
    } else throw new WireFormatError("Cannot write text: this JavaScript host encodes no UTF-8");
  }

  /** Writes a short text of ASCII characters with its length; otherwise writes nothing and answers false. */
  #ascii(text: string): boolean {
    const bytes = this.#bytes;
    const { length } = text;
    let at = this.#pos + 1;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      bytes[at++] = code;
    }
    bytes[this.#pos] = length;
    this.#pos = at;
    return true;
  }

  byteArray(value: Uint8Array): void {
    this.uint32(value.length);
    this.raw(value);
  }

  /** Writes bytes as they are. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#pos);
    this.#pos += value.length;
  }

  /** Leaves room for a length; give the answer to {@link join} once what it counts is written. */
  fork(): number {
    this.#reserve(1);
    this.#pos++;
    return this.#pos;
  }

  join(mark: number): void {
    const length = this.#pos - mark;
    if (length > 127) {
      const extra = varintSize(length) - 1;
      this.#reserve(extra);
      this.#bytes.copyWithin(mark + extra, mark, this.#pos);
      this.#pos += extra;
    }
    let rest = length;
    let at = mark - 1;
    while (rest > 127) {
      this.#bytes[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[at] = rest;
  }

  #reserve(count: number): void {
    const need = this.#pos + count;
    if (need <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(need, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#pos));
    this.#replace(bytes);
  }

  #replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
