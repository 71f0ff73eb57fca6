import type { Payload } from "../proto/gen/common.ts";
import { ExternalStorageReference } from "../proto/gen/sdk.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";
import { PayloadConversionError } from "./payload-error.ts";
import { JsonProtobufPayloadConverter, toJsonProtobufPayload } from "./protobuf-converters.ts";
import { protobufTypeOf } from "./protobuf-type.ts";
import type { StorageDriverClaim } from "./storage-driver.ts";

const type = protobufTypeOf(ExternalStorageReference);
const converter = new JsonProtobufPayloadConverter([type]);
/** What SDKs wrote before there was a message for it. */
const LEGACY_ENCODING = "json/external-storage-reference";

/** What a reference in place of a payload says. */
export interface StorageReference {
  readonly driverName: string;
  readonly claim: StorageDriverClaim;
}

/** The payload that stands for one that a driver keeps. @param sizeBytes Of the payload that is kept. */
export function toReference(driverName: string, { claimData }: StorageDriverClaim, sizeBytes: number): Payload {
  return { ...toJsonProtobufPayload(type, { driverName, claimData }), externalPayloads: [{ sizeBytes }] };
}

/** What a payload refers to; undefined if it is no reference. @throws {PayloadConversionError} If it is a broken one. */
export function readReference(payload: Payload): StorageReference | undefined {
  const { encoding, messageType } = payload.metadata;
  if (isText(encoding, LEGACY_ENCODING)) return readLegacy(payload);
  if (!isText(encoding, "json/protobuf") || !isText(messageType, ExternalStorageReference.typeName)) return undefined;
  const { driverName, claimData } = converter.fromPayload(payload) as ExternalStorageReference;
  const sizeBytes = payload.externalPayloads[0]?.sizeBytes ?? 0;
  return { driverName, claim: sizeBytes > 0 ? { claimData, sizeBytes } : { claimData } };
}

/** Whether a payload stands for one that is kept elsewhere. */
export function isReference({ metadata: { encoding, messageType } }: Payload): boolean {
  return (
    isText(encoding, LEGACY_ENCODING) ||
    (isText(encoding, "json/protobuf") && isText(messageType, ExternalStorageReference.typeName))
  );
}

function readLegacy(payload: Payload): StorageReference {
  try {
    const { driver_name: driverName, driver_claim: claim } = JSON.parse(decodeUtf8(payload.data)) as {
      readonly driver_name: unknown;
      readonly driver_claim: { readonly claim_data: unknown };
    };
    if (typeof driverName !== "string" || !isClaimData(claim.claim_data)) throw new TypeError("wrong types");
    return { driverName, claim: { claimData: claim.claim_data } };
  } catch {
    throw new PayloadConversionError(
      `Cannot read a ${LEGACY_ENCODING} payload of ${payload.data.length} bytes: it is no valid reference`,
    );
  }
}

/** Whether a value is what claims are made of: texts by name. */
export function isClaimData(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}

function isText(bytes: Uint8Array | undefined, text: string): boolean {
  return bytes !== undefined && bytes.length === text.length && decodes(bytes, text);
}

function decodes(bytes: Uint8Array, text: string): boolean {
  const wanted = encodeUtf8(text);
  return bytes.every((byte, at) => byte === wanted[at]);
}
