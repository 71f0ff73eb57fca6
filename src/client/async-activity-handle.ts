import type { ActivityContext, AsyncActivityRef } from "./async-activity-inputs.ts";
import type { CallOptions } from "./call-options.ts";
import type { ClientOutbound } from "./interceptor.ts";

/** Reports on an activity that went on after its function had returned. */
export class AsyncActivityHandle {
  readonly #outbound: ClientOutbound;
  readonly #about: { readonly ref: AsyncActivityRef; readonly context: ActivityContext | undefined };

  /** Clients make these. */
  constructor(outbound: ClientOutbound, ref: AsyncActivityRef, context?: ActivityContext) {
    this.#outbound = outbound;
    this.#about = { ref, context };
  }

  /**
   * The same activity for converters and codecs that are to be told whose payloads they see. Neither a token nor ids say
   * what its worker tells them: its type, its task queue, the workflow's type.
   */
  withContext(context: ActivityContext): AsyncActivityHandle {
    return new AsyncActivityHandle(this.#outbound, this.#about.ref, context);
  }

  /**
   * Says that the activity is alive, with details for its next attempt.
   *
   * @throws {AsyncActivityCancelledError} If it shall stop.
   */
  heartbeat(details: readonly unknown[] = [], call: CallOptions = {}): Promise<void> {
    return this.#outbound.heartbeatAsyncActivity({ ...this.#about, details, call });
  }

  /** Ends the activity with a result. */
  complete(result?: unknown, call: CallOptions = {}): Promise<void> {
    return this.#outbound.completeAsyncActivity({ ...this.#about, result, call });
  }

  /** Ends this attempt of the activity with an error; `lastHeartbeatDetails` are for the next attempt. */
  fail(
    error: unknown,
    options: CallOptions & { readonly lastHeartbeatDetails?: readonly unknown[] } = {},
  ): Promise<void> {
    const { lastHeartbeatDetails = [], ...call } = options;
    return this.#outbound.failAsyncActivity({ ...this.#about, error, lastHeartbeatDetails, call });
  }

  /** Ends the activity as cancelled, which it must have been asked to be. */
  reportCancellation(details: readonly unknown[] = [], call: CallOptions = {}): Promise<void> {
    return this.#outbound.reportCancellationAsyncActivity({ ...this.#about, details, call });
  }
}
