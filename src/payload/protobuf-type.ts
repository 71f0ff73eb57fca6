import { fromJson, toJson } from "../proto/json.ts";
import type { JsonValue } from "../proto/json-value.ts";
import type { MessageType } from "../proto/message.ts";

/** A kind of protobuf message as payload converters need it, whatever library made it. */
export interface ProtobufType {
  /** Full name, such as `temporal.api.common.v1.Payload`. */
  readonly typeName: string;
  /** Whether a value is a message of this type. */
  isMessage(value: unknown): boolean;
  /** The message as proto3 JSON: an object, not text. */
  toJson(message: unknown): unknown;
  fromJson(json: unknown): unknown;
  toBinary(message: unknown): Uint8Array;
  fromBinary(bytes: Uint8Array): unknown;
}

/** What protobuf-es (version 2) exports of which {@link protobufEsTypes} has need. */
export interface ProtobufEs {
  toJson(schema: never, message: never): unknown;
  fromJson(schema: never, json: never): unknown;
  toBinary(schema: never, message: never): Uint8Array;
  fromBinary(schema: never, bytes: Uint8Array): unknown;
}

/**
 * Types of messages generated for protobuf-es: `protobufEsTypes(await import("@bufbuild/protobuf"), OrderSchema, …)`.
 *
 * Such messages name their type themselves, in `$typeName`.
 */
export function protobufEsTypes(
  library: ProtobufEs,
  ...schemas: readonly { readonly typeName: string }[]
): ProtobufType[] {
  return schemas.map((schema) => ({
    typeName: schema.typeName,
    isMessage: (value) => hasTypeName(value, schema.typeName),
    toJson: (message) => library.toJson(schema as never, message as never),
    fromJson: (json) => library.fromJson(schema as never, json as never),
    toBinary: (message) => library.toBinary(schema as never, message as never),
    fromBinary: (bytes) => library.fromBinary(schema as never, bytes),
  }));
}

/** A type of this package's own messages. They are plain objects that do not tell their type, so it can only be read. */
export function protobufTypeOf<T extends object>(type: MessageType<T>): ProtobufType {
  return {
    typeName: type.typeName,
    isMessage: () => false,
    toJson: (message) => toJson(type, message as T),
    fromJson: (json) => fromJson(type, json as JsonValue, { ignoreUnknownFields: true }),
    toBinary: (message) => type.encode(message as never),
    fromBinary: (bytes) => type.decode(bytes),
  };
}

function hasTypeName(value: unknown, typeName: string): boolean {
  return typeof value === "object" && value !== null && "$typeName" in value && value.$typeName === typeName;
}
