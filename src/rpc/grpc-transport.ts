import type { OutgoingHttpHeaders } from "node:http2";
import { isIP } from "node:net";
import type { Clock } from "../core/time/clock.ts";
import type { GrpcCompression } from "./compression.ts";
import { ACCEPTED_ENCODINGS, compressMessage } from "./compression.ts";
import { formatTimeout } from "./deadline-header.ts";
import type { ConnectionOptions, GrpcConnection } from "./grpc-connection.ts";
import type { Exchange } from "./grpc-exchange.ts";
import { exchange } from "./grpc-exchange.ts";
import type { FramedMessage } from "./grpc-frame.ts";
import { frameMessage } from "./grpc-frame.ts";
import { GrpcBalancer, type DnsLoadBalancingConfig } from "./grpc-balancer.ts";
import { GrpcPool, type GrpcPlaces, type GrpcPoolOptions } from "./grpc-pool.ts";
import type { HttpConnectProxyConfig, TLSConfig } from "./grpc-socket.ts";
import { hostClock } from "./host-clock.ts";
import { parseHostPort } from "./host-port.ts";
import type { KeepAliveConfig } from "./keep-alive.ts";
import { addMetadata } from "./metadata.ts";
import { closedError, methodName, PendingCall } from "./pending-call.ts";
import { asRPCError, RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { Transport, UnaryCall } from "./transport.ts";

/** How a {@link GrpcTransport} reaches its service. */
export interface GrpcTransportOptions {
  /** `host:port`; the port may be left out for 7233. */
  readonly address: string;
  /** Encrypts connections; `true` means with nothing to configure. @default false */
  readonly tls?: boolean | TLSConfig | undefined;
  /** Compresses requests and lets the service compress answers. @default "gzip" */
  readonly compression?: GrpcCompression | undefined;
  /** Pings that find dead connections; `false` means none. @default every 30 s, answered within 15 s */
  readonly keepAlive?: KeepAliveConfig | false | undefined;
  /** A proxy to go through. @default none */
  readonly proxy?: HttpConnectProxyConfig | undefined;
  /** Spreads calls over the addresses of the host; a proxy sees to that itself. @default one address at a time, as the system finds it */
  readonly dnsLoadBalancing?: boolean | DnsLoadBalancingConfig | undefined;
  /** Largest answer taken, in bytes. @default 134217728 (128 MiB) */
  readonly answerBytesMax?: number | undefined;
  /** Connections opened at most; a further one is opened when the service allows no more calls on those there are. @default 8 */
  readonly connectionsMax?: number | undefined;
  /** Calls that may wait for a connection. @default 10000 */
  readonly queuedCallsMax?: number | undefined;
  /** Time to open a connection, in milliseconds. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Measures deadlines and waits. @default the host's clock */
  readonly clock?: Clock | undefined;
  /** Source of chance for reconnection, at least 0 and less than 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

const MEBIBYTE = 1024 * 1024;
// A call that the service refuses unprocessed is sent again at once, so often at most; then the caller's retries decide.
const SENDS_MAX = 3;

/**
 * Carries calls to a service over gRPC.
 *
 * It connects with the first call, and again when a connection is lost. Idle connections do not keep the process alive.
 */
export class GrpcTransport implements Transport {
  readonly #connection: ConnectionOptions;
  readonly #headers: OutgoingHttpHeaders;
  readonly #compression: GrpcCompression;
  readonly #answerBytesMax: number;
  readonly #clock: Clock;
  readonly #pool: GrpcPlaces;
  readonly #open = new Set<PendingCall>();
  #closed = false;

  /** @throws {AddressError} If the address cannot be read. */
  constructor(options: GrpcTransportOptions) {
    this.#connection = connectionOptions(options);
    this.#compression = options.compression ?? "gzip";
    this.#headers = fixedHeaders(this.#connection, this.#compression);
    this.#answerBytesMax = options.answerBytesMax ?? 128 * MEBIBYTE;
    this.#clock = options.clock ?? hostClock;
    this.#pool = openPlaces(options.dnsLoadBalancing, {
      connection: this.#connection,
      connectionsMax: options.connectionsMax ?? 8,
      queuedCallsMax: options.queuedCallsMax ?? 10_000,
      clock: this.#clock,
      random: options.random ?? Math.random,
    });
  }

  call(call: UnaryCall): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(closedError(call));
    const pending = new PendingCall(call, this.#clock);
    if (!pending.settled) {
      this.#open.add(pending);
      this.#prepare(pending);
    }
    return pending.answer;
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const pending of this.#open) pending.abandon(closedError(pending.call));
    this.#pool.close();
    return Promise.resolve();
  }

  #prepare(pending: PendingCall): void {
    const { path, body, metadata } = pending.call;
    try {
      const headers: OutgoingHttpHeaders = { ...this.#headers, ":path": path };
      if (metadata !== undefined) addMetadata(headers, metadata);
      const message = compressMessage(body, this.#compression);
      const send = (ready: FramedMessage): void => {
        const { authority } = this.#connection.target;
        const answerBytesMax = this.#answerBytesMax;
        const request = frameMessage(ready);
        this.#send({ pending, headers, request, answerBytesMax, authority }, 1);
      };
      if (message instanceof Promise) message.then(send, (error) => this.#fail(pending, error));
      else send(message);
    } catch (error) {
      this.#fail(pending, error);
    }
  }

  // Callbacks all the way: on this path promises are a good part of a call's cost.
  #send(given: Exchange, sends: number): void {
    const { pending } = given;
    try {
      const place = this.#pool.acquire(pending);
      if (place instanceof Promise) void this.#sendLater(place, given, sends);
      else this.#sendOver(place, given, sends);
    } catch (error) {
      this.#fail(pending, error);
    }
  }

  async #sendLater(place: Promise<GrpcConnection | undefined>, given: Exchange, sends: number): Promise<void> {
    try {
      const connection = await place;
      if (connection === undefined) this.#open.delete(given.pending);
      else this.#sendOver(connection, given, sends);
    } catch (error) {
      this.#fail(given.pending, error);
    }
  }

  #sendOver(connection: GrpcConnection, given: Exchange, sends: number): void {
    const { pending, headers, authority } = given;
    if (pending.settled) {
      this.#open.delete(pending);
      return this.#pool.release(connection);
    }
    const { leftMs } = pending;
    if (leftMs !== undefined) headers["grpc-timeout"] = formatTimeout(leftMs);
    exchange(connection, given, (unprocessed) => {
      this.#pool.release(connection);
      if (!unprocessed) this.#open.delete(pending);
      else if (sends < SENDS_MAX) this.#send(given, sends + 1);
      else this.#fail(pending, refusedError(pending.call, authority));
    });
  }

  #fail(pending: PendingCall, error: unknown): void {
    this.#open.delete(pending);
    pending.reject(asRPCError(error));
  }
}

