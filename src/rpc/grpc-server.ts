import { createHash, timingSafeEqual } from "node:crypto";
import type { Http2SecureServer, Http2Server, ServerHttp2Session } from "node:http2";
import { createSecureServer, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";
import type { CancelTimer, Clock } from "../core/time/clock.ts";
import { TemporalError } from "../core/errors.ts";
import type { GrpcCompression } from "./compression.ts";
import { type Conversation, ServedConversation } from "./grpc-conversation.ts";
import type { ServedCallOptions } from "./grpc-served-call.ts";
import { ServedCall } from "./grpc-served-call.ts";
import { hostClock } from "./host-clock.ts";
import type { KeepAliveConfig } from "./keep-alive.ts";
import { startPings } from "./keep-alive.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Metadata, RpcHandler } from "./transport.ts";

/** How a server proves who it is, and asks callers to do so. Certificates and keys are PEM. */
export interface ServerTLSConfig {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** Authority whose certificates callers must show (mTLS). @default callers need none */
  readonly clientRootCACert?: string | Uint8Array;
}

/** How a {@link GrpcServer} serves. */
export interface GrpcServerOptions {
  /** @default no encryption */
  readonly tls?: ServerTLSConfig | undefined;
  /** Keys of which callers must show one as `authorization: Bearer …`. @default callers need none */
  readonly apiKeys?: readonly string[] | undefined;
  /** Largest request taken, in bytes, both as it comes and unpacked. @default 4194304 (4 MiB) */
  readonly requestBytesMax?: number | undefined;
  /** Compresses answers for callers that take it; on one machine that costs more than it saves. @default "none" */
  readonly compression?: GrpcCompression | undefined;
  /** Calls at once on one connection. @default 4294967295 */
  readonly streamsMax?: number | undefined;
  /** Pings that find dead callers; `false` means none. @default every 60 s, answered within 10 s */
  readonly keepAlive?: KeepAliveConfig | false | undefined;
  /** Streams on which each message is answered with one, by path. @default none */
  readonly conversations?: ReadonlyMap<string, Conversation> | undefined;
  /** Measures deadlines. @default the host's clock */
  readonly clock?: Clock | undefined;
}

/** Where a server can be reached. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

/** A server could not start listening. */
export class ListenError extends TemporalError {
  static override readonly code: string = "TEMPORAL_LISTEN";
  override readonly name = "ListenError";
}

const MEBIBYTE = 1024 * 1024;
const STREAM_WINDOW_BYTES = MEBIBYTE;
const CONNECTION_WINDOW_BYTES = 16 * MEBIBYTE;
const METADATA_BYTES_MAX = 64 * 1024;
// Node's own limit of 10 MB a connection is reached with some thousand long polls.
const SESSION_MEGABYTES_MAX = 1024;
// Larger than any stream's id: announces the end of a connection while all calls on their way are still taken.
const LAST_STREAM_ID = 2 ** 31 - 1;
// Time for callers to hear that a connection will end, where they do not answer that they have.
const ANNOUNCE_MS_MAX = 100;
// Time for final answers to leave before connections are cut.
const FLUSH_MS_MAX = 1_000;

/** Serves one {@link RpcHandler} over gRPC. */
export class GrpcServer {
  readonly #http: Http2Server | Http2SecureServer;
  readonly #callOptions: ServedCallOptions;
  readonly #keepAlive: Required<KeepAliveConfig> | undefined;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #calls = new Set<ServedCall | ServedConversation>();
  #cancelCut: CancelTimer | undefined;

  constructor(handler: RpcHandler, options: GrpcServerOptions = {}) {
    this.#callOptions = {
      handler,
      requestBytesMax: options.requestBytesMax ?? 4 * MEBIBYTE,
      compression: options.compression ?? "none",
      clock: options.clock ?? hostClock,
      authorize: apiKeyCheck(options.apiKeys),
    };
    this.#keepAlive =
      options.keepAlive === false ? undefined : { intervalMs: 60_000, timeoutMs: 10_000, ...options.keepAlive };
    this.#http = createHttpServer(options);
    this.#http.on("session", (session) => this.#accept(session));
    this.#http.on("sessionError", () => {}); // Its session closes; there is nobody to tell.
    this.#http.on("stream", (stream, headers) => {
      const converse = options.conversations?.get(headers[":path"] ?? "");
      const call =
        converse === undefined
          ? new ServedCall(stream, headers, this.#callOptions)
          : new ServedConversation(stream, headers, converse, this.#callOptions.authorize);
      this.#calls.add(call);
      call.start(() => this.#calls.delete(call));
    });
  }

  /**
   * Starts to listen.
   *
   * @param at `port` 0 takes a free one. @default host "127.0.0.1", port 0
   * @throws {ListenError} If the address cannot be had.
   */
  listen(at: Partial<BoundAddress> = {}): Promise<BoundAddress> {
    const { host = "127.0.0.1", port = 0 } = at;
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        const message = `Cannot listen on "${host}:${port}": ${cause.message}; stop what uses it or choose another port`;
        reject(new ListenError(message, { cause }));
      };
      this.#http.once("error", fail);
      this.#http.listen({ host, port }, () => {
        this.#http.off("error", fail);
        const bound = this.#http.address() as AddressInfo;
        resolve({ host: bound.address, port: bound.port });
      });
    });
  }

  /**
   * Stops: takes no more calls, lets those in flight finish for `graceMs`, and answers the rest with `UNAVAILABLE`.
   *
   * @param graceMs Milliseconds. @default 1000
   */
  async stop(graceMs = 1_000): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const session of this.#sessions) announceEnd(session);
    const cancelGrace = after(graceMs, () => this.#cutOff());
    await closed;
    cancelGrace();
    this.#cancelCut?.();
  }

  #accept(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    const stopPings =
      this.#keepAlive === undefined ? () => {} : startPings(session, this.#keepAlive, () => session.destroy());
    session.on("error", () => {}); // "close" follows.
    session.on("close", () => {
      stopPings();
      this.#sessions.delete(session);
    });
  }

  #cutOff(): void {
    const stopping = new RPCError(RPCStatusCode.UNAVAILABLE, "The server is stopping; try again");
    for (const call of this.#calls) call.fail(stopping);
    for (const session of this.#sessions) session.close();
    this.#cancelCut = after(FLUSH_MS_MAX, () => {
      for (const session of this.#sessions) session.destroy();
    });
  }
}

