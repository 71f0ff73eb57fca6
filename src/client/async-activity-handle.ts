import type { AsyncActivityRef } from "./async-activity-inputs.ts";
import type { CallOptions } from "./call-options.ts";
import type { ClientOutbound } from "./interceptor.ts";

/** Reports on an activity that went on after its function had returned. */
export class AsyncActivityHandle {
  readonly #outbound: ClientOutbound;
  readonly #ref: AsyncActivityRef;

  /** Clients make these. */
  constructor(outbound: ClientOutbound, ref: AsyncActivityRef) {
    this.#outbound = outbound;
    this.#ref = ref;
  }

  /**
   * Says that the activity is alive, with details for its next attempt.
   *
   * @throws {AsyncActivityCancelledError} If it shall stop.
   */
  heartbeat(details: readonly unknown[] = [], call: CallOptions = {}): Promise<void> {
    return this.#outbound.heartbeatAsyncActivity({ ref: this.#ref, details, call });
  }

  /** Ends the activity with a result. */
  complete(result?: unknown, call: CallOptions = {}): Promise<void> {
    return this.#outbound.completeAsyncActivity({ ref: this.#ref, result, call });
  }

  /** Ends this attempt of the activity with an error; `lastHeartbeatDetails` are for the next attempt. */
  fail(
    error: unknown,
    options: CallOptions & { readonly lastHeartbeatDetails?: readonly unknown[] } = {},
  ): Promise<void> {
    const { lastHeartbeatDetails = [], ...call } = options;
    return this.#outbound.failAsyncActivity({ ref: this.#ref, error, lastHeartbeatDetails, call });
  }

  /** Ends the activity as cancelled, which it must have been asked to be. */
  reportCancellation(details: readonly unknown[] = [], call: CallOptions = {}): Promise<void> {
    return this.#outbound.reportCancellationAsyncActivity({ ref: this.#ref, details, call });
  }
}
