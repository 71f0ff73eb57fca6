export { OpenTelemetryPlugin } from "./opentelemetry/opentelemetry-plugin.ts";
export type { TracingInterceptorOptions } from "./opentelemetry/tracing-interceptor.ts";
export { TracingInterceptor } from "./opentelemetry/tracing-interceptor.ts";
export { WorkflowIdGenerator } from "./opentelemetry/workflow-id-generator.ts";
export type { SpanAttributes, TracingOptions, WorkflowSpanOptions } from "./workflow/tracing.ts";
export { completedSpan, createTracingInterceptors, withSpan } from "./workflow/tracing.ts";