function createHttpServer(options: GrpcServerOptions): Http2Server | Http2SecureServer {
  const { tls } = options;
  const session = {
    settings: {
      maxConcurrentStreams: options.streamsMax ?? 2 ** 32 - 1,
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxHeaderListSize: METADATA_BYTES_MAX,
    },
    maxSessionMemory: SESSION_MEGABYTES_MAX,
    // A worker that stops cancels all its polls at once; that is no attack.
    streamResetBurst: 100_000,
    streamResetRate: 10_000,
  };
  if (tls === undefined) return createServer(session);
  return createSecureServer({
    ...session,
    ...tlsOptions(tls),
    ALPNProtocols: ["h2"],
  });
}

/** What Node's servers are told of TLS. */
export function tlsOptions({ cert, key, clientRootCACert }: ServerTLSConfig): TlsOptions {
  return {
    cert: Buffer.from(cert),
    key: Buffer.from(key),
    ...(clientRootCACert !== undefined && {
      ca: Buffer.from(clientRootCACert),
      requestCert: true,
      rejectUnauthorized: true,
    }),
  };
}

// First that the connection will end, so that callers open another one; then, once they have heard, that it takes no more.
function announceEnd(session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) return;
  session.goaway(0, LAST_STREAM_ID);
  const cancelTimer = after(ANNOUNCE_MS_MAX, () => session.close());
  session.on("close", cancelTimer);
  session.ping(() => session.close());
}

// Ends of connections happen in the world's time, whatever clock measures the calls.
function after(delayMs: number, fire: () => void): CancelTimer {
  return hostClock.schedule(hostClock.now() + delayMs, fire);
}

/** Makes a check of the key that a caller shows. The check throws an {@link RPCError} where it is none of these keys; absent keys let everyone in. */
export function apiKeyCheck(apiKeys: readonly string[] | undefined): (metadata: Metadata) => void {
  if (apiKeys === undefined) return () => {};
  const digests = apiKeys.map((key) => digest(`Bearer ${key}`));
  return (metadata) => {
    const shown = metadata["authorization"];
    const shownDigest = typeof shown === "string" ? digest(shown) : undefined;
    if (shownDigest !== undefined && digests.some((known) => timingSafeEqual(known, shownDigest))) return;
    throw new RPCError(
      RPCStatusCode.UNAUTHENTICATED,
      `Cannot admit the call: its API key is ${shown === undefined ? "missing" : "not known"}; send a key of this server as "authorization: Bearer …"`,
    );
  };
}

// Digests have one length, which comparing in constant time needs.
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
