import { ApplicationError } from "../payload/failure-error.ts";

/** What a driver throws for a payload that is not there any more: trying again cannot help. */
export function missingPayload(driverName: string, key: string): ApplicationError {
  return new ApplicationError(`Payload not found by storage driver '${driverName}' under key '${key}'`, {
    type: "PayloadNotFoundError",
    nonRetryable: true,
  });
}
