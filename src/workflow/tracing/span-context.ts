import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import type { Headers } from "../headers.ts";

/** Which span of which trace, as it crosses from one process to another. */
export interface SpanContext {
  /** 32 digits, in hexadecimal. */
  readonly traceId: string;
  /** 16 digits, in hexadecimal. */
  readonly spanId: string;
  /** Of W3C's trace context; 1 is "sampled". */
  readonly flags: number;
  readonly tracestate?: string | undefined;
  readonly baggage?: string | undefined;
}

/** Header that carries a {@link SpanContext}, the same in the reference SDK. */
export const TRACE_HEADER = "_tracer-data";

// W3C lets senders rely on 512 characters of state and 8192 bytes of baggage.
const TRACESTATE_LENGTH_MAX = 512;
const BAGGAGE_LENGTH_MAX = 8_192;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The fields of W3C's trace context and baggage. */
export interface TraceFields {
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

/** The span context that headers carry, if they carry a sound one. */
export function readTraceHeader(headers: Headers): SpanContext | undefined {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  try {
    return fromTraceFields(defaultPayloadConverter.fromPayload(payload));
  } catch {
    // Whatever else is in there, it must not fail what it came with.
    return undefined;
  }
}

/** Headers with a span context among them. */
export function withTraceHeader(headers: Headers, context: SpanContext): Headers {
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(toTraceFields(context)) };
}

/** Reads the fields of a span context; `undefined` if they are not sound. */
export function fromTraceFields(fields: unknown): SpanContext | undefined {
  if (typeof fields !== "object" || fields === null) return undefined;
  const { traceparent, tracestate, baggage } = fields as Readonly<Record<string, unknown>>;
  const [, traceId = "", spanId = "", flags = "00"] = TRACEPARENT.exec(String(traceparent)) ?? [];
  if (!/[^0]/.test(traceId) || !/[^0]/.test(spanId)) return undefined;
  return {
    traceId,
    spanId,
    flags: Number.parseInt(flags, 16),
    ...(isShortText(tracestate, TRACESTATE_LENGTH_MAX) ? { tracestate } : {}),
    ...(isShortText(baggage, BAGGAGE_LENGTH_MAX) ? { baggage } : {}),
  };
}

/** The fields that carry a span context. */
export function toTraceFields({ traceId, spanId, flags, tracestate, baggage }: SpanContext): TraceFields {
  return {
    traceparent: `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}`,
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(baggage === undefined ? {} : { baggage }),
  };
}

function isShortText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= lengthMax;
}
