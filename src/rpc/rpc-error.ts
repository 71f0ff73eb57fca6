import { TemporalError } from "../core/errors.ts";
import { Status } from "../proto/gen/google/rpc.ts";
import { RPCStatusCode, toStatusCode } from "./status.ts";

/** One detail of an {@link RPCError}: an encoded message and the URL of its type. */
export interface RPCErrorDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** What an {@link RPCError} may carry besides status and message. */
export interface RPCErrorOptions extends ErrorOptions {
  /** Messages that explain the status; they travel with the error. @default none */
  readonly details?: readonly RPCErrorDetail[] | undefined;
  /** The encoded `google.rpc.Status` as it was received. @default made from status, message and details when asked for */
  readonly grpcStatus?: Uint8Array | undefined;
}

/** A call to a service did not succeed. Services throw it, transports carry it, clients catch it. */
export class RPCError extends TemporalError {
  static override readonly code: string = "TEMPORAL_RPC";
  override readonly name: string = "RPCError";

  /** What sort of failure it was. */
  readonly status: RPCStatusCode;
  /** Messages that explain the status. */
  readonly details: readonly RPCErrorDetail[];
  readonly #grpcStatus: Uint8Array | undefined;

  constructor(status: RPCStatusCode, message: string, options: RPCErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.status = status;
    this.details = options.details ?? [];
    this.#grpcStatus = options.grpcStatus;
  }

  /** The error as an encoded `google.rpc.Status`, which holds the details. */
  get grpcStatus(): Uint8Array {
    return this.#grpcStatus ?? Status.encode({ code: this.status, message: this.message, details: [...this.details] });
  }
}

/** A call's final status as a transport received it. */
export interface ReceivedStatus {
  readonly code: number;
  readonly message: string;
  /** The encoded `google.rpc.Status`, if there was one. */
  readonly grpcStatus?: Uint8Array | undefined;
}

/** Turns a received status other than `OK` into the error that callers see. The one place where that happens. */
export function toRPCError(received: ReceivedStatus): RPCError {
  const { grpcStatus } = received;
  return new RPCError(toStatusCode(received.code), received.message, {
    details: grpcStatus === undefined ? undefined : decodeDetails(grpcStatus),
    grpcStatus,
  });
}

/** The error as an {@link RPCError}: what a service threw on purpose as it is, anything else as `INTERNAL`. */
export function asRPCError(error: unknown): RPCError {
  if (error instanceof RPCError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RPCError(RPCStatusCode.INTERNAL, message, { cause: error });
}

// Details only explain: an error whose details cannot be read is still that error.
function decodeDetails(grpcStatus: Uint8Array): readonly RPCErrorDetail[] {
  try {
    return Status.decode(grpcStatus).details.map(({ typeUrl, value }) => ({ typeUrl, value }));
  } catch {
    return [];
  }
}
