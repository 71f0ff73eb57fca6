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

/**
 * A failure as an error that keeps the failure.
 *
 * @param toCause Makes an error of the failure's cause.
 */
export function failureToError(
  failure: Failure,
  converter: PayloadConverter,
  toCause: (cause: Failure) => Error,
): Error {
  const shown = withDecodedAttributes(failure, converter);
  const cause = failure.cause === undefined ? undefined : toCause(failure.cause);
  const error = build(shown, converter, cause);
  // As it came: what was hidden in it stays hidden if the error is thrown on.
  error.failure = failure;
  // Where it was thrown says more than where it was read.
  error.stack = `${error.name}: ${error.message}${shown.stackTrace === "" ? "" : `\n${shown.stackTrace}`}`;
  return error;
}

function build({ message, failureInfo }: Failure, converter: PayloadConverter, cause: Error | undefined): FailureError {
  switch (failureInfo?.case) {
    case "applicationFailureInfo": {
      const { type, nonRetryable, details, nextRetryDelay, category } = failureInfo.value;
      const delayMs =
        nextRetryDelay === undefined ? undefined : nextRetryDelay.seconds * 1000 + nextRetryDelay.nanos / 1e6;
      return new ApplicationError(message || "Application error", {
        type: type || undefined,
        nonRetryable,
        details: unwrap(details, converter),
        nextRetryDelay: delayMs,
        category,
        cause,
      });
    }
    case "timeoutFailureInfo": {
      const { timeoutType, lastHeartbeatDetails } = failureInfo.value;
      return new TimeoutError(message || "Timeout", {
        type: timeoutType,
        lastHeartbeatDetails: unwrap(lastHeartbeatDetails, converter),
        cause,
      });
    }
    case "canceledFailureInfo":
      return new CancelledError(message || "Cancelled", {
        details: unwrap(failureInfo.value.details, converter),
        cause,
      });
    case "terminatedFailureInfo":
      return new TerminatedError(message || "Terminated", { cause });
    case "serverFailureInfo":
      return new ServerError(message || "Server error", { nonRetryable: failureInfo.value.nonRetryable, cause });
    case "resetWorkflowFailureInfo":
    case undefined:
      return new FailureError(message || "Failure error", cause === undefined ? undefined : { cause });
    case "activityFailureInfo":
    case "childWorkflowExecutionFailureInfo":
    case "nexusOperationExecutionFailureInfo":
    case "nexusHandlerFailureInfo":
      return buildOperationError(message, failureInfo, cause);
  }
}

type OperationInfo = Extract<
  NonNullable<Failure["failureInfo"]>,
  {
    case:
      | "activityFailureInfo"
      | "childWorkflowExecutionFailureInfo"
      | "nexusOperationExecutionFailureInfo"
      | "nexusHandlerFailureInfo";
  }
>;

function buildOperationError(message: string, info: OperationInfo, cause: Error | undefined): FailureError {
  switch (info.case) {
    case "activityFailureInfo": {
      const { activityType, ...facts } = info.value;
      return new ActivityError(message || "Activity error", {
        ...facts,
        activityType: activityType?.name ?? "",
        cause,
      });
    }
    case "childWorkflowExecutionFailureInfo": {
      const { workflowExecution, workflowType, ...facts } = info.value;
      const { workflowId = "", runId = "" } = workflowExecution ?? {};
      return new ChildWorkflowError(message || "Child workflow error", {
        ...facts,
        workflowId,
        runId,
        workflowType: workflowType?.name ?? "",
        cause,
      });
    }
    case "nexusOperationExecutionFailureInfo": {
      const { operationId, operationToken, ...facts } = info.value;
      return new NexusOperationError(message || "Nexus operation error", {
        ...facts,
        operationToken: operationToken || operationId,
        cause,
      });
    }
    case "nexusHandlerFailureInfo":
      return new NexusHandlerError(message || "Nexus handler error", { ...info.value, cause });
  }
}

function unwrap(wrapper: Payloads | undefined, converter: PayloadConverter): unknown[] {
  return wrapper === undefined ? [] : converter.fromPayloads(wrapper.payloads);
}

/** Puts message and stack trace back where a converter hid them in a payload. */
function withDecodedAttributes(failure: Failure, converter: PayloadConverter): Failure {
  if (failure.encodedAttributes === undefined) return failure;
  let attributes: unknown;
  try {
    attributes = converter.fromPayload(failure.encodedAttributes);
  } catch {
    // Whoever lacks the key still sees that something failed.
    return failure;
  }
  if (typeof attributes !== "object" || attributes === null) return failure;
  const { message, stack_trace: stackTrace } = attributes as {
    readonly message?: unknown;
    readonly stack_trace?: unknown;
  };
  return {
    ...failure,
    ...(typeof message === "string" ? { message } : {}),
    ...(typeof stackTrace === "string" ? { stackTrace } : {}),
  };
}
