import {
  context,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type SpanKind,
  type Tracer,
} from "@opentelemetry/api";
import { ApplicationError } from "../payload/failure-error.ts";
import { ApplicationErrorCategory } from "../proto/gen/enums.ts";

/** A call that becomes a span. */
export interface TracedCall {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** @default the active context */
  readonly parent?: Context | undefined;
}

/** Runs a call in a span of its own, which is active meanwhile and takes note of an error. */
export async function traced<T>(
  tracer: Tracer,
  { name, kind, attributes, parent = context.active() }: TracedCall,
  call: (inside: Context) => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  const inside = trace.setSpan(parent, span);
  try {
    return await context.with(inside, () => call(inside));
  } catch (error) {
    span.recordException(error instanceof Error ? error : String(error));
    // A benign error is part of the plan.
    if (!(error instanceof ApplicationError && error.category === ApplicationErrorCategory.BENIGN)) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    throw error;
  } finally {
    span.end();
  }
}
