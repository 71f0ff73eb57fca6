import {
  createPayloadConverter,
  DefaultFailureConverter,
  JsonPayloadConverter,
  type Payload,
  type PayloadConverter,
} from "perdure/converter";
import { ApplicationError } from "perdure/exceptions";

/** Refused on its way into a payload. */
export const UNSENDABLE = "not to be sent";
/** Refused on its way out of one. */
export const UNREADABLE = "not to be read";

/** JSON that two texts cannot be. */
class PickyJson extends JsonPayloadConverter {
  override toPayload(value: unknown): Payload | undefined {
    if (value === UNSENDABLE) throw new ApplicationError("refused to send", { type: "Unsendable" });
    return super.toPayload(value);
  }

  override fromPayload(payload: Payload): unknown {
    const value = super.fromPayload(payload);
    if (value === UNREADABLE) throw new ApplicationError("refused to read", { type: "Unreadable" });
    return value;
  }
}

/** For clients, activities and, as a module of its own, workflows. */
export const payloadConverter: PayloadConverter = createPayloadConverter({ json: new PickyJson() });

/** An error of one's own, which arrives as what it was thrown as. */
export class OwnError extends ApplicationError {
  constructor(message: string, cause?: unknown) {
    super(message, { type: "OwnError", nonRetryable: true, cause });
  }
}

/** Hides messages and stacks, and knows {@link OwnError}. */
class OwnFailures extends DefaultFailureConverter {
  override fromFailure(...args: Parameters<DefaultFailureConverter["fromFailure"]>): Error {
    const error = super.fromFailure(...args);
    return error instanceof ApplicationError && error.type === "OwnError"
      ? new OwnError(error.message, error.cause)
      : error;
  }
}

export const failureConverter: OwnFailures = new OwnFailures({ encodeCommonAttributes: true });
