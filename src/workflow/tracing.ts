export type { SpanContext } from "./tracing/span-context.ts";
export { fromTraceFields, readTraceHeader, withTraceHeader } from "./tracing/span-context.ts";
export type { SpanAttributes, WorkflowSpan, WorkflowSpanKind } from "./tracing/spans.ts";
export { SPAN_SINK } from "./tracing/spans.ts";
export type { TracingOptions } from "./tracing/tracing-interceptors.ts";
export { createTracingInterceptors } from "./tracing/tracing-interceptors.ts";
export type { WorkflowSpanOptions } from "./tracing/user-spans.ts";
export { completedSpan, withSpan } from "./tracing/user-spans.ts";
