import { newApplicationFailure } from "../../core/replay/failures.ts";
import { PayloadLimitError } from "../../payload/payload-limits.ts";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { isMessageTooLarge } from "../../rpc/retry.ts";
import { asRPCError } from "../../rpc/rpc-error.ts";

/** Type of the failures of what is not sent because its payloads are too large. */
export const PAYLOADS_TOO_LARGE = "PayloadsTooLarge";

/** The failure of work whose payloads are too large. It may be tried again: mended code can do better. */
export function payloadsTooLarge(error: PayloadLimitError): Failure {
  return newApplicationFailure(error.message, PAYLOADS_TOO_LARGE);
}

/** How a workflow task fails whose completion is too large to be sent; undefined if that is not what went wrong. */
export function tooLargeFailure(
  error: unknown,
): { readonly cause: WorkflowTaskFailedCause; readonly failure: Failure } | undefined {
  if (error instanceof PayloadLimitError)
    return { cause: WorkflowTaskFailedCause.PAYLOADS_TOO_LARGE, failure: payloadsTooLarge(error) };
  if (!isMessageTooLarge(asRPCError(error))) return undefined;
  const failure = newApplicationFailure("GRPC Message too large", "GrpcMessageTooLarge", true);
  return { cause: WorkflowTaskFailedCause.GRPC_MESSAGE_TOO_LARGE, failure };
}
