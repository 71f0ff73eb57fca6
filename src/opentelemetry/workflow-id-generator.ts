import { randomBytes } from "node:crypto";

interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

let wanted: SpanIds | undefined;

/**
 * Generates ids of traces and spans: random ones, and for spans of workflow code those that they were given there. Give
 * one to the tracer provider as `idGenerator`.
 */
export class WorkflowIdGenerator {
  generateTraceId: () => string = () => wanted?.traceId ?? randomBytes(16).toString("hex");
  generateSpanId: () => string = () => wanted?.spanId ?? randomBytes(8).toString("hex");
}

/** Runs code that starts one span, which gets these ids if its tracer uses a {@link WorkflowIdGenerator}. */
export function withSpanIds<T>(ids: SpanIds, code: () => T): T {
  wanted = ids;
  try {
    return code();
  } finally {
    wanted = undefined;
  }
}
