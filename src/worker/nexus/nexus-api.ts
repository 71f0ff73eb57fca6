import type { Client } from "../../client/index.ts";
import type { LogAttributes, Logger, LogLevel } from "../../core/telemetry/logger.ts";
import type { MetricMeter } from "../../core/telemetry/metric-meter.ts";
import { currentNexus, nexusContext, type Info } from "./nexus-context.ts";

/** Whether this code runs in the handler of a Nexus operation. */
export function inOperation(): boolean {
  return nexusContext() !== undefined;
}

/** Where the request came in. @throws {NotInNexusOperationError} */
export function info(): Info {
  return currentNexus().info;
}

/** The worker's client. What it starts and signals is linked with the caller of the operation. @throws {NotInNexusOperationError} */
export function client(): Client {
  return currentNexus().client;
}

/** Whether nobody waits for the answer any more. @throws {NotInNexusOperationError} */
export function isCancelled(): boolean {
  return currentNexus().cancellationSignal.aborted;
}

/** Aborts when nobody waits for the answer any more; pass it to `fetch` and the like. @throws {NotInNexusOperationError} */
export function cancellationSignal(): AbortSignal {
  return currentNexus().cancellationSignal;
}

/** Whether the worker has begun to shut down. @throws {NotInNexusOperationError} */
export function isWorkerShutdown(): boolean {
  return currentNexus().workerShutdownSignal.aborted;
}

/** Aborts when the worker begins to shut down. @throws {NotInNexusOperationError} */
export function workerShutdownSignal(): AbortSignal {
  return currentNexus().workerShutdownSignal;
}

/** Resolves when the worker begins to shut down. @throws {NotInNexusOperationError} */
export function waitForWorkerShutdown(): Promise<void> {
  const { workerShutdownSignal: signal } = currentNexus();
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Makes metrics that carry the operation's service, name and task queue. @throws {NotInNexusOperationError} */
export function metricMeter(): MetricMeter {
  return currentNexus().metricMeter;
}

/** Logs with the operation's service and name. @throws {NotInNexusOperationError} On use outside of a handler. */
export const logger: Logger = {
  trace: line("trace"),
  debug: line("debug"),
  info: line("info"),
  warn: line("warn"),
  error: line("error"),
};

function line(level: LogLevel): (message: string, attributes?: LogAttributes) => void {
  return (message, attributes) => currentNexus().logger[level](message, attributes);
}
