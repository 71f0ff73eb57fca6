import { ExternalStorageError } from "../payload/external-storage.ts";
import { Payload } from "../proto/gen/common.ts";

/** What drivers take unless they are told otherwise, in bytes. */
const PAYLOAD_BYTES_MAX = 50 * 1024 * 1024;

/** The option `maxPayloadSize` of a driver. @throws {ExternalStorageError} If it is not positive. */
export function requirePayloadSize(driverName: string, bytesMax: number = PAYLOAD_BYTES_MAX): number {
  if (bytesMax > 0) return bytesMax;
  throw new ExternalStorageError(
    `Cannot set up driver '${driverName}': "maxPayloadSize" is ${bytesMax}, expected more than 0 bytes`,
  );
}

/** The bytes of a payload that a driver is to store. @throws {ExternalStorageError} If they are too many. */
export function encodeWithin(driverName: string, payload: Payload, bytesMax: number): Uint8Array {
  const data = Payload.encode(payload);
  if (data.length <= bytesMax) return data;
  throw new ExternalStorageError(
    `Cannot store a payload by driver '${driverName}': found ${data.length} bytes, expected ${bytesMax} ("maxPayloadSize") at most`,
  );
}
