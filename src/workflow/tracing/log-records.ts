import { maybeCurrentFrame } from "../runtime/current.ts";
import { tell } from "./tell.ts";
import type { InstrumentationScope, TelemetryAttributes } from "./measurements.ts";
import type { SpanContext } from "./span-context.ts";
import { currentScope } from "./spans.ts";

/** Sink that takes what workflow code logs through OpenTelemetry. */
export const LOG_RECORD_SINK = "perdure.logRecords";

/** A line of a log as OpenTelemetry has it. */
export interface LogRecord {
  readonly eventName?: string | undefined;
  readonly severityNumber?: number | undefined;
  readonly severityText?: string | undefined;
  readonly body?: unknown;
  readonly attributes?: TelemetryAttributes | undefined;
}

/** A line of a log on its way out of workflow code. */
export interface WorkflowLogRecord extends LogRecord {
  readonly scope: InstrumentationScope;
  /** Of the workflow, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** The span that the code belongs to. */
  readonly span: SpanContext | undefined;
}

/** A `Logger` of OpenTelemetry for workflow code. */
export interface WorkflowRecordLogger {
  emit(record: LogRecord): void;
  enabled(): boolean;
}

/** A `LoggerProvider` of OpenTelemetry for workflow code. */
export interface WorkflowLoggerProvider {
  getLogger(
    name: string,
    version?: string,
    options?: { readonly schemaUrl?: string | undefined },
  ): WorkflowRecordLogger;
}

/**
 * A `LoggerProvider` of OpenTelemetry for workflow code and the libraries that it uses. What they emit goes to the
 * `loggerProvider` of the worker's tracing with the workflow's time and the span it belongs to, and not again in replay.
 * Outside of a workflow nothing is emitted.
 */
export const workflowLoggerProvider: WorkflowLoggerProvider = {
  getLogger(name, version, options) {
    const scope = { name, version, schemaUrl: options?.schemaUrl };
    return { emit: (record) => emit(scope, record), enabled: () => maybeCurrentFrame() !== undefined };
  },
};

function emit(scope: InstrumentationScope, record: LogRecord): void {
  const frame = maybeCurrentFrame();
  if (frame === undefined) return;
  const { eventName, severityNumber, severityText, body, attributes } = record;
  const { workflowId, runId } = frame.run.init;
  const told: WorkflowLogRecord = {
    eventName,
    severityNumber,
    severityText,
    body,
    attributes: { temporalWorkflowID: workflowId, temporalRunID: runId, ...attributes },
    scope,
    timestamp: frame.run.facts.timestampMs,
    span: currentScope(frame)?.parent,
  };
  tell(LOG_RECORD_SINK, told, "a log record");
}
