import { Failure } from "../../proto/gen/failure.ts";

/** Type of the failures that tell of calls which went wrong, and not of what a handler answered. */
export const CALL_ERROR = "CallError";

/** What went wrong with a call itself. */
export function callError(message: string, retryable: boolean): Failure {
  return Failure.create({
    message,
    failureInfo: { case: "applicationFailureInfo", value: { type: CALL_ERROR, nonRetryable: !retryable } },
  });
}
