import { ExecutionError } from "../core/execution/execution-error.ts";
import { ResourceExhaustedCause, ResourceExhaustedScope } from "../proto/gen/enums.ts";
import { MultiOperationExecutionAborted, type Failure } from "../proto/gen/failure.ts";
import {
  ActivityExecutionAlreadyStartedFailure,
  MultiOperationExecutionFailure,
  NamespaceAlreadyExistsFailure,
  NamespaceNotFoundFailure,
  NexusOperationExecutionAlreadyStartedFailure,
  NotFoundFailure,
  QueryFailedFailure,
  ResourceExhaustedFailure,
  WorkflowExecutionAlreadyStartedFailure,
  WorkflowNotReadyFailure,
} from "../proto/gen/errordetails.ts";
import type { Init, MessageType } from "../proto/message.ts";
import { RPCError, type RPCErrorDetail } from "../rpc/rpc-error.ts";
import { RPCStatusCode } from "../rpc/status.ts";
import { EngineFailedError } from "./history/engine-error.ts";
import { StoreError } from "./store/store-error.ts";

/** The request is wrong by itself. */
export function invalidArgument(message: string): RPCError {
  return new RPCError(RPCStatusCode.INVALID_ARGUMENT, message);
}

/** What the request names is not there. */
export function notFound(message: string): RPCError {
  return withDetail(RPCStatusCode.NOT_FOUND, message, NotFoundFailure, {});
}

/** The state does not allow the request. */
export function failedPrecondition(message: string): RPCError {
  return new RPCError(RPCStatusCode.FAILED_PRECONDITION, message);
}

/** This server does not have what was asked for. */
export function unimplemented(message: string): RPCError {
  return new RPCError(RPCStatusCode.UNIMPLEMENTED, message);
}

/** The caller gave no time, or it has passed. */
export function deadlineExceeded(): RPCError {
  return new RPCError(RPCStatusCode.DEADLINE_EXCEEDED, "context deadline exceeded");
}

export function namespaceNotFound(namespace: string): RPCError {
  return withDetail(RPCStatusCode.NOT_FOUND, `Namespace ${namespace} is not found.`, NamespaceNotFoundFailure, {
    namespace,
  });
}

export function namespaceAlreadyExists(message: string): RPCError {
  return withDetail(RPCStatusCode.ALREADY_EXISTS, message, NamespaceAlreadyExistsFailure, {});
}

/** The workflow id is taken, by a run that is open or by the reuse policy. */
export function workflowAlreadyStarted(
  message: string,
  run: { readonly startRequestId: string; readonly runId: string; readonly firstExecutionRunId: string },
): RPCError {
  return withDetail(RPCStatusCode.ALREADY_EXISTS, message, WorkflowExecutionAlreadyStartedFailure, run);
}

/** The id of a standalone activity is taken, by one that is open or by the reuse policy. */
export function activityAlreadyStarted(activity: {
  readonly startRequestId: string;
  readonly runId: string;
}): RPCError {
  return withDetail(
    RPCStatusCode.ALREADY_EXISTS,
    "activity execution already started",
    ActivityExecutionAlreadyStartedFailure,
    activity,
  );
}

/** The id of a standalone Nexus operation is taken, by one that is open or by the reuse policy. */
export function nexusOperationAlreadyStarted(operation: {
  readonly startRequestId: string;
  readonly runId: string;
}): RPCError {
  const { startRequestId, runId } = operation;
  return withDetail(
    RPCStatusCode.ALREADY_EXISTS,
    `nexus operation execution already started: request_id=${startRequestId}, run_id=${runId}`,
    NexusOperationExecutionAlreadyStartedFailure,
    operation,
  );
}

/** The run has not come far enough for the request. */
export function workflowNotReady(message: string): RPCError {
  return withDetail(RPCStatusCode.FAILED_PRECONDITION, message, WorkflowNotReadyFailure, {});
}

/** The worker answered a query with an error. */
export function queryFailed(message: string, failure: Failure | undefined): RPCError {
  return withDetail(RPCStatusCode.INVALID_ARGUMENT, message, QueryFailedFailure, { failure });
}

/** A limit was reached. `cause` and `scope` are `ResourceExhaustedCause` and `ResourceExhaustedScope`. */
export function resourceExhausted(message: string, cause: number, scope: number): RPCError {
  return withDetail(RPCStatusCode.RESOURCE_EXHAUSTED, message, ResourceExhaustedFailure, {
    cause: cause as ResourceExhaustedFailure["cause"],
    scope: scope as ResourceExhaustedFailure["scope"],
  });
}

/** The parts of a multi-operation that failed, one after the other; `undefined` for one that succeeded. */
export function multiOperationFailed(message: string, errors: readonly (RPCError | undefined)[]): RPCError {
  const first = errors.find((error) => error !== undefined && error.status !== RPCStatusCode.ABORTED);
  return withDetail(first?.status ?? RPCStatusCode.ABORTED, message, MultiOperationExecutionFailure, {
    statuses: errors.map((error) =>
      error === undefined
        ? { code: RPCStatusCode.OK }
        : { code: error.status, message: error.message, details: error.details },
    ),
  });
}

/** One operation of several was not tried, or taken back, because another failed. */
export function operationAborted(): RPCError {
  return withDetail(RPCStatusCode.ABORTED, "Operation was aborted.", MultiOperationExecutionAborted, {});
}

/** What any thrown value means to a caller. The one place where that is decided. */
export function toRPCError(error: unknown): RPCError {
  if (error instanceof RPCError) return error;
  if (error instanceof ExecutionError) {
    if (error.status === "NOT_FOUND") return notFound(error.message);
    if (error.status === "RESOURCE_EXHAUSTED") {
      return resourceExhausted(error.message, ResourceExhaustedCause.BUSY_WORKFLOW, ResourceExhaustedScope.NAMESPACE);
    }
    return new RPCError(RPCStatusCode[error.status], error.message, { cause: error });
  }
  if (error instanceof EngineFailedError || error instanceof StoreError) {
    return new RPCError(RPCStatusCode.UNAVAILABLE, error.message, { cause: error });
  }
  return new RPCError(RPCStatusCode.INTERNAL, error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

/** An error with one detail of a known type. */
export function withDetail<T extends object>(
  status: RPCStatusCode,
  message: string,
  type: MessageType<T>,
  detail: Init<T>,
): RPCError {
  return new RPCError(status, message, { details: [toDetail(type, detail)] });
}

/** A message as a detail. */
export function toDetail<T extends object>(type: MessageType<T>, detail: Init<T>): RPCErrorDetail {
  return { typeUrl: `type.googleapis.com/${type.typeName}`, value: type.encode(detail) };
}
