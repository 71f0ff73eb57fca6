/** Metadata of one call: lower-case keys; a key that ends in "-bin" holds bytes, any other a string. */
export type Metadata = Readonly<Record<string, string | Uint8Array>>;

/** What a transport and a service need of a call's `AbortSignal`; one made by this package itself may be lighter. */
export interface CallSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** One unary call as it crosses a {@link Transport}: encoded bytes, so that the halves stay apart whatever carries them. */
export interface UnaryCall {
  /** Full gRPC path, such as `/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution`. */
  readonly path: string;
  /** The encoded request message. */
  readonly body: Uint8Array;
  /** @default no metadata */
  readonly metadata?: Metadata | undefined;
  /** Time the caller gives the call, in milliseconds from now. @default no deadline */
  readonly timeoutMs?: number | undefined;
  /** Ends the call with `CANCELLED` when it aborts. */
  readonly signal?: CallSignal | undefined;
}

/**
 * Carries unary calls to a service: over a socket, to another thread or straight to a function.
 *
 * A call resolves with the encoded response or rejects with an `RPCError`, never with anything else.
 */
export interface Transport {
  call(call: UnaryCall): Promise<Uint8Array>;
  /** Rejects calls in flight with `CANCELLED` and frees what the transport holds. Idempotent. */
  close(): Promise<void>;
}

/** A call as a service receives it. */
export interface IncomingCall {
  readonly path: string;
  readonly body: Uint8Array;
  readonly metadata: Metadata;
  /** Milliseconds left when the call arrived; absent without a deadline. */
  readonly timeoutMs?: number | undefined;
  /** Aborts when the caller is gone or the deadline has passed. */
  readonly signal: CallSignal;
}

/** The other end of a {@link Transport}: a service that answers encoded calls, or rejects with an `RPCError`. */
export interface RpcHandler {
  handle(call: IncomingCall): Promise<Uint8Array>;
}
