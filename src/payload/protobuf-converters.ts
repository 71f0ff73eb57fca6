import type { Payload } from "../proto/gen/common.ts";
import { toCanonicalJson } from "./canonical-json.ts";
import type { EncodingPayloadConverter } from "./payload-converter.ts";
import { PayloadConversionError } from "./payload-error.ts";
import type { ProtobufType } from "./protobuf-type.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const encodingJson = encodeUtf8("json/protobuf");
const encodingBinary = encodeUtf8("binary/protobuf");
const EXTERNAL_REFERENCE = "temporal.api.sdk.v1.ExternalStorageReference";

/** Protobuf messages as proto3 JSON. */
export class JsonProtobufPayloadConverter implements EncodingPayloadConverter {
  readonly encoding = "json/protobuf";
  readonly #types: readonly ProtobufType[];

  constructor(types: readonly ProtobufType[]) {
    this.#types = types;
  }

  toPayload(value: unknown): Payload | undefined {
    const type = this.#types.find((candidate) => candidate.isMessage(value));
    return type === undefined ? undefined : toJsonProtobufPayload(type, value);
  }

  fromPayload(payload: Payload): unknown {
    const type = typeOf(this.#types, payload);
    try {
      return type.fromJson(JSON.parse(decodeUtf8(payload.data)));
    } catch {
      throw unreadable(payload, this.encoding, type);
    }
  }
}

/** Protobuf messages in their binary form. */
export class BinaryProtobufPayloadConverter implements EncodingPayloadConverter {
  readonly encoding = "binary/protobuf";
  readonly #types: readonly ProtobufType[];

  constructor(types: readonly ProtobufType[]) {
    this.#types = types;
  }

  toPayload(value: unknown): Payload | undefined {
    const type = this.#types.find((candidate) => candidate.isMessage(value));
    if (type === undefined) return undefined;
    return {
      metadata: { encoding: encodingBinary, messageType: encodeUtf8(type.typeName) },
      data: type.toBinary(value),
      externalPayloads: [],
    };
  }

  fromPayload(payload: Payload): unknown {
    const type = typeOf(this.#types, payload);
    try {
      return type.fromBinary(payload.data);
    } catch {
      throw unreadable(payload, this.encoding, type);
    }
  }
}

/** The `json/protobuf` payload of a message of this type. */
export function toJsonProtobufPayload(type: ProtobufType, message: unknown): Payload {
  return {
    metadata: { encoding: encodingJson, messageType: encodeUtf8(type.typeName) },
    data: encodeUtf8(toCanonicalJson(type.toJson(message)) ?? "null"),
    externalPayloads: [],
  };
}

function typeOf(types: readonly ProtobufType[], payload: Payload): ProtobufType {
  const { messageType } = payload.metadata;
  const name = messageType === undefined ? "" : decodeUtf8(messageType);
  const type = types.find(({ typeName }) => typeName === name);
  if (type !== undefined) return type;
  if (name === EXTERNAL_REFERENCE)
    throw new PayloadConversionError(
      "[TMPRL1105] Detected externally stored payload(s) but external storage is not configured.",
    );
  throw new PayloadConversionError(
    `Cannot read a protobuf payload: found message type "${name}", which this payload converter does not know; make one with createPayloadConverter({ protobufTypes })`,
  );
}

function unreadable(payload: Payload, encoding: string, type: ProtobufType): PayloadConversionError {
  return new PayloadConversionError(
    `Cannot read a ${encoding} payload of ${payload.data.length} bytes: it is no valid ${type.typeName}`,
  );
}
