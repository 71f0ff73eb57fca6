import type { CancelTimer, Clock } from "../core/time/clock.ts";
import { backoffMs } from "./backoff.ts";
import type { ConnectionOptions } from "./grpc-connection.ts";
import { GrpcConnection } from "./grpc-connection.ts";
import type { PendingCall } from "./pending-call.ts";
import { methodName } from "./pending-call.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";

/** How a {@link GrpcPool} opens connections, and how many. */
export interface GrpcPoolOptions {
  readonly connection: ConnectionOptions;
  readonly connectionsMax: number;
  readonly queuedCallsMax: number;
  readonly clock: Clock;
  readonly random: () => number;
}

const reconnection = {
  initialIntervalMs: 100,
  multiplier: 1.6,
  maxIntervalMs: 5_000,
  randomizationFactor: 0.2,
} as const;

interface Waiter {
  readonly pending: PendingCall;
  readonly resolve: (connection: GrpcConnection | undefined) => void;
  readonly reject: (error: RPCError) => void;
}

/** Where calls get places on connections. */
export interface GrpcPlaces {
  /**
   * Reserves a place on a connection, which the caller gives back with {@link release}.
   *
   * @returns `undefined` if the call was settled before there was one.
   * @throws RPCError If no connection can be opened or too many calls wait.
   */
  acquire(pending: PendingCall): GrpcConnection | Promise<GrpcConnection | undefined>;
  /** Gives a place back. */
  release(connection: GrpcConnection): void;
  /** Closes all connections, whatever they carry. */
  close(): void;
}

/**
 * The connections to one service.
 *
 * The first call opens the first; another one is opened when the service allows no more calls on those there are. After a failed
 * attempt the next one waits, ever longer, and so do the calls that need it.
 */
export class GrpcPool implements GrpcPlaces {
  readonly #options: GrpcPoolOptions;
  readonly #usable: GrpcConnection[] = [];
  readonly #all = new Set<GrpcConnection>();
  readonly #waiting = new Set<Waiter>();
  #connecting = false;
  #failures = 0;
  #cancelReconnection: CancelTimer | undefined;
  #draining = false;
  #closed = false;

  constructor(options: GrpcPoolOptions) {
    this.#options = options;
  }

  acquire(pending: PendingCall): GrpcConnection | Promise<GrpcConnection | undefined> {
    const connection = this.#waiting.size === 0 ? this.#reserve() : undefined;
    return connection ?? this.#wait(pending);
  }

  release(connection: GrpcConnection): void {
    connection.release();
    if (this.#waiting.size > 0) this.#serveWaiters();
  }

  /** True if the last attempt to connect failed, and there is no connection. */
  get isDown(): boolean {
    return this.#failures > 0 && this.#usable.length === 0;
  }

  /** Opens a connection in the background, as soon as waiting after failed attempts allows, if there is none. */
  warmUp(): void {
    if (this.#usable.length === 0) this.#connect();
  }

  /** Closes connections once they carry nothing. Calls that wait for one still get it. */
  drain(): void {
    this.#draining = true;
    for (const connection of [...this.#usable]) connection.retire();
  }

  close(): void {
    this.#closed = true;
    this.#cancelReconnection?.();
    for (const connection of this.#all) connection.destroy();
  }

  #reserve(): GrpcConnection | undefined {
    const connection = this.#usable.find(({ hasRoom }) => hasRoom);
    connection?.reserve();
    return connection;
  }

  #wait(pending: PendingCall): Promise<GrpcConnection | undefined> {
    const { queuedCallsMax } = this.#options;
    if (this.#waiting.size >= queuedCallsMax) {
      throw new RPCError(
        RPCStatusCode.RESOURCE_EXHAUSTED,
        `Cannot start call "${methodName(pending.call.path)}": ${queuedCallsMax} calls wait for a connection already, expected fewer than queuedCallsMax; start fewer at once`,
      );
    }
    return new Promise((resolve, reject) => {
      const waiter = { pending, resolve, reject };
      this.#waiting.add(waiter);
      pending.onAbandoned(() => {
        this.#waiting.delete(waiter);
        resolve(undefined);
      });
      this.#serveWaiters();
    });
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiting) {
      const connection = this.#reserve();
      if (connection === undefined) return this.#connect();
      this.#waiting.delete(waiter);
      waiter.resolve(connection);
    }
  }

  #connect(): void {
    const { connectionsMax, clock, random } = this.#options;
    if (this.#connecting || this.#closed || this.#usable.length >= connectionsMax) return;
    this.#connecting = true;
    if (this.#failures === 0) return void this.#open();
    const waitMs = backoffMs(reconnection, this.#failures, random());
    this.#cancelReconnection = clock.schedule(clock.now() + waitMs, () => void this.#open());
  }

  async #open(): Promise<void> {
    try {
      const { connection: options } = this.#options;
      const connection = await GrpcConnection.open(options, {
        onUnusable: (gone) => this.#retire(gone),
        onClosed: (gone) => this.#all.delete(gone),
      });
      this.#all.add(connection);
      this.#usable.push(connection);
      this.#failures = 0;
      if (this.#closed) connection.destroy();
    } catch (error) {
      this.#failures += 1;
      // Calls that may still get a place on another connection go on waiting for that.
      if (this.#usable.length === 0) this.#rejectWaiters(error);
    } finally {
      this.#connecting = false;
    }
    this.#serveWaiters();
    if (this.#draining) this.drain();
  }

  #retire(connection: GrpcConnection): void {
    const at = this.#usable.indexOf(connection);
    if (at >= 0) this.#usable.splice(at, 1);
    if (this.#waiting.size > 0) this.#serveWaiters();
  }

  #rejectWaiters(cause: unknown): void {
    const waiters = [...this.#waiting];
    this.#waiting.clear();
    for (const { pending, reject } of waiters) reject(this.#unreachable(pending, cause));
  }

  #unreachable(pending: PendingCall, cause: unknown): RPCError {
    const { target, tls } = this.#options.connection;
    const how = tls === undefined ? "without TLS" : "with TLS";
    return new RPCError(
      RPCStatusCode.UNAVAILABLE,
      `Cannot start call "${methodName(pending.call.path)}": connecting to "${target.authority}" ${how} failed (${describe(cause)}); check that a Temporal service listens there and that the TLS settings are the ones it needs`,
      { cause },
    );
  }
}

function describe(error: unknown): string {
  // Node tries each address of a host and then reports them all, with an empty message.
  if (error instanceof AggregateError) return error.errors.map(describe).join("; ");
  return error instanceof Error ? error.message : String(error);
}
