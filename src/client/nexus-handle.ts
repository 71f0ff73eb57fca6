import type { CallOptions } from "./call-options.ts";
import type { NexusOperationExecutionDescription } from "./nexus-execution.ts";
import type { ClientOutbound } from "./interceptor.ts";
import type { NexusOperationName, NexusOperationTarget } from "./nexus-inputs.ts";

/** What a handle is made of. */
export interface NexusOperationHandleParts extends NexusOperationTarget {
  readonly outbound: ClientOutbound;
  readonly started?: NexusOperationName | undefined;
}

/** A Nexus operation that no workflow called, by its id. */
export class NexusOperationHandle<Result = unknown> {
  readonly #parts: NexusOperationHandleParts;
  #result: { readonly value: Result } | undefined;

  /** Clients make these. */
  constructor(parts: NexusOperationHandleParts) {
    this.#parts = parts;
  }

  get operationId(): string {
    return this.#parts.operationId;
  }

  /** Run that the handle is for; the latest one if `undefined`. */
  get runId(): string | undefined {
    return this.#parts.operationRunId;
  }

  /** Known of handles that a start gave. */
  get endpoint(): string | undefined {
    return this.#parts.started?.endpoint;
  }

  /** Known of handles that a start gave. */
  get service(): string | undefined {
    return this.#parts.started?.service;
  }

  /**
   * Waits for the result. Once it is known it is not asked for again.
   *
   * @throws {NexusOperationFailureError} If the operation ends otherwise than by completing.
   */
  async result(call: CallOptions = {}): Promise<Result> {
    const { outbound, started } = this.#parts;
    this.#result ??= { value: (await outbound.getNexusOperationResult({ ...this.#target, started, call })) as Result };
    return this.#result.value;
  }

  /** Looks at the operation. */
  describe(call: CallOptions = {}): Promise<NexusOperationExecutionDescription> {
    return this.#parts.outbound.describeNexusOperation({ ...this.#target, call });
  }

  /** Asks the operation's handler to cancel it. */
  cancel(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    return this.#parts.outbound.cancelNexusOperation({ ...this.#target, reason, call });
  }

  /** Ends the operation without asking its handler. */
  terminate(options: CallOptions & { readonly reason?: string } = {}): Promise<void> {
    const { reason = "", ...call } = options;
    return this.#parts.outbound.terminateNexusOperation({ ...this.#target, reason, call });
  }

  get #target(): NexusOperationTarget {
    const { operationId, operationRunId } = this.#parts;
    return { operationId, operationRunId };
  }
}
