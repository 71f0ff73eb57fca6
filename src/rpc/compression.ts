import { promisify } from "node:util";
import { gunzip, gunzipSync, gzip, gzipSync } from "node:zlib";
import type { FramedMessage } from "./grpc-frame.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";

/** How messages are compressed on the wire. */
export type GrpcCompression = "gzip" | "none";

/** Encodings this side can read, as the value of a `grpc-accept-encoding` header. */
export const ACCEPTED_ENCODINGS = "identity,gzip";

// Compressing less than this saves no packet.
const COMPRESS_BYTES_MIN = 1024;
// Work on more than this leaves the main thread, so that it does not stall other calls.
const SYNC_BYTES_MAX = 64 * 1024;

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);

/** A message ready to be framed, compressed if that is asked for and worth it. */
export function compressMessage(
  bytes: Uint8Array,
  compression: GrpcCompression,
): FramedMessage | Promise<FramedMessage> {
  if (compression === "none" || bytes.byteLength < COMPRESS_BYTES_MIN) {
    return { compressed: false, bytes };
  }
  // Level 1: on messages of this kind higher levels cost several times the time for a few per cent.
  if (bytes.byteLength <= SYNC_BYTES_MAX) {
    return { compressed: true, bytes: gzipSync(bytes, { level: 1 }) };
  }
  return gzipAsync(bytes, { level: 1 }).then((packed) => ({ compressed: true, bytes: packed }));
}

/**
 * The bytes of a framed message, decompressed where they are compressed.
 *
 * @throws RPCError If its encoding is not known, its data is corrupt, or it is larger than `bytesMax` when unpacked.
 */
export function decompressMessage(
  message: FramedMessage,
  encoding: string | undefined,
  bytesMax: number,
): Uint8Array | Promise<Uint8Array> {
  if (!message.compressed) return message.bytes;
  if (encoding !== "gzip") throw unknownEncoding(encoding);
  const options = { maxOutputLength: Math.max(1, bytesMax) };
  if (message.bytes.byteLength <= SYNC_BYTES_MAX) {
    try {
      return ownCopy(gunzipSync(message.bytes, options));
    } catch (error) {
      throw unpackError(error, bytesMax);
    }
  }
  return gunzipAsync(message.bytes, options).then(ownCopy, (error: unknown) => {
    throw unpackError(error, bytesMax);
  });
}

// zlib's buffers may be larger than what they hold; what is kept of a message must not keep those.
function ownCopy(bytes: Buffer): Uint8Array {
  const whole = bytes.byteLength === bytes.buffer.byteLength;
  return whole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

function unknownEncoding(encoding: string | undefined): RPCError {
  if (encoding === undefined || encoding === "identity") {
    return new RPCError(
      RPCStatusCode.INTERNAL,
      'Cannot read gRPC message: it is flagged as compressed, but there is no "grpc-encoding" header',
    );
  }
  return new RPCError(
    RPCStatusCode.UNIMPLEMENTED,
    `Cannot read gRPC message: its encoding is "${encoding}", expected one of ${ACCEPTED_ENCODINGS}`,
  );
}

function unpackError(error: unknown, bytesMax: number): RPCError {
  const tooLarge = error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
  if (tooLarge) {
    return new RPCError(
      RPCStatusCode.RESOURCE_EXHAUSTED,
      `grpc: received message after decompression larger than max ${bytesMax}`,
    );
  }
  return new RPCError(RPCStatusCode.INTERNAL, "Cannot read gRPC message: its gzip data is corrupt", {
    cause: error,
  });
}
