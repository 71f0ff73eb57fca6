import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { IncomingCall, RpcHandler } from "./transport.ts";

/** A service for tests of transports: the method's name says what it does with a call. */
export class EchoService implements RpcHandler {
  /** Calls that are being served. */
  readonly open = new Set<IncomingCall>();
  /** Calls that have come so far. */
  count = 0;
  /** The last call that came. */
  last: IncomingCall | undefined;
  /** Answers the calls of `Hold`, in the order in which they came. */
  readonly held: (() => void)[] = [];
  #waiters: { readonly wanted: () => boolean; readonly done: () => void }[] = [];

  async handle(call: IncomingCall): Promise<Uint8Array> {
    this.count += 1;
    this.last = call;
    this.open.add(call);
    this.#tell();
    try {
      return await this.#answer(call);
    } finally {
      this.open.delete(call);
      this.#tell();
    }
  }

  /** Resolves when `wanted` holds; looked at when a call comes or goes. */
  until(wanted: () => boolean): Promise<void> {
    if (wanted()) return Promise.resolve();
    return new Promise((done) => this.#waiters.push({ wanted, done }));
  }

  #answer(call: IncomingCall): Promise<Uint8Array> {
    switch (call.path) {
      case "/test.Echo/Echo":
        return Promise.resolve(call.body);
      case "/test.Echo/Describe":
        return Promise.resolve(describe(call));
      case "/test.Echo/Hang":
        return new Promise((_resolve, reject) => {
          call.signal.addEventListener("abort", () => reject(call.signal.reason));
        });
      case "/test.Echo/Hold":
        return new Promise((resolve) => this.held.push(() => resolve(call.body)));
      case "/test.Echo/Fail":
        return Promise.reject(
          new RPCError(RPCStatusCode.ALREADY_EXISTS, "exists: 100 % «naïve» 🙂\nline 2", {
            details: [{ typeUrl: "type.googleapis.com/test.Why", value: call.body }],
          }),
        );
      case "/test.Echo/Crash":
        throw new TypeError("not a function");
      default:
        return Promise.reject(new RPCError(RPCStatusCode.UNIMPLEMENTED, `unknown method ${call.path}`));
    }
  }

  #tell(): void {
    for (const { done } of this.#waiters.filter(({ wanted }) => wanted())) done();
    this.#waiters = this.#waiters.filter(({ wanted }) => !wanted());
  }
}

/** What the `Describe` method answers with. */
export interface CallDescription {
  readonly metadata: Readonly<Record<string, string | readonly number[]>>;
  readonly timeoutMs: number | null;
}

function describe(call: IncomingCall): Uint8Array {
  const metadata = Object.fromEntries(
    Object.entries(call.metadata).map(([key, value]) => [key, typeof value === "string" ? value : [...value]]),
  );
  return new TextEncoder().encode(JSON.stringify({ metadata, timeoutMs: call.timeoutMs ?? null }));
}

/** Reads what {@link EchoService} answered to `Describe`. */
export function readDescription(body: Uint8Array): CallDescription {
  return JSON.parse(new TextDecoder().decode(body)) as CallDescription;
}

/** Bytes that do not compress and are the same every time. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
