import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";
import type { CancelTimer, Clock } from "../core/time/clock.ts";
import type { GrpcCompression } from "./compression.ts";
import { setImmediate } from "./host-timers.ts";
import { ACCEPTED_ENCODINGS, compressMessage, decompressMessage } from "./compression.ts";
import { parseTimeout } from "./deadline-header.ts";
import type { FramedMessage } from "./grpc-frame.ts";
import { FrameReader, frameMessage } from "./grpc-frame.ts";
import { statusTrailers } from "./grpc-trailers.ts";
import type { AbandonCall } from "./incoming.ts";
import { serveCall } from "./incoming.ts";
import { readMetadata } from "./metadata.ts";
import { methodName } from "./pending-call.ts";
import { asRPCError, RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Metadata, RpcHandler } from "./transport.ts";

/** What a server tells each call that it serves. */
export interface ServedCallOptions {
  readonly handler: RpcHandler;
  readonly requestBytesMax: number;
  readonly compression: GrpcCompression;
  readonly clock: Clock;
  /** Throws an RPCError for a call whose metadata does not admit it. */
  readonly authorize: (metadata: Metadata) => void;
}

/** One call as the server sees it, from its stream's headers to its close. */
export class ServedCall {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #options: ServedCallOptions;
  readonly #frame: FrameReader;
  #metadata: Metadata = {};
  #timeoutMs: number | undefined;
  #cancelTimer: CancelTimer | undefined;
  #abandon: AbandonCall | undefined;
  #answered = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: ServedCallOptions) {
    this.#stream = stream;
    this.#headers = headers;
    this.#options = options;
    this.#frame = new FrameReader(options.requestBytesMax);
  }

  /** Reads the request, has it served and sends the answer; `onClosed` is called when all is over. */
  start(onClosed: () => void): void {
    const stream = this.#stream;
    stream.on("error", () => {}); // "close" follows.
    stream.on("close", () => {
      this.#close();
      onClosed();
    });
    const httpStatus = refusalByHttp(this.#headers);
    if (httpStatus !== undefined) {
      this.#answered = true;
      return stream.respond({ ":status": httpStatus }, { endStream: true });
    }
    try {
      this.#metadata = readMetadata(this.#headers);
      this.#options.authorize(this.#metadata);
      this.#startTimer();
    } catch (error) {
      return this.fail(asRPCError(error));
    }
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("end", () => void this.#serve());
  }

  /** Answers with an error, unless the call is answered already, and ends the work on it. */
  fail(error: RPCError): void {
    this.#abandon?.(error);
    if (!this.#mayAnswer()) return;
    this.#answered = true;
    const stream = this.#stream;
    stream.respond({ ...answerHeaders, ...statusTrailers(error, stream.session) }, { endStream: true });
    // A caller that is still sending is told that the rest is not wanted, in a turn after the answer's: Node 22 would send
    // this alone.
    if (!stream.readableEnded) setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  #startTimer(): void {
    const header = this.#headers["grpc-timeout"];
    if (header === undefined) return;
    this.#timeoutMs = typeof header === "string" ? parseTimeout(header) : undefined;
    if (this.#timeoutMs === undefined) {
      throw new RPCError(
        RPCStatusCode.INTERNAL,
        `Cannot read header "grpc-timeout": it is "${String(header)}", expected up to eight digits and a unit`,
      );
    }
    const { clock } = this.#options;
    this.#cancelTimer = clock.schedule(clock.now() + this.#timeoutMs, () => {
      const late = `Cannot answer call "${this.#method}": its ${this.#timeoutMs} ms have passed`;
      this.fail(new RPCError(RPCStatusCode.DEADLINE_EXCEEDED, late));
    });
  }

  #read(chunk: Uint8Array): void {
    if (this.#answered) return;
    try {
      this.#frame.push(chunk);
    } catch (error) {
      this.fail(asRPCError(error));
    }
  }

  async #serve(): Promise<void> {
    if (this.#answered) return;
    const { handler, requestBytesMax } = this.#options;
    try {
      const encoding = this.#headers["grpc-encoding"];
      const unpacked = decompressMessage(
        this.#frame.finish(),
        typeof encoding === "string" ? encoding : undefined,
        requestBytesMax,
      );
      const body = unpacked instanceof Promise ? await unpacked : unpacked;
      if (!this.#mayAnswer()) return;
      // No clock: this object's own timer ends the call at its deadline.
      this.#abandon = serveCall(
        handler,
        {
          path: this.#headers[":path"] ?? "",
          body,
          metadata: this.#metadata,
          timeoutMs: this.#timeoutMs,
        },
        {
          answer: (answer) => void this.#answer(answer),
          fail: (error) => this.fail(error),
        },
      );
    } catch (error) {
      this.fail(asRPCError(error));
    }
  }

  async #answer(body: Uint8Array): Promise<void> {
    const accepted = String(this.#headers["grpc-accept-encoding"] ?? "").includes("gzip");
    const packed = compressMessage(body, accepted ? this.#options.compression : "none");
    const message: FramedMessage = packed instanceof Promise ? await packed : packed;
    if (!this.#mayAnswer()) return;
    this.#answered = true;
    const stream = this.#stream;
    const headers = message.compressed ? { ...answerHeaders, "grpc-encoding": "gzip" } : answerHeaders;
    stream.respond(headers, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(frameMessage(message));
  }

  #mayAnswer(): boolean {
    const { destroyed, closed, headersSent } = this.#stream;
    return !this.#answered && !destroyed && !closed && !headersSent;
  }

  #close(): void {
    this.#cancelTimer?.();
    if (this.#answered) return;
    this.#answered = true;
    const gone = `Cannot answer call "${this.#method}": the caller has gone or cancelled it`;
    this.#abandon?.(new RPCError(RPCStatusCode.CANCELLED, gone));
  }

  get #method(): string {
    return methodName(this.#headers[":path"] ?? "");
  }
}

/** Headers of every answer that is not an error alone. */
export const answerHeaders: OutgoingHttpHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": ACCEPTED_ENCODINGS,
};

/** HTTP status for a request that is not gRPC at all. */
export function refusalByHttp(headers: IncomingHttpHeaders): number | undefined {
  if (headers[":method"] !== "POST") return constants.HTTP_STATUS_METHOD_NOT_ALLOWED;
  const type = headers["content-type"] ?? "";
  const isGrpc = /^application\/grpc($|\+proto($|;)|;)/.test(type);
  return isGrpc ? undefined : constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE;
}
