import { CallScope } from "./call-scope.ts";
import { closedError } from "./pending-call.ts";
import type { Transport, UnaryCall } from "./transport.ts";

/**
 * One user's share of a transport that others use too: closing it ends this user's calls and nobody else's.
 */
export class SharedTransport implements Transport {
  readonly #inner: Transport;
  readonly #release: () => Promise<void>;
  readonly #open = new Set<CallScope>();
  #released: Promise<void> | undefined;

  /** @param release Called once when this share is closed; the last one's may close `inner`. */
  constructor(inner: Transport, release: () => Promise<void>) {
    this.#inner = inner;
    this.#release = release;
  }

  async call(call: UnaryCall): Promise<Uint8Array> {
    if (this.#released !== undefined) throw closedError(call);
    const scope = new CallScope();
    const { signal } = call;
    const abort = (): void => scope.abort(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    this.#open.add(scope);
    try {
      return await this.#inner.call({ ...call, signal: scope });
    } finally {
      this.#open.delete(scope);
      signal?.removeEventListener("abort", abort);
    }
  }

  close(): Promise<void> {
    if (this.#released === undefined) {
      for (const scope of this.#open) scope.abort(new Error("the transport is closed"));
      this.#released = this.#release();
    }
    return this.#released;
  }
}

/** A transport and what ends the service behind it. */
export interface OwnedTransport {
  readonly transport: Transport;
  stop(): Promise<void>;
}

/**
 * Lets those who open the same thing share one transport to it; when the last share is closed, the service is stopped.
 *
 * @param open Opens what a key stands for; called again only after that was stopped or could not be opened.
 */
export function shareTransports(open: (key: string) => Promise<OwnedTransport>): (key: string) => Promise<Transport> {
  const opened = new Map<string, { readonly owned: Promise<OwnedTransport>; users: number }>();
  return async (key) => {
    const shared = opened.get(key) ?? { owned: open(key), users: 0 };
    opened.set(key, shared);
    shared.users += 1;
    const leave = (): boolean => {
      shared.users -= 1;
      return shared.users === 0 && opened.delete(key);
    };
    try {
      const owned = await shared.owned;
      return new SharedTransport(owned.transport, async () => {
        if (leave()) await owned.stop();
      });
    } catch (error) {
      leave();
      throw error;
    }
  };
}
