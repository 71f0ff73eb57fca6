import { toDurationMs } from "../core/time/duration.ts";
import type { Payloads } from "../proto/gen/common.ts";
import type { Failure } from "../proto/gen/failure.ts";
import {
  ApplicationError,
  CancelledError,
  FailureError,
  ServerError,
  TerminatedError,
  TimeoutError,
} from "./failure-error.ts";
import { ActivityError, ChildWorkflowError, NexusHandlerError, NexusOperationError } from "./operation-error.ts";
import type { PayloadConverter } from "./payload-converter.ts";
import { WaitTimeoutError } from "./wait-timeout-error.ts";

/** Who made a failure, for people: nothing matches on it. */
const SOURCE = "Perdure";
const ENCODED_MESSAGE = "Encoded failure";

type FailureInfo = NonNullable<Failure["failureInfo"]>;

/** How an error becomes a failure. */
export interface ErrorToFailureOptions {
  /** Moves message and stack trace into a payload. */
  readonly encodeCommonAttributes: boolean;
  /** Makes a failure of the error's cause; `undefined` leaves that out. */
  readonly toCause: (cause: unknown) => Failure | undefined;
}

/** An error as a failure. One that was read from a failure gives it back, unchanged but for what is to be hidden in it. */
export function errorToFailure(
  error: unknown,
  payloadConverter: PayloadConverter,
  { encodeCommonAttributes, toCause }: ErrorToFailureOptions,
): Failure {
  if (error instanceof FailureError && error.failure !== undefined)
    return encodeCommonAttributes ? withHiddenAttributes(error.failure, payloadConverter) : error.failure;
  const cause = typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined;
  const failure: Failure = {
    message: messageOf(error),
    source: SOURCE,
    stackTrace: stackOf(error),
    encodedAttributes: undefined,
    cause: cause === undefined ? undefined : toCause(cause),
    failureInfo: infoOf(error, payloadConverter),
  };
  return encodeCommonAttributes ? withHiddenAttributes(failure, payloadConverter) : failure;
}

/** Hides what is not hidden yet, in causes too. */
function withHiddenAttributes(failure: Failure, converter: PayloadConverter): Failure {
  const cause = failure.cause === undefined ? undefined : withHiddenAttributes(failure.cause, converter);
  if (failure.encodedAttributes !== undefined) return cause === failure.cause ? failure : { ...failure, cause };
  const encodedAttributes = converter.toPayload({ message: failure.message, stack_trace: failure.stackTrace });
  return { ...failure, cause, message: ENCODED_MESSAGE, stackTrace: "", encodedAttributes };
}

function infoOf(error: unknown, converter: PayloadConverter): Failure["failureInfo"] {
  if (error instanceof ApplicationError) return applicationInfo(error, converter);
  if (error instanceof CancelledError)
    return { case: "canceledFailureInfo", value: { details: wrap(error.details, converter), identity: "" } };
  // A wait of workflow code has none of the service's timeouts to name.
  if (error instanceof WaitTimeoutError) return plainInfo("TimeoutError");
  if (error instanceof TimeoutError) {
    return {
      case: "timeoutFailureInfo",
      value: { timeoutType: error.type, lastHeartbeatDetails: wrap(error.lastHeartbeatDetails, converter) },
    };
  }
  if (error instanceof TerminatedError) return { case: "terminatedFailureInfo", value: { identity: "" } };
  if (error instanceof ServerError) return { case: "serverFailureInfo", value: { nonRetryable: error.nonRetryable } };
  const info = operationInfo(error);
  if (info !== undefined || (error instanceof FailureError && error.constructor === FailureError)) return info;
  return plainInfo(typeNameOf(error));
}

function applicationInfo(error: ApplicationError, converter: PayloadConverter): FailureInfo {
  const { nextRetryDelay } = error;
  const value = {
    type: error.type ?? "",
    nonRetryable: error.nonRetryable,
    details: wrap(error.details, converter),
    nextRetryDelay: nextRetryDelay === undefined ? undefined : toDuration(toDurationMs(nextRetryDelay)),
    category: error.category,
  };
  return { case: "applicationFailureInfo", value };
}

function plainInfo(type: string): FailureInfo {
  return {
    case: "applicationFailureInfo",
    value: { type, nonRetryable: false, details: undefined, nextRetryDelay: undefined, category: 0 },
  };
}

function operationInfo(error: unknown): Failure["failureInfo"] {
  if (error instanceof ActivityError) {
    const { scheduledEventId, startedEventId, identity, activityId, retryState } = error;
    return {
      case: "activityFailureInfo",
      value: {
        scheduledEventId,
        startedEventId,
        identity,
        activityType: { name: error.activityType },
        activityId,
        retryState,
      },
    };
  }
  if (error instanceof ChildWorkflowError) {
    const { namespace, workflowId, runId, initiatedEventId, startedEventId, retryState } = error;
    const workflowExecution = { workflowId, runId };
    return {
      case: "childWorkflowExecutionFailureInfo",
      value: {
        namespace,
        workflowExecution,
        workflowType: { name: error.workflowType },
        initiatedEventId,
        startedEventId,
        retryState,
      },
    };
  }
  if (error instanceof NexusOperationError) {
    const { scheduledEventId, endpoint, service, operation, operationToken } = error;
    return {
      case: "nexusOperationExecutionFailureInfo",
      value: { scheduledEventId, endpoint, service, operation, operationId: operationToken, operationToken },
    };
  }
  if (error instanceof NexusHandlerError)
    return { case: "nexusHandlerFailureInfo", value: { type: error.type, retryBehavior: error.retryBehavior } };
  return undefined;
}

function wrap(values: readonly unknown[], converter: PayloadConverter): Payloads | undefined {
  return values.length === 0 ? undefined : { payloads: converter.toPayloads(values) };
}

function toDuration(ms: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.trunc(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  if (typeof error === "string") return error;
  try {
    return JSON.stringify(error) ?? String(error);
  } catch {
    return String(error);
  }
}

/** What retry policies match on: the error's class, by its name. */
function typeNameOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return typeof error;
  const name = "name" in error && typeof error.name === "string" ? error.name : "";
  return name === "" || name === "Error" ? (error.constructor?.name ?? "Error") : name;
}

/** The stack without its first lines, which repeat the message. */
function stackOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("stack" in error) || typeof error.stack !== "string") return "";
  const { stack } = error;
  const first = stack.search(/^\s+at /m);
  if (first >= 0) return stack.slice(first);
  // Other engines put no message before the frames.
  return stack.includes(messageOf(error)) ? "" : stack;
}