function openPlaces(balancing: GrpcTransportOptions["dnsLoadBalancing"], options: GrpcPoolOptions): GrpcPlaces {
  const { proxy, target } = options.connection;
  // An address has no other addresses.
  const isUsed = balancing !== undefined && balancing !== false && proxy === undefined && isIP(target.host) === 0;
  return isUsed ? new GrpcBalancer(options, balancing === true ? {} : balancing) : new GrpcPool(options);
}

function connectionOptions(options: GrpcTransportOptions): ConnectionOptions {
  const { address, tls, proxy, keepAlive } = options;
  return {
    target: parseHostPort(address),
    tls: tls === true ? {} : tls || undefined,
    proxy,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    keepAlive: keepAlive === false ? undefined : { intervalMs: 30_000, timeoutMs: 15_000, ...keepAlive },
  };
}

function fixedHeaders({ target, tls }: ConnectionOptions, compression: GrpcCompression): OutgoingHttpHeaders {
  const authority = tls?.domain === undefined ? target.authority : tls.domain;
  return {
    ":method": "POST",
    ":scheme": tls === undefined ? "http" : "https",
    ":authority": authority,
    "content-type": "application/grpc",
    "user-agent": "perdure-grpc",
    te: "trailers",
    ...(compression === "gzip" && {
      "grpc-encoding": "gzip",
      "grpc-accept-encoding": ACCEPTED_ENCODINGS,
    }),
  };
}

function refusedError(call: UnaryCall, authority: string): RPCError {
  return new RPCError(
    RPCStatusCode.UNAVAILABLE,
    `Cannot finish call "${methodName(call.path)}": "${authority}" refused it unprocessed ${SENDS_MAX} times, expected once at most; try again later`,
  );
}
