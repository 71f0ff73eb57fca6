import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { connect } from "node:http2";
import type { Duplex } from "node:stream";
import type { CancelTimer } from "../core/time/clock.ts";
import type { DialOptions } from "./grpc-socket.ts";
import { dial } from "./grpc-socket.ts";
import { onceInBackground } from "./host-clock.ts";
import type { KeepAliveConfig } from "./keep-alive.ts";
import { startPings } from "./keep-alive.ts";

/** How a connection is opened and kept. */
export interface ConnectionOptions extends DialOptions {
  /** Time to open it, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** No pings when absent. */
  readonly keepAlive: Required<KeepAliveConfig> | undefined;
}

// What the other side may send before we have read it, a stream and the whole connection. Large enough for a history page at
// full speed over a long line.
const STREAM_WINDOW_BYTES = 2 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
// Node's own limit of 10 MB a session is reached with some thousand long polls.
const SESSION_MEGABYTES_MAX = 1024;

/** Hears what becomes of a connection. */
export interface ConnectionListener {
  /** It takes no more calls; called once. */
  onUnusable(connection: GrpcConnection): void;
  /** It is closed; called once. */
  onClosed(connection: GrpcConnection): void;
}

/** One HTTP/2 connection to a server. */
export class GrpcConnection {
  /** Set by a GOAWAY: streams with a larger id were not processed. */
  lastProcessedId = Number.POSITIVE_INFINITY;

  readonly #session: ClientHttp2Session;
  readonly #listener: ConnectionListener;
  readonly #stopPings: CancelTimer;
  #active = 0;
  #draining = false;
  #lossReason: string | undefined;

  /** Opens a connection. */
  static async open(options: ConnectionOptions, listener: ConnectionListener): Promise<GrpcConnection> {
    const controller = new AbortController();
    const cancelTimer = onceInBackground(options.connectTimeoutMs, () => {
      controller.abort(new Error(`no connection within ${options.connectTimeoutMs} ms`));
    });
    try {
      const socket = await dial(options, controller.signal);
      // After an error nothing can be said any more: a session would wait for its last bytes to leave.
      socket.once("error", () => socket.destroy());
      const session = await startSession(socket, options, controller.signal);
      return new GrpcConnection(session, options.keepAlive, listener);
    } catch (error) {
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      cancelTimer();
    }
  }

  private constructor(
    session: ClientHttp2Session,
    keepAlive: Required<KeepAliveConfig> | undefined,
    listener: ConnectionListener,
  ) {
    this.#session = session;
    this.#listener = listener;
    session.on("goaway", (code: number, lastStreamId: number) => {
      this.lastProcessedId = lastStreamId;
      if (code !== 0) this.#lossReason ??= `the server ended it with HTTP/2 code ${code}`;
      this.retire();
    });
    session.on("error", (error: Error) => {
      this.#lossReason ??= error.message;
    });
    session.on("close", () => {
      this.#stopPings();
      this.retire();
      listener.onClosed(this);
    });
    session.unref();
    this.#stopPings = keepAlive === undefined ? () => {} : startPings(session, keepAlive, () => this.#drop(keepAlive));
  }

  /** True if it can take one more call within the number of streams that the server allows. */
  get hasRoom(): boolean {
    return !this.draining && this.#active < this.#streamsMax;
  }

  /** Why it is gone; `undefined` while it is there. */
  get loss(): string | undefined {
    if (!this.#session.destroyed) return undefined;
    return this.#lossReason ?? "the connection was closed";
  }

  /** Takes one of its places; {@link release} gives it back. */
  reserve(): void {
    // An idle connection must not keep the process alive, a call must.
    if (this.#active === 0) this.#session.ref();
    this.#active += 1;
  }

  release(): void {
    this.#active -= 1;
    if (this.#active > 0 || this.#session.destroyed) return;
    if (this.#draining) this.#session.destroy();
    else this.#session.unref();
  }

  /** Opens a stream. @throws Error If the headers cannot be sent or the session takes no more. */
  startStream(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    return this.#session.request(headers);
  }

  /** True once it takes no more calls. */
  get draining(): boolean {
    return this.#draining || this.#session.closed || this.#session.destroyed;
  }

  /** Stops taking calls; it closes when those it carries are done. */
  retire(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#listener.onUnusable(this);
    // A session that is told to close while it carries nothing may wait for the server to close it.
    if (this.#active === 0) this.#session.destroy();
    else this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  #drop(keepAlive: Required<KeepAliveConfig>): void {
    this.#lossReason = `no answer to a keep-alive ping within ${keepAlive.timeoutMs} ms`;
    this.#session.destroy();
  }

  get #streamsMax(): number {
    return this.#session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  }
}

function startSession(socket: Duplex, options: ConnectionOptions, signal: AbortSignal): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${options.target.authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: SESSION_MEGABYTES_MAX,
    });
    const abandon = (): void => fail(signal.reason as Error);
    const closed = (): void => fail(new Error("the server closed the connection at once"));
    const fail = (error: Error): void => {
      session.destroy();
      socket.destroy();
      reject(error);
    };
    signal.addEventListener("abort", abandon, { once: true });
    socket.once("error", fail);
    session.once("error", fail);
    session.once("close", closed);
    // The server's settings are the first sign that it speaks HTTP/2, and they tell how many streams it takes.
    session.once("remoteSettings", () => {
      session.off("error", fail).off("close", closed);
      socket.off("error", fail);
      signal.removeEventListener("abort", abandon);
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      resolve(session);
    });
  });
}
