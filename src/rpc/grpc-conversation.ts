import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { answerHeaders, refusalByHttp } from "./grpc-served-call.ts";
import { checkReceivedSize, frameMessage, PREFIX_BYTES } from "./grpc-frame.ts";
import { statusTrailers } from "./grpc-trailers.ts";
import { readMetadata } from "./metadata.ts";
import { asRPCError, RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Metadata } from "./transport.ts";

/** Answers each message of a stream with one. @throws {RPCError} To end the stream with it. */
export type Conversation = (message: Uint8Array) => Uint8Array;

// Questions are short.
const MESSAGE_BYTES_MAX = 64 * 1024;

/** One stream on which caller and server take turns, which is all that this server has beside unary calls. */
export class ServedConversation {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #converse: Conversation;
  readonly #authorize: (metadata: Metadata) => void;
  #received: Buffer = Buffer.alloc(0);
  #outcome: RPCError | undefined;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    converse: Conversation,
    authorize: (metadata: Metadata) => void,
  ) {
    this.#stream = stream;
    this.#headers = headers;
    this.#converse = converse;
    this.#authorize = authorize;
  }

  /** Answers until the caller has no more to ask; `onClosed` is called when all is over. */
  start(onClosed: () => void): void {
    const stream = this.#stream;
    stream.on("error", () => {}); // "close" follows.
    stream.on("close", onClosed);
    const httpStatus = refusalByHttp(this.#headers);
    if (httpStatus !== undefined) return stream.respond({ ":status": httpStatus }, { endStream: true });
    stream.respond(answerHeaders, { waitForTrailers: true });
    stream.on("wantTrailers", () => {
      const error = this.#outcome;
      stream.sendTrailers(error === undefined ? { "grpc-status": "0" } : statusTrailers(error, stream.session));
    });
    try {
      this.#authorize(readMetadata(this.#headers));
    } catch (error) {
      return this.fail(asRPCError(error));
    }
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("drain", () => stream.resume());
    stream.on("end", () => {
      if (this.#received.length > 0)
        this.fail(new RPCError(RPCStatusCode.INTERNAL, "Cannot read gRPC message: its end is missing"));
      else stream.end();
    });
  }

  /** Ends the stream with an error. */
  fail(error: RPCError): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    this.#outcome = error;
    this.#stream.end();
  }

  #read(chunk: Buffer): void {
    if (this.#stream.writableEnded) return;
    this.#received = Buffer.concat([this.#received, chunk]);
    try {
      for (let message = this.#next(); message !== undefined; message = this.#next()) this.#answer(message);
    } catch (error) {
      this.fail(asRPCError(error));
    }
  }

  /** The next message that is whole. */
  #next(): Uint8Array | undefined {
    const received = this.#received;
    if (received.length < PREFIX_BYTES) return undefined;
    const length = received.readUInt32BE(1);
    checkReceivedSize(length, MESSAGE_BYTES_MAX);
    if (received[0] !== 0)
      throw new RPCError(
        RPCStatusCode.UNIMPLEMENTED,
        "Cannot read gRPC message: it is compressed, send those of streams as they are",
      );
    if (received.length < PREFIX_BYTES + length) return undefined;
    this.#received = received.subarray(PREFIX_BYTES + length);
    return new Uint8Array(received.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
  }

  #answer(message: Uint8Array): void {
    const frame = frameMessage({ compressed: false, bytes: this.#converse(message) });
    // Whoever asks without listening is not heard until there is room for answers.
    if (!this.#stream.write(frame)) this.#stream.pause();
  }
}
