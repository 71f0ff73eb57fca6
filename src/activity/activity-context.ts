import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "../core/telemetry/logger.ts";
import type { MetricMeter } from "../core/telemetry/metric-meter.ts";
import type { Clock } from "../core/time/clock.ts";
import type { PayloadConverter } from "../payload/payload-converter.ts";
import type { ActivityInfo } from "./activity-info.ts";
import type { ActivityCancellationDetails } from "./cancellation.ts";
import { NotInActivityError } from "./complete-async-error.ts";

/** What surrounds an activity while it runs; a worker or a test provides it. */
export interface ActivityContext {
  info(): ActivityInfo;
  heartbeat(details: readonly unknown[]): void;
  /** Aborts with a `CancelledError` when the activity is to stop. */
  readonly cancellationSignal: AbortSignal;
  /** Set before {@link cancellationSignal} aborts, and never changed. */
  readonly cancellationDetails: ActivityCancellationDetails | undefined;
  /** Aborts when the worker begins to shut down. */
  readonly workerShutdownSignal: AbortSignal;
  readonly logger: Logger;
  readonly metricMeter: MetricMeter;
  readonly clock: Clock;
  readonly payloadConverter: PayloadConverter;
  /** The worker's client; absent in some tests. */
  readonly client: unknown;
}

// Two copies of this package in a process must see one context: a thread's script and the module it loads may each have one.
const STORAGE = Symbol.for("perdure.activity.context");
const shared = globalThis as { [STORAGE]?: AsyncLocalStorage<ActivityContext> };
const storage = (shared[STORAGE] ??= new AsyncLocalStorage<ActivityContext>());

/** Calls a function within a context; what it awaits stays within. */
export function runInActivity<T>(context: ActivityContext, run: () => T): T {
  return storage.run(context, run);
}

/** The context of the activity that runs this code, if one does. */
export function activityContext(): ActivityContext | undefined {
  return storage.getStore();
}

/**
 * The context of the activity that runs this code.
 *
 * @throws {NotInActivityError} Outside of an activity.
 */
export function currentActivity(): ActivityContext {
  const context = storage.getStore();
  if (context !== undefined) return context;
  throw new NotInActivityError(
    "Cannot use the activity context: this code runs outside of an activity, call it from an activity function",
  );
}
