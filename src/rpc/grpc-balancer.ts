import { lookup as lookUpHost } from "node:dns/promises";
import type { GrpcConnection } from "./grpc-connection.ts";
import { GrpcPool, type GrpcPlaces, type GrpcPoolOptions } from "./grpc-pool.ts";
import { methodName, type PendingCall } from "./pending-call.ts";
import { asRPCError, RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";

/** Spreads calls over all addresses that a host's name has. It has no effect on calls through a proxy. */
export interface DnsLoadBalancingConfig {
  /** How long the addresses count before they are looked up again, in milliseconds. @default 30000 */
  readonly resolutionIntervalMs?: number | undefined;
  /** Finds a host's addresses. @default the system's resolver */
  readonly lookup?: ((host: string) => Promise<readonly string[]>) | undefined;
}

interface Choice {
  readonly pool: GrpcPool;
  /** What was asked of it already. */
  readonly place?: Promise<GrpcConnection | undefined>;
}

/** Addresses of one host that are used at most. */
const ADDRESSES_MAX = 64;

/**
 * Pools of connections, one for each address of a host, which calls take in turns.
 *
 * Addresses are looked up with the first call, and again with a call once they are old. While that is under way, and if it
 * fails, calls go to those that are known. An address that cannot be reached is passed over.
 */
export class GrpcBalancer implements GrpcPlaces {
  readonly #options: GrpcPoolOptions;
  readonly #intervalMs: number;
  readonly #lookup: (host: string) => Promise<readonly string[]>;
  readonly #owners = new WeakMap<GrpcConnection, GrpcPool>();
  #pools = new Map<string, GrpcPool>();
  #turn = 0;
  #resolvedAtMs = Number.NEGATIVE_INFINITY;
  #resolution: Promise<void> | undefined;
  #lookupFailure: unknown;
  #closed = false;

  constructor(options: GrpcPoolOptions, { resolutionIntervalMs = 30_000, lookup = lookUpAll }: DnsLoadBalancingConfig) {
    this.#options = options;
    this.#intervalMs = resolutionIntervalMs;
    this.#lookup = lookup;
  }

  acquire(pending: PendingCall): GrpcConnection | Promise<GrpcConnection | undefined> {
    const { clock } = this.#options;
    if (clock.now() - this.#resolvedAtMs >= this.#intervalMs) this.#resolution ??= this.#resolve();
    if (this.#pools.size === 0) return this.#acquireLater(pending);
    const [pool, ...others] = this.#inTurn();
    const place = pool?.acquire(pending);
    if (pool === undefined || place === undefined) return this.#acquireLater(pending);
    if (place instanceof Promise)
      return this.#orElse(pending, [{ pool, place }, ...others.map((other) => ({ pool: other }))]);
    this.#owners.set(place, pool);
    return place;
  }

  release(connection: GrpcConnection): void {
    this.#owners.get(connection)?.release(connection);
  }

  close(): void {
    this.#closed = true;
    for (const pool of this.#pools.values()) pool.close();
  }

  /** All pools, beginning with the one whose turn it is; those that cannot be reached come last, and are tried meanwhile. */
  #inTurn(): readonly GrpcPool[] {
    const pools = [...this.#pools.values()];
    const first = this.#turn % Math.max(pools.length, 1);
    this.#turn = first + 1;
    const turned = [...pools.slice(first), ...pools.slice(0, first)];
    const down = turned.filter(({ isDown }) => isDown);
    for (const pool of down) pool.warmUp();
    return [...turned.filter(({ isDown }) => !isDown), ...down];
  }

  async #acquireLater(pending: PendingCall): Promise<GrpcConnection | undefined> {
    await this.#resolution;
    if (pending.settled) return undefined;
    if (this.#pools.size === 0) throw this.#withoutAddress(pending);
    return this.#orElse(
      pending,
      this.#inTurn().map((pool) => ({ pool })),
    );
  }

  /** Waits for a place that is being made, and goes on to the next address if it cannot be. */
  async #orElse(pending: PendingCall, choices: readonly Choice[]): Promise<GrpcConnection | undefined> {
    let failure: unknown;
    for (const { pool, place } of choices) {
      try {
        const connection = await (place ?? pool.acquire(pending));
        if (connection !== undefined) this.#owners.set(connection, pool);
        return connection;
      } catch (error) {
        failure = error;
        if (pending.settled) return undefined;
      }
    }
    // What is known may be out of date.
    this.#resolvedAtMs = Number.NEGATIVE_INFINITY;
    throw failure;
  }

  async #resolve(): Promise<void> {
    const { clock, connection } = this.#options;
    try {
      const addresses = (await this.#lookup(connection.target.host)).slice(0, ADDRESSES_MAX);
      this.#resolvedAtMs = clock.now();
      if (addresses.length > 0 && !this.#closed) this.#use(addresses);
    } catch (error) {
      // With addresses known, calls go on; the next one asks again.
      this.#lookupFailure = error;
    } finally {
      this.#resolution = undefined;
    }
  }

  #use(addresses: readonly string[]): void {
    const known = this.#pools;
    this.#pools = new Map(
      addresses.map((address) => {
        const connection = { ...this.#options.connection, address };
        return [address, known.get(address) ?? new GrpcPool({ ...this.#options, connection })];
      }),
    );
    for (const [address, pool] of known) if (!this.#pools.has(address)) pool.drain();
  }

  #withoutAddress(pending: PendingCall): RPCError {
    const { host } = this.#options.connection.target;
    const reason = this.#lookupFailure === undefined ? "it has none" : asRPCError(this.#lookupFailure).message;
    return new RPCError(
      RPCStatusCode.UNAVAILABLE,
      `Cannot start call "${methodName(pending.call.path)}": finding the addresses of "${host}" failed (${reason}); check the name and the resolver`,
      { cause: this.#lookupFailure },
    );
  }
}

async function lookUpAll(host: string): Promise<readonly string[]> {
  const found = await lookUpHost(host, { all: true });
  return found.map(({ address }) => address);
}
