import { NexusHandlerErrorRetryBehavior as RetryBehavior } from "../../proto/gen/enums.ts";
import { Failure } from "../../proto/gen/failure.ts";

/** Sorts of errors that Nexus handlers, and those who pass requests on to them, answer. */
export type HandlerErrorType =
  | "BAD_REQUEST"
  | "UNAUTHENTICATED"
  | "UNAUTHORIZED"
  | "NOT_FOUND"
  | "REQUEST_TIMEOUT"
  | "CONFLICT"
  | "RESOURCE_EXHAUSTED"
  | "INTERNAL"
  | "NOT_IMPLEMENTED"
  | "UNAVAILABLE"
  | "UPSTREAM_TIMEOUT";

const notRetryable: ReadonlySet<string> = new Set<HandlerErrorType>([
  "BAD_REQUEST",
  "UNAUTHENTICATED",
  "UNAUTHORIZED",
  "NOT_FOUND",
  "NOT_IMPLEMENTED",
  "CONFLICT",
]);

/** A handler error as a failure. */
export function handlerError(
  type: HandlerErrorType,
  message: string,
  retryBehavior: RetryBehavior = RetryBehavior.UNSPECIFIED,
): Failure {
  return Failure.create({
    message,
    failureInfo: { case: "nexusHandlerFailureInfo", value: { type, retryBehavior } },
  });
}

/** Whether the same request may do better another time. */
export function isRetryableHandlerError({ failureInfo }: Failure): boolean {
  if (failureInfo?.case !== "nexusHandlerFailureInfo") return true;
  const { type, retryBehavior } = failureInfo.value;
  if (retryBehavior === RetryBehavior.RETRYABLE) return true;
  if (retryBehavior === RetryBehavior.NON_RETRYABLE) return false;
  return !notRetryable.has(type);
}
