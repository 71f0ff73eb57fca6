import { EnhancedStackTrace, WorkflowMetadata } from "../proto/gen/sdk.ts";
import { bytesConverter, JsonPayloadConverter, nullConverter } from "./plain-converters.ts";
import {
  CompositePayloadConverter,
  type EncodingPayloadConverter,
  type PayloadConverter,
} from "./payload-converter.ts";
import { BinaryProtobufPayloadConverter, JsonProtobufPayloadConverter } from "./protobuf-converters.ts";
import { protobufTypeOf, type ProtobufType } from "./protobuf-type.ts";

/** Results of the queries that every workflow answers. */
const queryResultTypes: readonly ProtobufType[] = [
  protobufTypeOf(WorkflowMetadata),
  protobufTypeOf(EnhancedStackTrace),
];

/** What {@link createPayloadConverter} may be told. */
export interface PayloadConverterOptions {
  /** Kinds of messages to send and to read. @default none of the user's */
  readonly protobufTypes?: readonly ProtobufType[];
  /** Asked before the others, for values of the user's own kinds. @default none */
  readonly custom?: readonly EncodingPayloadConverter[];
  /** Takes the place of the plain JSON converter. */
  readonly json?: EncodingPayloadConverter;
}

/**
 * The usual converter, compatible with other Temporal SDKs, with additions: `undefined`, bytes, protobuf messages of the
 * types given as JSON (read from binary as well), anything else as JSON.
 */
export function createPayloadConverter(options: PayloadConverterOptions = {}): PayloadConverter {
  const types = [...(options.protobufTypes ?? []), ...queryResultTypes];
  return new CompositePayloadConverter(
    ...(options.custom ?? []),
    nullConverter,
    bytesConverter,
    new JsonProtobufPayloadConverter(types),
    new BinaryProtobufPayloadConverter(types),
    options.json ?? new JsonPayloadConverter(),
  );
}

/** The converter that is used where none is chosen. */
export const defaultPayloadConverter: PayloadConverter = createPayloadConverter();
