import type { LogAttributes, Logger, LogLevel } from "../core/telemetry/logger.ts";
import type { MetricMeter } from "../core/telemetry/metric-meter.ts";
import { toDurationMs, type Duration } from "../core/time/duration.ts";
import type { PayloadConverter } from "../payload/payload-converter.ts";
import { activityContext, currentActivity, runInActivity, type ActivityContext } from "./activity-context.ts";
import type { ActivityInfo } from "./activity-info.ts";
import type { ActivityCancellationDetails } from "./cancellation.ts";
import { CompleteAsyncError } from "./complete-async-error.ts";

/** Whether this code runs in an activity. */
export function inActivity(): boolean {
  return activityContext() !== undefined;
}

/** What is known of the activity that runs. @throws {NotInActivityError} */
export function info(): ActivityInfo {
  return currentActivity().info();
}

/**
 * Says that the activity is alive, with details that the next attempt finds in its info.
 *
 * Heartbeats also bring news of cancellation. They may be frequent: the worker sends only some of them.
 *
 * @throws {NotInActivityError}
 */
export function heartbeat(...details: readonly unknown[]): void {
  currentActivity().heartbeat(details);
}

/** Whether the activity was asked to stop. @throws {NotInActivityError} */
export function isCancelled(): boolean {
  return currentActivity().cancellationSignal.aborted;
}

/** Aborts when the activity is asked to stop; pass it to `fetch` and the like. @throws {NotInActivityError} */
export function cancellationSignal(): AbortSignal {
  return currentActivity().cancellationSignal;
}

/** Why the activity was asked to stop, once it was. @throws {NotInActivityError} */
export function cancellationDetails(): ActivityCancellationDetails | undefined {
  return currentActivity().cancellationDetails;
}

/** Rejects with a `CancelledError` when the activity is asked to stop, and never resolves: for `Promise.race`. @throws {NotInActivityError} */
export function waitForCancelled(): Promise<never> {
  const { cancellationSignal: signal } = currentActivity();
  const cancelled = new Promise<never>((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  // A promise that nobody waits for any more must not take the process down.
  cancelled.catch(() => undefined);
  return cancelled;
}

/** Waits; rejects with a `CancelledError` when the activity is asked to stop. @throws {NotInActivityError} */
export function sleep(duration: Duration): Promise<void> {
  const { cancellationSignal: signal, clock } = currentActivity();
  const durationMs = toDurationMs(duration);
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const abort = (): void => {
      cancelTimer();
      reject(signal.reason as Error);
    };
    const cancelTimer = clock.schedule(clock.now() + durationMs, () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}

/**
 * Calls a function that is not to be cancelled: within it, and in what it awaits, nobody has asked the activity to stop.
 *
 * @throws {NotInActivityError}
 */
export function shield<T>(run: () => T): T {
  const context = currentActivity();
  const shielded = Object.create(context, {
    cancellationSignal: { value: new AbortController().signal },
    cancellationDetails: { value: undefined },
  }) as ActivityContext;
  return runInActivity(shielded, run);
}

/** Whether the worker has begun to shut down. @throws {NotInActivityError} */
export function isWorkerShutdown(): boolean {
  return currentActivity().workerShutdownSignal.aborted;
}

/** Aborts when the worker begins to shut down, before activities are cancelled. @throws {NotInActivityError} */
export function workerShutdownSignal(): AbortSignal {
  return currentActivity().workerShutdownSignal;
}

/** Resolves when the worker begins to shut down. @throws {NotInActivityError} */
export function waitForWorkerShutdown(): Promise<void> {
  const { workerShutdownSignal: signal } = currentActivity();
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Leaves the activity open, to be completed by its task token or its id. @throws {CompleteAsyncError} Always. */
export function raiseCompleteAsync(): never {
  throw new CompleteAsyncError();
}

/** Makes metrics that carry the activity's namespace, task queue and type. @throws {NotInActivityError} */
export function metricMeter(): MetricMeter {
  return currentActivity().metricMeter;
}

/** Turns values into payloads as the activity's own arguments and result are. @throws {NotInActivityError} */
export function payloadConverter(): PayloadConverter {
  return currentActivity().payloadConverter;
}

/** Logs with the activity's ids. @throws {NotInActivityError} On use outside of an activity. */
export const logger: Logger = {
  trace: line("trace"),
  debug: line("debug"),
  info: line("info"),
  warn: line("warn"),
  error: line("error"),
};

function line(level: LogLevel): (message: string, attributes?: LogAttributes) => void {
  return (message, attributes) => currentActivity().logger[level](message, attributes);
}
