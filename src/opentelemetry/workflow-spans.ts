import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { OptionsError, type WorkflowSink } from "../worker/index.ts";
import type { WorkflowSpan, WorkflowSpanKind } from "../workflow/tracing.ts";
import { toApiSpanContext, toContext } from "./trace-context.ts";
import { withSpanIds } from "./workflow-id-generator.ts";

const kinds: Readonly<Record<WorkflowSpanKind, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
};

/** Takes spans that workflow code tells of and hands them to the tracer with the ids that they have there. */
export function createSpanSink(tracer: Tracer): WorkflowSink {
  let hasComplained = false;
  return (value) => {
    const { name, kind, context: ids, parent, link, attributes, startTimeMs, endTimeMs, error } = value as WorkflowSpan;
    const options = {
      kind: kinds[kind],
      attributes: { ...attributes },
      startTime: startTimeMs,
      links: link === undefined ? [] : [{ context: toApiSpanContext(link) }],
    };
    const parentContext = parent === undefined ? ROOT_CONTEXT : toContext(parent);
    const span = withSpanIds(ids, () => tracer.startSpan(name, options, parentContext));
    const isRecording = span.isRecording();
    if (error !== undefined) {
      span.recordException(error, endTimeMs);
      span.setStatus({ code: SpanStatusCode.ERROR, message: `${error.name}: ${error.message}` });
    }
    span.end(endTimeMs);
    // A tracer without a provider makes none at all.
    if (hasComplained || !isRecording || span.spanContext().spanId === ids.spanId) return;
    hasComplained = true;
    throw new OptionsError(
      `Cannot trace workflows as they are: the tracer gave span "${name}" another id, give its provider "idGenerator: new WorkflowIdGenerator()"`,
    );
  };
}
