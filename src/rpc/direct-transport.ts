import type { Clock } from "../core/time/clock.ts";
import { hostClock } from "./host-clock.ts";
import { serveCall } from "./incoming.ts";
import { closedError, PendingCall } from "./pending-call.ts";
import type { RpcHandler, Transport, UnaryCall } from "./transport.ts";
import { queueMicrotask } from "./host-timers.ts";

/** What a {@link DirectTransport} may be told. */
export interface DirectTransportOptions {
  /** Measures deadlines. @default the host's clock */
  readonly clock?: Clock;
}

/** Carries calls to a service in the same thread, as encoded bytes and never synchronously. */
export class DirectTransport implements Transport {
  readonly #handler: RpcHandler;
  readonly #clock: Clock;
  readonly #open = new Set<PendingCall>();
  #closed = false;

  constructor(handler: RpcHandler, options: DirectTransportOptions = {}) {
    this.#handler = handler;
    this.#clock = options.clock ?? hostClock;
  }

  call(call: UnaryCall): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(closedError(call));
    const pending = new PendingCall(call, this.#clock);
    if (pending.settled) return pending.answer;
    this.#open.add(pending);
    // A microtask parts caller and service: neither runs inside the other's call.
    queueMicrotask(() => {
      if (pending.settled) this.#open.delete(pending);
      else this.#serve(pending);
    });
    return pending.answer;
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const pending of this.#open) pending.abandon(closedError(pending.call));
    this.#open.clear();
    return Promise.resolve();
  }

  #serve(pending: PendingCall): void {
    const { path, body, metadata = {} } = pending.call;
    const abandon = serveCall(
      this.#handler,
      { path, body, metadata, timeoutMs: pending.leftMs },
      {
        answer: (answer) => {
          this.#open.delete(pending);
          pending.resolve(answer);
        },
        fail: (error) => {
          this.#open.delete(pending);
          pending.reject(error);
        },
      },
    );
    pending.onAbandoned((reason) => {
      this.#open.delete(pending);
      abandon(reason);
    });
  }
}
