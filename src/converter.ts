export { toCanonicalJson } from "./payload/canonical-json.ts";
export type { DataConverterOptions } from "./payload/data-converter.ts";
export { DataConverter, defaultDataConverter } from "./payload/data-converter.ts";
export type { PayloadConverterOptions } from "./payload/default-converter.ts";
export { createPayloadConverter, defaultPayloadConverter } from "./payload/default-converter.ts";
export type { ExternalStorageOptions } from "./payload/external-storage.ts";
export { ExternalStorage, ExternalStorageError } from "./payload/external-storage.ts";
export type { FailureConverter, FailureConverterOptions } from "./payload/failure-converter.ts";
export { DefaultFailureConverter, defaultFailureConverter } from "./payload/failure-converter.ts";
export type { PayloadCodec } from "./payload/payload-codec.ts";
export { chainCodecs, mapFailurePayloads } from "./payload/payload-codec.ts";
export type { OversizedField, PayloadSizes } from "./payload/payload-limits.ts";
export { PayloadLimitError } from "./payload/payload-limits.ts";
export { createPayloadValidationError } from "./payload/payload-validation-error.ts";
export type { EncodingPayloadConverter } from "./payload/payload-converter.ts";
export { CompositePayloadConverter, encodingOf, PayloadConverter, RawValue } from "./payload/payload-converter.ts";
export { bytesConverter, JsonPayloadConverter, nullConverter } from "./payload/plain-converters.ts";
export type { JsonType } from "./payload/json-type.ts";
export type { JsonClassOptions } from "./payload/rich-json.ts";
export { jsonClass, RichJsonPayloadConverter } from "./payload/rich-json.ts";
export { BinaryProtobufPayloadConverter, JsonProtobufPayloadConverter } from "./payload/protobuf-converters.ts";
export type { ProtobufEs, ProtobufType } from "./payload/protobuf-type.ts";
export { protobufEsTypes } from "./payload/protobuf-type.ts";
export {
  decodeSearchAttributes,
  encodeSearchAttribute,
  encodeSearchAttributes,
} from "./payload/search-attribute-codec.ts";
export type { SerializationContext, WithSerializationContext } from "./payload/serialization-context.ts";
export type {
  StorageDriver,
  StorageDriverActivityInfo,
  StorageDriverClaim,
  StorageDriverRetrieveContext,
  StorageDriverStoreContext,
  StorageDriverWorkflowInfo,
  StorageTarget,
} from "./payload/storage-driver.ts";
export { decodeUtf8, encodeUtf8 } from "./payload/utf8.ts";
export { Payload } from "./proto/gen/common.ts";
