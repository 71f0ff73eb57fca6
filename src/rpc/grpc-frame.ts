import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";

/** Bytes before each message: one flag and four of length. */
export const PREFIX_BYTES = 5;

/** A message as it was framed. */
export interface FramedMessage {
  readonly compressed: boolean;
  readonly bytes: Uint8Array;
}

/** Puts a message into its frame. */
export function frameMessage(message: FramedMessage): Buffer {
  const { bytes } = message;
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + bytes.byteLength);
  frame[0] = message.compressed ? 1 : 0;
  frame.writeUInt32BE(bytes.byteLength, 1);
  frame.set(bytes, PREFIX_BYTES);
  return frame;
}

/** Collects the one message of a unary call's direction from the pieces that arrive. */
export class FrameReader {
  readonly #messageBytesMax: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #declaredBytes: number | undefined;

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** Takes the next piece. @throws RPCError As soon as it is seen that the message is too large or is followed by more. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#declaredBytes === undefined) {
      if (this.#bytes < PREFIX_BYTES) return;
      this.#declaredBytes = readLength(this.#joinPrefix());
      checkReceivedSize(this.#declaredBytes, this.#messageBytesMax);
    }
    if (this.#bytes > PREFIX_BYTES + this.#declaredBytes) {
      throw malformed("more bytes follow the one message of a unary call");
    }
  }

  /** The message, in memory of its own. @throws RPCError If it is not whole or its frame is malformed. */
  finish(): FramedMessage {
    const declared = this.#declaredBytes;
    if (declared === undefined || this.#bytes < PREFIX_BYTES + declared) {
      throw malformed(
        this.#bytes === 0
          ? "there is no message"
          : `the message ends after ${this.#bytes} bytes, ${PREFIX_BYTES + (declared ?? 0)} were announced`,
      );
    }
    const bytes = new Uint8Array(declared);
    const flag = this.#chunks[0]?.[0] ?? 0;
    let at = 0;
    for (const [index, chunk] of this.#chunks.entries()) {
      const part = index === 0 ? chunk.subarray(PREFIX_BYTES) : chunk;
      bytes.set(part, at);
      at += part.byteLength;
    }
    this.#chunks = [];
    if (flag > 1) throw malformed(`its flag is ${flag}, expected 0 or 1`);
    return { compressed: flag === 1, bytes };
  }

  #joinPrefix(): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.byteLength >= PREFIX_BYTES) return first;
    // A prefix in pieces is rare; joined, it is read like any other.
    const joined = new Uint8Array(Buffer.concat(this.#chunks));
    this.#chunks = [joined];
    return joined;
  }
}

/** Refuses a received message that is too large, in the words of other gRPC servers, which SDKs look for. */
export function checkReceivedSize(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new RPCError(
    RPCStatusCode.RESOURCE_EXHAUSTED,
    `grpc: received message larger than max (${bytes} vs. ${bytesMax})`,
  );
}

function readLength(prefix: Uint8Array): number {
  return new DataView(prefix.buffer, prefix.byteOffset).getUint32(1);
}

function malformed(found: string): RPCError {
  return new RPCError(RPCStatusCode.INTERNAL, `Cannot read gRPC message: ${found}`);
}
