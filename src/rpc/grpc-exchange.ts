import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader, OutgoingHttpHeaders } from "node:http2";
import { constants } from "node:http2";
import { decompressMessage } from "./compression.ts";
import type { GrpcConnection } from "./grpc-connection.ts";
import { FrameReader } from "./grpc-frame.ts";
import { decodeMessage, fromBase64 } from "./metadata.ts";
import type { PendingCall } from "./pending-call.ts";
import { methodName } from "./pending-call.ts";
import { asRPCError, RPCError, toRPCError } from "./rpc-error.ts";
import { RPCStatusCode, statusOfHttp, statusOfReset } from "./status.ts";

/** What one exchange of a request and its answer needs. */
export interface Exchange {
  readonly pending: PendingCall;
  readonly headers: OutgoingHttpHeaders;
  /** The framed request. */
  readonly request: Buffer;
  readonly answerBytesMax: number;
  /** For error messages. */
  readonly authority: string;
}

/**
 * Sends a call over a connection and settles it with the answer.
 *
 * @param onClosed Called once, when the call no longer needs its place on the connection; with `true` if it is not settled
 * and the server has certainly not looked at it, so that it may be sent again.
 */
export function exchange(connection: GrpcConnection, given: Exchange, onClosed: (unprocessed: boolean) => void): void {
  const { pending } = given;
  let stream: ClientHttp2Stream;
  try {
    stream = connection.startStream(given.headers);
  } catch (error) {
    // It began to close in this very turn, or else the headers cannot be sent.
    if (!connection.draining) pending.reject(asRPCError(error));
    return onClosed(!pending.settled);
  }
  const answer = new AnswerReader(given);
  pending.onAbandoned(() => stream.close(constants.NGHTTP2_CANCEL));
  stream.on("response", (headers) => answer.onHeaders(headers));
  stream.on("trailers", (trailers) => answer.onTrailers(trailers));
  stream.on("data", (chunk: Buffer) => {
    if (!answer.onData(chunk)) stream.close(constants.NGHTTP2_CANCEL);
  });
  // "close" follows and tells what becomes of the call.
  stream.on("error", (error: Error & { code?: string }) => {
    if (error.code === "ERR_HTTP2_OUT_OF_STREAMS") connection.retire();
  });
  stream.on("end", () => {
    if (answer.complete) answer.settle();
  });
  stream.on("close", () => {
    if (!pending.settled && answer.untouched && isUnprocessed(connection, stream)) {
      return onClosed(true);
    }
    if (answer.complete) answer.settle();
    else pending.reject(interrupted(connection, stream, given));
    onClosed(false);
  });
  stream.end(given.request);
}

type AnswerHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** Takes an answer apart as it arrives. */
class AnswerReader {
  readonly #given: Exchange;
  readonly #frame: FrameReader;
  #headers: AnswerHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;

  constructor(given: Exchange) {
    this.#given = given;
    this.#frame = new FrameReader(given.answerBytesMax);
  }

  /** True while the server has said nothing. */
  get untouched(): boolean {
    return this.#headers === undefined;
  }

  /** True once the call's status, or an answer that is not gRPC, is there. */
  get complete(): boolean {
    if (this.#headers === undefined) return false;
    return this.#status() !== undefined || this.#headers[":status"] !== 200;
  }

  onHeaders(headers: AnswerHeaders): void {
    this.#headers = headers;
  }

  onTrailers(trailers: IncomingHttpHeaders): void {
    this.#trailers = trailers;
  }

  /** Returns false if the rest of the answer is of no use. */
  onData(chunk: Uint8Array): boolean {
    if (this.#headers?.[":status"] !== 200) return true;
    try {
      this.#frame.push(chunk);
      return true;
    } catch (error) {
      this.#given.pending.reject(asRPCError(error));
      return false;
    }
  }

  settle(): void {
    const { pending } = this.#given;
    if (pending.settled) return;
    const failure = this.#failure();
    if (failure !== undefined) return pending.reject(failure);
    try {
      const encoding = this.#headers?.["grpc-encoding"];
      const body = decompressMessage(
        this.#frame.finish(),
        typeof encoding === "string" ? encoding : undefined,
        this.#given.answerBytesMax,
      );
      if (body instanceof Uint8Array) pending.resolve(body);
      else body.then(pending.resolve.bind(pending), (error) => pending.reject(asRPCError(error)));
    } catch (error) {
      pending.reject(asRPCError(error));
    }
  }

  #status(): string | undefined {
    const status = this.#trailers?.["grpc-status"] ?? this.#headers?.["grpc-status"];
    return typeof status === "string" ? status : undefined;
  }

  #failure(): RPCError | undefined {
    const status = this.#status();
    if (status === "0") return undefined;
    if (status === undefined) return this.#foreignAnswer();
    const source = this.#trailers?.["grpc-status"] === undefined ? this.#headers : this.#trailers;
    const message = source?.["grpc-message"];
    const details = source?.["grpc-status-details-bin"];
    return toRPCError({
      code: Number(status),
      message: typeof message === "string" ? decodeMessage(message) : "",
      grpcStatus: typeof details === "string" ? fromBase64(details) : undefined,
    });
  }

  #foreignAnswer(): RPCError {
    const httpStatus = this.#headers?.[":status"] ?? 0;
    const { pending, authority } = this.#given;
    return new RPCError(
      statusOfHttp(httpStatus),
      `Cannot finish call "${methodName(pending.call.path)}": "${authority}" answered with HTTP status ${httpStatus} and no gRPC status; check that a Temporal service listens there`,
    );
  }
}

function isUnprocessed(connection: GrpcConnection, stream: ClientHttp2Stream): boolean {
  if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return true;
  return stream.id === undefined || stream.id > connection.lastProcessedId;
}

function interrupted(connection: GrpcConnection, stream: ClientHttp2Stream, given: Exchange): RPCError {
  const call = `Cannot finish call "${methodName(given.pending.call.path)}"`;
  const { loss } = connection;
  if (loss !== undefined) {
    return new RPCError(
      RPCStatusCode.UNAVAILABLE,
      `${call}: the connection to "${given.authority}" was lost (${loss}); whether the call took effect is not known`,
    );
  }
  const code = stream.rstCode;
  return new RPCError(
    statusOfReset(code),
    `${call}: "${given.authority}" ended the stream without a status (HTTP/2 code ${code})`,
  );
}
