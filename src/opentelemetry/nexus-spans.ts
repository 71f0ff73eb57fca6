import { SpanKind, type Context, type Tracer } from "@opentelemetry/api";
import type { NexusOperationInboundInterceptor } from "../worker/index.ts";
import { fromTraceFields } from "../workflow/tracing.ts";
import { toContext } from "./trace-context.ts";
import { traced } from "./traced-call.ts";

/** Makes spans of what handlers of Nexus operations are asked for, on the trace that the request carried. */
export function traceNexus(tracer: Tracer, next: NexusOperationInboundInterceptor): NexusOperationInboundInterceptor {
  const call = <T>(verb: string, ctx: NexusCall, execute: () => Promise<T>): Promise<T> => {
    const name = `Run${verb}NexusOperationHandler:${ctx.service}/${ctx.operation}`;
    return traced(tracer, { name, kind: SpanKind.SERVER, attributes: {}, parent: parentOf(ctx.headers) }, execute);
  };
  return {
    executeStart: (input) => call("Start", input.ctx, () => next.executeStart(input)),
    executeCancel: (input) => call("Cancel", input.ctx, () => next.executeCancel(input)),
  };
}

interface NexusCall {
  readonly service: string;
  readonly operation: string;
  readonly headers: Readonly<Record<string, string>>;
}

function parentOf(headers: Readonly<Record<string, string>>): Context | undefined {
  const span = fromTraceFields(headers);
  return span === undefined ? undefined : toContext(span);
}
