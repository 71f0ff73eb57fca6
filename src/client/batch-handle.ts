import type { BatchOperationDescription } from "./batch-operation.ts";
import type { CallOptions } from "./call-options.ts";
import type { ClientOutbound } from "./interceptor.ts";

/** A batch operation by its id. */
export class BatchOperationHandle {
  readonly id: string;
  readonly #outbound: ClientOutbound;

  /** Clients make these. */
  constructor(id: string, outbound: ClientOutbound) {
    this.id = id;
    this.#outbound = outbound;
  }

  /** Looks at the batch. */
  describe(call: CallOptions = {}): Promise<BatchOperationDescription> {
    return this.#outbound.describeBatch({ batchId: this.id, call });
  }

  /** Stops the batch. What it has done stays done. `reason`: for people; the service insists on one. */
  stop(reason: string, call: CallOptions = {}): Promise<void> {
    return this.#outbound.stopBatch({ batchId: this.id, reason, call });
  }
}
