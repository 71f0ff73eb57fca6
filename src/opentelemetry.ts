export { OpenTelemetryPlugin } from "./opentelemetry/opentelemetry-plugin.ts";
export type { TracingInterceptorOptions } from "./opentelemetry/tracing-interceptor.ts";
export { TracingInterceptor } from "./opentelemetry/tracing-interceptor.ts";
export { WorkflowIdGenerator } from "./opentelemetry/workflow-id-generator.ts";
export type { EmittedLogRecord, LogRecordProvider } from "./opentelemetry/workflow-log-records.ts";
export type {
  InstrumentOptions,
  LogRecord,
  SpanAttributes,
  TelemetryAttributes,
  TracingOptions,
  UnaskedInstrument,
  WorkflowCounter,
  WorkflowLoggerProvider,
  WorkflowMeter,
  WorkflowMeterProvider,
  WorkflowRecorder,
  WorkflowRecordLogger,
  WorkflowSpanOptions,
} from "./workflow/tracing.ts";
export {
  completedSpan,
  createTracingInterceptors,
  withSpan,
  workflowLoggerProvider,
  workflowMeterProvider,
} from "./workflow/tracing.ts";
