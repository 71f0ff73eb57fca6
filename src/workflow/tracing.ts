export type {
  LogRecord,
  WorkflowLoggerProvider,
  WorkflowLogRecord,
  WorkflowRecordLogger,
} from "./tracing/log-records.ts";
export { LOG_RECORD_SINK, workflowLoggerProvider } from "./tracing/log-records.ts";
export type {
  InstrumentKind,
  InstrumentOptions,
  Measurement,
  TelemetryAttributes,
  UnaskedInstrument,
  WorkflowCounter,
  WorkflowMeter,
  WorkflowMeterProvider,
  WorkflowRecorder,
} from "./tracing/measurements.ts";
export { MEASUREMENT_SINK, workflowMeterProvider } from "./tracing/measurements.ts";
export type { SpanContext } from "./tracing/span-context.ts";
export { fromTraceFields, readTraceHeader, toTraceFields, withTraceHeader } from "./tracing/span-context.ts";
export type { SpanAttributes, WorkflowSpan, WorkflowSpanKind } from "./tracing/spans.ts";
export { SPAN_SINK } from "./tracing/spans.ts";
export type { TracingOptions } from "./tracing/tracing-interceptors.ts";
export { createTracingInterceptors } from "./tracing/tracing-interceptors.ts";
export type { WorkflowSpanOptions } from "./tracing/user-spans.ts";
export { completedSpan, withSpan } from "./tracing/user-spans.ts";
