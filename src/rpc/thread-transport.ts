import type { MessagePort } from "node:worker_threads";
import type { Clock } from "../core/time/clock.ts";
import { hostClock } from "./host-clock.ts";
import { closedError, methodName, PendingCall } from "./pending-call.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { CallerMessage, ServiceMessage } from "./thread-message.ts";
import { fromPlainError, Outbox, ownBytes, toPlainError } from "./thread-message.ts";
import type { Transport, UnaryCall } from "./transport.ts";

/** What a {@link ThreadTransport} may be told. */
export interface ThreadTransportOptions {
  /** Measures deadlines. @default the host's clock */
  readonly clock?: Clock;
}

/**
 * Carries calls to a service in another thread, which serves the other end of the port with `serveThread`.
 *
 * The port keeps the process alive only while a call is in flight.
 */
export class ThreadTransport implements Transport {
  readonly #port: MessagePort;
  readonly #clock: Clock;
  readonly #outbox: Outbox<CallerMessage>;
  readonly #open = new Map<number, PendingCall>();
  #lastId = 0;
  #state: "open" | "closed" | "lost" = "open";

  constructor(port: MessagePort, options: ThreadTransportOptions = {}) {
    this.#port = port;
    this.#clock = options.clock ?? hostClock;
    this.#outbox = new Outbox(port);
    port.on("message", (messages: readonly ServiceMessage[]) => {
      for (const message of messages) this.#receive(message);
    });
    port.once("close", () => this.#lose());
    port.unref();
  }

  call(call: UnaryCall): Promise<Uint8Array> {
    if (this.#state === "closed") return Promise.reject(closedError(call));
    if (this.#state === "lost") return Promise.reject(lostError(call));
    const pending = new PendingCall(call, this.#clock);
    if (pending.settled) return pending.answer;
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.#open.size === 0) this.#port.ref();
    this.#open.set(id, pending);
    const body = ownBytes(call.body);
    const { path, metadata = {} } = call;
    const { leftMs: timeoutMs } = pending;
    this.#outbox.post({ kind: "call", id, path, body, metadata, timeoutMs }, body);
    pending.onAbandoned((reason) => {
      this.#take(id);
      this.#outbox.post({ kind: "abandon", id, reason: toPlainError(reason) });
    });
    return pending.answer;
  }

  close(): Promise<void> {
    if (this.#state !== "open") return Promise.resolve();
    this.#state = "closed";
    for (const pending of this.#open.values()) pending.abandon(closedError(pending.call));
    this.#outbox.flush();
    this.#port.close();
    return Promise.resolve();
  }

  #receive(message: ServiceMessage): void {
    const pending = this.#take(message.id);
    switch (message.kind) {
      case "answer":
        return pending?.resolve(message.body);
      case "fail":
        return pending?.reject(fromPlainError(message.error));
    }
  }

  #lose(): void {
    if (this.#state !== "open") return;
    this.#state = "lost";
    for (const pending of this.#open.values()) pending.reject(lostError(pending.call));
    this.#open.clear();
  }

  #take(id: number): PendingCall | undefined {
    const pending = this.#open.get(id);
    if (this.#open.delete(id) && this.#open.size === 0) this.#port.unref();
    return pending;
  }
}

function lostError(call: UnaryCall): RPCError {
  return new RPCError(
    RPCStatusCode.UNAVAILABLE,
    `Cannot finish call "${methodName(call.path)}": the thread of the service has ended; start the service again`,
  );
}
