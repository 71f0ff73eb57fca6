import { AsyncLocalStorage } from "node:async_hooks";
import type { Client } from "../../client/index.ts";
import { TemporalError } from "../../core/errors.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { MetricMeter } from "../../core/telemetry/metric-meter.ts";

/** Where a Nexus request came in. */
export interface Info {
  /** The endpoint that the request was sent to. */
  readonly endpoint: string;
  /** Of the worker that handles it. */
  readonly namespace: string;
  /** That the worker polls. */
  readonly taskQueue: string;
}

/** What surrounds the handler of a Nexus request while it runs. */
export interface NexusContext {
  readonly info: Info;
  readonly client: Client;
  readonly logger: Logger;
  readonly metricMeter: MetricMeter;
  /** Aborts with a `CancelledError` when the answer is not waited for any more. */
  readonly cancellationSignal: AbortSignal;
  /** Aborts when the worker begins to shut down. */
  readonly workerShutdownSignal: AbortSignal;
}

/** A function for Nexus handlers was called outside of one. */
export class NotInNexusOperationError extends TemporalError {
  static override readonly code: string = "TEMPORAL_NOT_IN_NEXUS_OPERATION";
  override readonly name = "NotInNexusOperationError";
}

const storage = new AsyncLocalStorage<NexusContext>();

/** Calls a function within a context; what it awaits stays within. */
export function runInNexus<T>(context: NexusContext, run: () => T): T {
  return storage.run(context, run);
}

/** The context of the handler that runs this code, if one does. */
export function nexusContext(): NexusContext | undefined {
  return storage.getStore();
}

/**
 * The context of the handler that runs this code.
 *
 * @throws {NotInNexusOperationError} Outside of a handler.
 */
export function currentNexus(): NexusContext {
  const context = storage.getStore();
  if (context !== undefined) return context;
  throw new NotInNexusOperationError(
    "Cannot use the Nexus context: this code runs outside of a Nexus operation, call it from an operation's handler",
  );
}
