import type { Payload } from "../proto/gen/common.ts";
import { noBytes } from "../proto/message.ts";
import { toCanonicalJson } from "./canonical-json.ts";
import type { EncodingPayloadConverter } from "./payload-converter.ts";
import { PayloadConversionError } from "./payload-error.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const encodingNull = encodeUtf8("binary/null");
const encodingBytes = encodeUtf8("binary/plain");

/** `undefined` as a payload without data. */
export const nullConverter: EncodingPayloadConverter = {
  encoding: "binary/null",
  toPayload: (value) =>
    value === undefined ? { metadata: { encoding: encodingNull }, data: noBytes, externalPayloads: [] } : undefined,
  fromPayload(payload) {
    if (payload.data.length > 0)
      throw new PayloadConversionError(
        `Cannot read a binary/null payload: found ${payload.data.length} bytes, expected none`,
      );
    return undefined;
  },
};

/** Bytes (`Uint8Array` and its kin, `ArrayBuffer`) as they are. */
export const bytesConverter: EncodingPayloadConverter = {
  encoding: "binary/plain",
  toPayload(value) {
    const data = toBytes(value);
    return data === undefined ? undefined : { metadata: { encoding: encodingBytes }, data, externalPayloads: [] };
  },
  // What is another kind of array, or the host's where this is the sandbox, is copied into one of the caller's.
  fromPayload: ({ data }) => (data.constructor === Uint8Array ? data : new Uint8Array(data)),
};

function toBytes(value: unknown): Uint8Array | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  // Asked by tag, for `instanceof` knows only the arrays of its own realm.
  switch (Object.prototype.toString.call(value)) {
    case "[object Uint8Array]": {
      const bytes = value as Uint8Array;
      return bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    case "[object ArrayBuffer]":
      return new Uint8Array(value as ArrayBuffer);
    default:
      return undefined;
  }
}

/** Anything that JSON has a form for. Keys come out sorted; a `Date` is read back as its ISO text. */
export class JsonPayloadConverter implements EncodingPayloadConverter {
  readonly encoding: string;
  readonly #metadata: Uint8Array;

  /** @param encoding Another name than `json/plain`, for another dialect. */
  constructor(encoding = "json/plain") {
    this.encoding = encoding;
    this.#metadata = encodeUtf8(encoding);
  }

  toPayload(value: unknown): Payload | undefined {
    const json = toCanonicalJson(value);
    return json === undefined
      ? undefined
      : { metadata: { encoding: this.#metadata }, data: encodeUtf8(json), externalPayloads: [] };
  }

  fromPayload(payload: Payload): unknown {
    try {
      return JSON.parse(decodeUtf8(payload.data));
    } catch (cause) {
      throw new PayloadConversionError(
        `Cannot read a ${this.encoding} payload of ${payload.data.length} bytes: it is no valid JSON`,
        { cause: withoutText(cause) },
      );
    }
  }
}

// A parser's message quotes what it read, and contents of payloads must not reach logs.
function withoutText(error: unknown): string {
  return error instanceof Error ? error.name : "error";
}
