import { logger } from "../logger.ts";
import { callSink } from "../sinks.ts";
import { WorkflowUsageError } from "../workflow-error.ts";

/** Hands telemetry to a sink. What cannot be told is dropped: it must not fail the workflow that told it. */
export function tell(sink: string, value: unknown, what: string): void {
  try {
    callSink(sink, value);
  } catch (error) {
    if (!(error instanceof WorkflowUsageError)) throw error;
    logger.warn(`Dropping ${what}: it is not plain data`);
  }
}
