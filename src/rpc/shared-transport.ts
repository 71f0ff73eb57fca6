import { closedError } from "./pending-call.ts";
import type { Transport, UnaryCall } from "./transport.ts";

/**
 * One user's share of a transport that others use too: closing it ends this user's calls and nobody else's.
 */
export class SharedTransport implements Transport {
  readonly #inner: Transport;
  readonly #release: () => Promise<void>;
  readonly #open = new Set<AbortController>();
  #released: Promise<void> | undefined;

  /** @param release Called once when this share is closed; the last one's may close `inner`. */
  constructor(inner: Transport, release: () => Promise<void>) {
    this.#inner = inner;
    this.#release = release;
  }

  async call(call: UnaryCall): Promise<Uint8Array> {
    if (this.#released !== undefined) throw closedError(call);
    const controller = new AbortController();
    const { signal } = call;
    const abort = (): void => controller.abort(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    this.#open.add(controller);
    try {
      return await this.#inner.call({ ...call, signal: controller.signal });
    } finally {
      this.#open.delete(controller);
      signal?.removeEventListener("abort", abort);
    }
  }

  close(): Promise<void> {
    if (this.#released === undefined) {
      for (const controller of this.#open) controller.abort(new Error("the transport is closed"));
      this.#released = this.#release();
    }
    return this.#released;
  }
}
