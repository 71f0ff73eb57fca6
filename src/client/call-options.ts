import type { Metadata } from "../rpc/transport.ts";

/** What may be said of a single call to the service. */
export interface CallOptions {
  /** Time for each try of the call, in milliseconds. @default 30000, or 70000 where the service holds the answer back */
  readonly timeoutMs?: number | undefined;
  /** Metadata sent with it; keys here go before the connection's. @default none */
  readonly metadata?: Metadata | undefined;
  /** Ends the call with `CANCELLED` when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** What may be said of a call of a raw service. */
export interface RawCallOptions extends CallOptions {
  /** Tries again after errors that may pass. @default false */
  readonly retry?: boolean | undefined;
}
