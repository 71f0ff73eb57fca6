import {
  createTraceState,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Baggage,
  type Context,
  type SpanContext as ApiSpanContext,
} from "@opentelemetry/api";
import type { SpanContext } from "../workflow/tracing.ts";

/** What OpenTelemetry calls the context of a span that is elsewhere. */
export function toContext(span: SpanContext, base: Context = ROOT_CONTEXT): Context {
  const context = trace.setSpanContext(base, { ...toApiSpanContext(span), isRemote: true });
  const baggage = span.baggage === undefined ? undefined : readBaggage(span.baggage);
  return baggage === undefined ? context : propagation.setBaggage(context, baggage);
}

/** The span of a context as it crosses to another process; `undefined` if there is none. */
export function fromContext(context: Context): SpanContext | undefined {
  const span = trace.getSpanContext(context);
  if (span === undefined || !trace.isSpanContextValid(span)) return undefined;
  const tracestate = span.traceState?.serialize();
  const baggage = writeBaggage(propagation.getBaggage(context));
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    flags: span.traceFlags,
    ...(tracestate === undefined || tracestate === "" ? {} : { tracestate }),
    ...(baggage === "" ? {} : { baggage }),
  };
}

/** A span's context as OpenTelemetry has it. */
export function toApiSpanContext({ traceId, spanId, flags, tracestate }: SpanContext): ApiSpanContext {
  const traceState = tracestate === undefined ? undefined : createTraceState(tracestate);
  return { traceId, spanId, traceFlags: flags, ...(traceState === undefined ? {} : { traceState }) };
}

function writeBaggage(baggage: Baggage | undefined): string {
  const entries = baggage?.getAllEntries() ?? [];
  return entries.map(([key, { value }]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join(",");
}

function readBaggage(text: string): Baggage {
  const entries: [string, { value: string }][] = [];
  for (const member of text.split(",")) {
    const [pair = ""] = member.split(";");
    const at = pair.indexOf("=");
    if (at > 0) entries.push([decode(pair.slice(0, at)), { value: decode(pair.slice(at + 1)) }]);
  }
  return propagation.createBaggage(Object.fromEntries(entries));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}
