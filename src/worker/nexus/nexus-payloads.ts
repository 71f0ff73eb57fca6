import { HandlerError } from "nexus-rpc";
import type { DataConverter } from "../../payload/data-converter.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import type { Payload } from "../../proto/gen/common.ts";

/** How a converter says that it understood an input and found it wrong. */
const VALIDATION_ERROR_TYPE = "PayloadValidationError";

/**
 * The input of an operation.
 *
 * @throws {HandlerError} `INTERNAL` if the codec fails, which may mend; `BAD_REQUEST` if the input is not what the
 *   converter can read, which never will.
 */
export async function decodeInput(converter: DataConverter, payload: Payload | undefined): Promise<unknown> {
  if (payload === undefined) return undefined;
  let decoded: Payload | undefined;
  try {
    [decoded] = await converter.decodePayloads([payload]);
  } catch (cause) {
    if (isValidationError(cause)) throw invalidInput(cause);
    throw new HandlerError("INTERNAL", "Payload codec failed to decode Nexus operation input", { cause });
  }
  try {
    return converter.payloadConverter.fromPayload(decoded ?? payload);
  } catch (cause) {
    if (isValidationError(cause)) throw invalidInput(cause);
    throw new HandlerError("BAD_REQUEST", "Payload converter failed to decode Nexus operation input", {
      cause,
      retryableOverride: false,
    });
  }
}

function isValidationError(error: unknown): boolean {
  return error instanceof ApplicationError && error.nonRetryable && error.type === VALIDATION_ERROR_TYPE;
}

function invalidInput(cause: unknown): HandlerError {
  return new HandlerError("BAD_REQUEST", "Invalid operation input", { cause, retryableOverride: false });
}
