import { Reader, Writer } from "./wire.ts";

/** What a message may be made from: any part of it may be left out, at any depth. */
export type Init<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer E)[]
    ? readonly Init<E>[]
    : T extends { case: infer C; value: infer V }
      ? { readonly case: C; readonly value: Init<V> }
      : T extends object
        ? { readonly [K in keyof T]?: Init<T[K]> | undefined }
        : T;

/** Kinds of a single value, with protobuf's own numbers (`FieldDescriptorProto.Type`). */
export const ScalarType = {
  DOUBLE: 1,
  FLOAT: 2,
  INT64: 3,
  UINT64: 4,
  INT32: 5,
  BOOL: 8,
  STRING: 9,
  BYTES: 12,
  UINT32: 13,
} as const;
export type ScalarType = (typeof ScalarType)[keyof typeof ScalarType];

/** A field's value, or a map's: a scalar, an enum by its names, or a message. */
export type ValueKind =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "enum"; readonly names: Readonly<Record<number, string>> }
  | { readonly kind: "message"; readonly type: () => MessageType<object> };

/** One field as reflection shows it. */
export interface FieldInfo {
  readonly number: number;
  /** As in the interface and in proto3 JSON. */
  readonly name: string;
  /** As in the .proto file. */
  readonly protoName: string;
  readonly value: ValueKind;
  readonly repeated: boolean;
  /** Set on maps: the kind of their keys. */
  readonly mapKey?: ScalarType;
  /** The property that holds this field as `{ case, value }`. */
  readonly oneof?: string;
}

/** The codec of one message type. */
export interface MessageType<T extends object> {
  /** Full name, such as `temporal.api.common.v1.Payload`. */
  readonly typeName: string;
  /** Fills in what was left out, deeply. */
  create(init?: Init<T>): T;
  /** @throws {RangeError} If a 64-bit field holds no safe integer. */
  encode(message: Init<T>): Uint8Array;
  /** @throws {WireFormatError} If the bytes are no message of this type. */
  decode(bytes: Uint8Array): T;
  /** Appends the fields of a message; for generated code and for splicing. */
  write(writer: Writer, message: Init<T>): void;
  /** Reads fields until `end`, into `into` if it is given. */
  read(reader: Reader, end: number, into?: T): T;
  /** The fields, for JSON and for walks over payloads. Made on first use. */
  fields(): readonly FieldInfo[];
}

const writer = new Writer();

/** The value of a bytes field that is not there. */
export const noBytes: Uint8Array = new Uint8Array(0);

/** Builds a codec from its generated parts. */
export function messageType<T extends object>(
  typeName: string,
  blank: () => T,
  create: (init: Init<T>) => T,
  write: (writer: Writer, message: Init<T>) => void,
  read: (reader: Reader, end: number, into: T) => T,
  listFields: () => readonly FieldInfo[],
): MessageType<T> {
  let fields: readonly FieldInfo[] | undefined;
  return {
    typeName,
    create: (init) => (init === undefined ? blank() : create(init)),
    encode(message) {
      try {
        write(writer, message);
        return writer.finish();
      } catch (error) {
        writer.reset();
        throw error;
      }
    },
    decode(bytes) {
      const reader = new Reader(bytes);
      return read(reader, reader.end, blank());
    },
    write,
    read: (reader, end, into = blank()) => read(reader, end, into),
    fields: () => (fields ??= listFields()),
  };
}

/** A unary method of a service. */
export interface Method<Request extends object, Response extends object> {
  /** gRPC path: `/package.Service/Method`. */
  readonly path: string;
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
  /** How the method is called over HTTP, the first way being the main one; absent if it cannot be. */
  readonly http?: readonly HttpRule[];
}

/** One way to call a method over HTTP, from its annotation `google.api.http`. */
export interface HttpRule {
  readonly verb: string;
  /** A path such as `/namespaces/{namespace}/workflows/{execution.workflow_id}`, with fields by their names in the .proto file. */
  readonly template: string;
  /** `*` if the request is the body; absent if its other fields are the query. */
  readonly body?: string;
}

type Options = Pick<FieldInfo, "oneof" | "mapKey"> & { readonly repeated?: boolean };

function toField(number: number, protoName: string, value: ValueKind, options: Options = {}): FieldInfo {
  const name = protoName.replace(/_+(.)/g, (_all, letter: string) => letter.toUpperCase());
  return { repeated: false, ...options, number, name, protoName, value };
}

/** Generated code's short hand for a field of a scalar kind. */
export function scalarField(number: number, protoName: string, scalar: ScalarType, options?: Options): FieldInfo {
  return toField(number, protoName, { kind: "scalar", scalar }, options);
}

/** Generated code's short hand for a field of an enum. */
export function enumField(
  number: number,
  protoName: string,
  names: Readonly<Record<number, string>>,
  options?: Options,
): FieldInfo {
  return toField(number, protoName, { kind: "enum", names }, options);
}

/** Generated code's short hand for a field that holds messages. */
export function messageField<T extends object>(
  number: number,
  protoName: string,
  type: () => MessageType<T>,
  options?: Options,
): FieldInfo {
  return toField(number, protoName, { kind: "message", type: type as unknown as () => MessageType<object> }, options);
}

/** Sets a map's entry; a key named like an accessor of Object's becomes data as well. */
export function setEntry<V>(map: { [key: string]: V }, key: string | number, value: V): void {
  if (key === "__proto__")
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  else map[key] = value;
}
