import { type Context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { WorkflowSink } from "../worker/index.ts";
import type { WorkflowLogRecord } from "../workflow/tracing.ts";
import { toContext } from "./trace-context.ts";

/** What is needed of a `LoggerProvider` of `@opentelemetry/api-logs`. */
export interface LogRecordProvider {
  getLogger(name: string, version?: string, options?: { schemaUrl?: string }): { emit(record: EmittedLogRecord): void };
}

/** A log record as `@opentelemetry/api-logs` takes it. */
export interface EmittedLogRecord {
  eventName?: string;
  timestamp?: number;
  severityNumber?: number;
  severityText?: string;
  body?: never;
  attributes?: Record<string, never>;
  context?: Context;
}

/** Takes what workflow code has logged through OpenTelemetry and hands it to the logger of that name out here. */
export function createLogRecordSink(provider: LogRecordProvider): WorkflowSink {
  return (value) => {
    const { scope, span, ...record } = value as WorkflowLogRecord;
    const { name, version, schemaUrl } = scope;
    const logger = provider.getLogger(name, version, schemaUrl === undefined ? {} : { schemaUrl });
    const given = Object.fromEntries(Object.entries(record).filter(([, field]) => field !== undefined));
    logger.emit({ ...given, context: span === undefined ? ROOT_CONTEXT : toContext(span) });
  };
}
