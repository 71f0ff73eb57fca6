import { ApplicationError } from "./failure-error.ts";

/** How messages of failed validations begin, in every SDK. */
export const PAYLOAD_VALIDATION = "Payload validation failed";

/**
 * The error of a payload that does not suit, for converters: non-retryable, of the type that all SDKs know. It fails what
 * received the payload; a Nexus operation answers it as a bad request.
 *
 * @param details What is wrong, for whoever sent it.
 */
export function createPayloadValidationError(details?: unknown): ApplicationError {
  return payloadValidationError(PAYLOAD_VALIDATION, details);
}

/** As {@link createPayloadValidationError}, with a message of its own. */
export function payloadValidationError(message: string, details: unknown): ApplicationError {
  return new ApplicationError(message, {
    type: "PayloadValidationError",
    nonRetryable: true,
    details: details === undefined || details === null ? [] : [details],
  });
}
