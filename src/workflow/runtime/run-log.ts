import type { LogAttributes, LogLevel } from "../../core/telemetry/logger.ts";
import type { Run } from "./run.ts";

/** Writes a line about a run, with the names of the run and its workflow; attributes of the same name go before them. */
export function logAbout(run: Run, level: LogLevel, message: string, attributes: LogAttributes = {}): void {
  const { attempt, namespace, runId, taskQueue, workflowId, workflowType } = run.init;
  run.host.log(level, message, {
    attempt,
    namespace,
    runId,
    taskQueue,
    workflowId,
    workflowType,
    ...attributes,
  });
}
