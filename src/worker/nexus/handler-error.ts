import { HandlerError, OperationError, type HandlerErrorType } from "nexus-rpc";
import { WorkflowAlreadyStartedError } from "../../payload/already-started-error.ts";
import { ApplicationError, CancelledError, FailureError } from "../../payload/failure-error.ts";
import { NexusHandlerError } from "../../payload/operation-error.ts";
import { NexusHandlerErrorRetryBehavior } from "../../proto/gen/enums.ts";
import { RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";

/** Further causes are left as they are: an error may be its own cause. */
const CAUSES_MAX = 50;

/** The failure that tells a caller why its request got no answer. */
export function toHandlerFailure(error: unknown): NexusHandlerError {
  return toPlainHandlerError(toHandlerError(error), 0);
}

/** The failure that an operation ended with at its start. */
export function toOperationFailure(error: OperationError): FailureError {
  const cause: unknown = withPlainCauses(error.cause, 0);
  const failure =
    error.state === "canceled"
      ? new CancelledError(error.message, { cause })
      : new ApplicationError(error.message, { type: "OperationError", nonRetryable: true, cause });
  return withStackOf(failure, error);
}

/** Any error of a handler as one that Nexus knows, with the error as its cause. */
function toHandlerError(error: unknown): HandlerError {
  if (error instanceof HandlerError) return error;
  const as = (type: HandlerErrorType, message: string, retryableOverride?: boolean): HandlerError =>
    new HandlerError(type, message, { cause: error, retryableOverride });
  if (error instanceof ApplicationError) {
    const text = `Handler failed with ${error.nonRetryable ? "non-retryable " : ""}application error`;
    return as("INTERNAL", text, !error.nonRetryable);
  }
  if (error instanceof WorkflowAlreadyStartedError) return as("INTERNAL", error.message, false);
  if (error instanceof RPCError) {
    const { type, retryable } = fromStatus(error.status);
    return as(type, error.message, retryable);
  }
  return as("INTERNAL", "Internal handler error");
}

/** How a service's refusal of what the handler asked counts for the handler's caller. */
function fromStatus(status: RPCStatusCode): { readonly type: HandlerErrorType; readonly retryable?: boolean } {
  switch (status) {
    case RPCStatusCode.INVALID_ARGUMENT:
      return { type: "BAD_REQUEST" };
    case RPCStatusCode.ALREADY_EXISTS:
    case RPCStatusCode.FAILED_PRECONDITION:
    case RPCStatusCode.OUT_OF_RANGE:
      return { type: "INTERNAL", retryable: false };
    case RPCStatusCode.ABORTED:
    case RPCStatusCode.UNAVAILABLE:
      return { type: "UNAVAILABLE" };
    case RPCStatusCode.NOT_FOUND:
      return { type: "NOT_FOUND" };
    case RPCStatusCode.RESOURCE_EXHAUSTED:
      return { type: "RESOURCE_EXHAUSTED" };
    case RPCStatusCode.UNIMPLEMENTED:
      return { type: "NOT_IMPLEMENTED" };
    case RPCStatusCode.DEADLINE_EXCEEDED:
      return { type: "UPSTREAM_TIMEOUT" };
    // That the handler may not ask says nothing of what its caller may: it is no error of the caller's.
    default:
      return { type: "INTERNAL" };
  }
}

function toPlainHandlerError(error: HandlerError, depth: number): NexusHandlerError {
  const { retryableOverride } = error;
  const plain = new NexusHandlerError(error.message, {
    type: error.rawErrorType,
    retryBehavior:
      retryableOverride === undefined
        ? NexusHandlerErrorRetryBehavior.UNSPECIFIED
        : retryableOverride
          ? NexusHandlerErrorRetryBehavior.RETRYABLE
          : NexusHandlerErrorRetryBehavior.NON_RETRYABLE,
    cause: withPlainCauses(error.cause, depth + 1),
  });
  return withStackOf(plain, error);
}

/** Errors of the Nexus package are no failures, wherever in a chain of causes they stand. */
function withPlainCauses(error: unknown, depth: number): unknown {
  if (depth >= CAUSES_MAX) return error;
  if (error instanceof HandlerError) return toPlainHandlerError(error, depth);
  if (error instanceof OperationError) return toOperationFailure(error);
  return error;
}

function withStackOf<T extends Error>(error: T, from: Error): T {
  if (from.stack !== undefined) error.stack = from.stack;
  return error;
}
