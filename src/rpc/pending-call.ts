import type { CancelTimer, Clock } from "../core/time/clock.ts";
import { RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { UnaryCall } from "./transport.ts";

/**
 * A call under way on the caller's side, whatever carries it: it settles once, with the first of an answer, an error, the
 * deadline and the caller's abort.
 */
export class PendingCall {
  readonly call: UnaryCall;
  /** Settles with the call. */
  readonly answer: Promise<Uint8Array>;

  readonly #clock: Clock;
  readonly #deadlineMs: number | undefined;
  #settled = false;
  #resolve!: (body: Uint8Array) => void;
  #reject!: (error: RPCError) => void;
  #cancelTimer: CancelTimer | undefined;
  #onAbort: (() => void) | undefined;
  #onAbandoned: ((reason: RPCError) => void) | undefined;

  constructor(call: UnaryCall, clock: Clock) {
    this.call = call;
    this.#clock = clock;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (call.timeoutMs !== undefined) {
      this.#deadlineMs = clock.now() + call.timeoutMs;
      if (call.timeoutMs <= 0) this.abandon(lateError(call));
      else this.#cancelTimer = clock.schedule(this.#deadlineMs, () => this.abandon(lateError(call)));
    }
    const { signal } = call;
    if (signal === undefined || this.#settled) return;
    this.#onAbort = () => this.abandon(abortedError(call));
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Milliseconds to the deadline, at least 0; `undefined` without one. */
  get leftMs(): number | undefined {
    if (this.#deadlineMs === undefined) return undefined;
    return Math.max(0, this.#deadlineMs - this.#clock.now());
  }

  /** Calls `tell` when the call is abandoned, so that the other side is told to stop. The last one given counts. */
  onAbandoned(tell: (reason: RPCError) => void): void {
    this.#onAbandoned = tell;
  }

  resolve(body: Uint8Array): void {
    if (this.#settle()) this.#resolve(body);
  }

  reject(error: RPCError): void {
    if (this.#settle()) this.#reject(error);
  }

  /** Rejects the call from this side, and tells the other. */
  abandon(reason: RPCError): void {
    if (!this.#settle()) return;
    this.#reject(reason);
    this.#onAbandoned?.(reason);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#cancelTimer?.();
    if (this.#onAbort !== undefined) this.call.signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }
}

/** Last part of a gRPC path: the method's name, by which messages call it. */
export function methodName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function lateError(call: UnaryCall): RPCError {
  return new RPCError(
    RPCStatusCode.DEADLINE_EXCEEDED,
    `Cannot finish call "${methodName(call.path)}": no answer within its ${call.timeoutMs} ms; give it a longer timeout or see why the service is slow`,
  );
}

function abortedError(call: UnaryCall): RPCError {
  return new RPCError(
    RPCStatusCode.CANCELLED,
    `Cannot finish call "${methodName(call.path)}": its signal was aborted`,
    { cause: call.signal?.reason },
  );
}

/** The error of calls that a closed transport cuts off or does not take. */
export function closedError(call: UnaryCall): RPCError {
  return new RPCError(
    RPCStatusCode.CANCELLED,
    `Cannot finish call "${methodName(call.path)}": the transport is closed; make a new one`,
  );
}
