import { HandlerStartOperationResult } from "nexus-rpc";
import { OptionsError } from "../worker-error.ts";

/** How a Temporal operation began: with its result, or with the token of what it waits for. */
export class TemporalOperationResult<Result> {
  readonly #started: HandlerStartOperationResult<Result>;

  private constructor(started: HandlerStartOperationResult<Result>) {
    this.#started = started;
  }

  /** The operation ended as it began. */
  static sync<Result>(value: Result): TemporalOperationResult<Result> {
    return new TemporalOperationResult(HandlerStartOperationResult.sync(value));
  }

  /** The operation goes on; whoever ends it knows it by the token. @throws {OptionsError} If the token is empty. */
  static async<Result>(token: string): TemporalOperationResult<Result> {
    if (token === "") throw new OptionsError("Cannot make operation result: token is empty, expected some text");
    return new TemporalOperationResult<Result>(HandlerStartOperationResult.async(token));
  }

  /** The same for `nexus-rpc`. */
  toStarted(): HandlerStartOperationResult<Result> {
    return this.#started;
  }
}
