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

/** Further causes are left out: an error may be its own cause. */
const CAUSES_MAX = 50;

/** Failures as every SDK writes them. Causes are converted by the methods of a subclass too. */
export class DefaultFailureConverter implements FailureConverter {
  readonly #encodeCommonAttributes: boolean;
  /** Of the cause that is being converted. */
  #depth = 0;

  constructor(options: FailureConverterOptions = {}) {
    this.#encodeCommonAttributes = options.encodeCommonAttributes ?? false;
  }

  toFailure(error: unknown, payloadConverter: PayloadConverter): Failure {
    const encodeCommonAttributes = this.#encodeCommonAttributes;
    const toCause = (cause: unknown): Failure | undefined =>
      this.#depth > CAUSES_MAX ? undefined : this.toFailure(cause, payloadConverter);
    this.#depth++;
    try {
      return errorToFailure(error, payloadConverter, { encodeCommonAttributes, toCause });
    } finally {
      this.#depth--;
    }
  }

  fromFailure(failure: Failure, payloadConverter: PayloadConverter): Error {
    return failureToError(failure, payloadConverter, (cause) => this.fromFailure(cause, payloadConverter));
  }
}

/** The converter that is used where none is chosen. */
export const defaultFailureConverter: FailureConverter = new DefaultFailureConverter();
