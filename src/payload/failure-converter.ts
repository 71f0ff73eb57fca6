import type { Failure } from "../proto/gen/failure.ts";
import { errorToFailure } from "./error-to-failure.ts";
import { failureToError } from "./failure-to-error.ts";
import type { PayloadConverter } from "./payload-converter.ts";
import type { SerializationContext, WithSerializationContext } from "./serialization-context.ts";

/** Makes errors into failures and back. Like a payload converter, it runs in workflows too. */
export interface FailureConverter extends WithSerializationContext {
  toFailure(error: unknown, payloadConverter: PayloadConverter): Failure;
  fromFailure(failure: Failure, payloadConverter: PayloadConverter): Error;
  withContext?(context: SerializationContext): this;
}

/** What a {@link DefaultFailureConverter} may be told. */
export interface FailureConverterOptions {
  /** Moves messages and stack traces into a payload, so that a codec can hide them. @default false */
  readonly encodeCommonAttributes?: boolean;
}

/** Failures as every SDK writes them. */
export class DefaultFailureConverter implements FailureConverter {
  readonly #encodeCommonAttributes: boolean;

  constructor(options: FailureConverterOptions = {}) {
    this.#encodeCommonAttributes = options.encodeCommonAttributes ?? false;
  }

  toFailure(error: unknown, payloadConverter: PayloadConverter): Failure {
    return errorToFailure(error, payloadConverter, this.#encodeCommonAttributes);
  }

  fromFailure(failure: Failure, payloadConverter: PayloadConverter): Error {
    return failureToError(failure, payloadConverter);
  }
}

/** The converter that is used where none is chosen. */
export const defaultFailureConverter: FailureConverter = new DefaultFailureConverter();
