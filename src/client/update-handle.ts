import type { Outcome } from "../proto/gen/update.ts";
import type { CallOptions } from "./call-options.ts";
import type { CallsContext } from "./calls-context.ts";
import { converterFor, decodeResult } from "./calls-context.ts";
import { ServiceAnswerError, WorkflowUpdateFailedError } from "./client-error.ts";
import type { StartedUpdate } from "./interceptor.ts";
import type { ReadResult } from "./result-schema.ts";
import { pollUpdate } from "./update-calls.ts";

/** An update of a workflow that was started. */
export class WorkflowUpdateHandle<Result> {
  readonly id: string;
  readonly workflowId: string;
  /** Run that the update is tied to; the latest one if `undefined`. */
  readonly workflowRunId: string | undefined;
  readonly #context: CallsContext;
  readonly #read: ReadResult | undefined;
  #outcome: Outcome | undefined;

  /** Clients and workflow handles make these. */
  constructor(context: CallsContext, started: StartedUpdate, read?: ReadResult) {
    this.#read = read;
    this.#context = context;
    this.id = started.updateId;
    this.workflowId = started.workflowId;
    this.workflowRunId = started.workflowRunId;
    this.#outcome = started.outcome;
  }

  /** Whether it is known how the update ended, so that {@link result} asks nobody. */
  get isEnded(): boolean {
    return this.#outcome !== undefined;
  }

  /**
   * Waits for the update to end.
   *
   * @throws {WorkflowUpdateFailedError} If it was rejected or its handler failed.
   * @throws {WorkflowUpdateRPCTimeoutOrCancelledError} If the wait is ended from this side.
   */
  async result(call: CallOptions = {}): Promise<Result> {
    const { id: updateId, workflowId, workflowRunId } = this;
    this.#outcome ??= await pollUpdate(this.#context, { updateId, workflowId, workflowRunId }, call);
    const converter = converterFor(this.#context, workflowId);
    const { value } = this.#outcome;
    if (value?.case === "success") {
      const result = await decodeResult(converter, value.value);
      return (this.#read === undefined ? result : await this.#read(result)) as Result;
    }
    if (value?.case === "failure") {
      throw new WorkflowUpdateFailedError(await converter.decodeFailure(value.value));
    }
    throw new ServiceAnswerError(`Cannot read outcome of update "${updateId}": found neither success nor failure`);
  }
}
