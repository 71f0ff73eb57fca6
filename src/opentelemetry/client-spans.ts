import { SpanKind, type Attributes, type Context, type Tracer } from "@opentelemetry/api";
import type { ClientOutbound, Headers } from "../client/index.ts";
import { toTraceFields, withTraceHeader } from "../workflow/tracing.ts";
import { fromContext } from "./trace-context.ts";
import { traced } from "./traced-call.ts";

/** Makes spans of the calls that reach workflows, which carry their trace on. */
export function traceClient(tracer: Tracer, next: ClientOutbound): ClientOutbound {
  const call = <T>(name: string, attributes: Attributes, send: (inside: Context) => Promise<T>): Promise<T> =>
    traced(tracer, { name, kind: SpanKind.CLIENT, attributes }, send);
  return {
    ...next,
    startWorkflow(input) {
      const { workflowType, options, headers } = input;
      const prefix = options.startSignal === undefined ? "StartWorkflow" : "SignalWithStartWorkflow";
      return call(`${prefix}:${workflowType}`, ofWorkflow(options.id), (inside) =>
        next.startWorkflow({ ...input, headers: withContext(headers, inside) }),
      );
    },
    signalWorkflow: (input) =>
      call(`SignalWorkflow:${input.signal}`, ofWorkflow(input.workflowId), (inside) =>
        next.signalWorkflow({ ...input, headers: withContext(input.headers, inside) }),
      ),
    queryWorkflow: (input) =>
      call(`QueryWorkflow:${input.query}`, ofWorkflow(input.workflowId), (inside) =>
        next.queryWorkflow({ ...input, headers: withContext(input.headers, inside) }),
      ),
    startUpdate: (input) =>
      call(`StartWorkflowUpdate:${input.update}`, ofUpdate(input.workflowId, input.updateId), (inside) =>
        next.startUpdate({ ...input, headers: withContext(input.headers, inside) }),
      ),
    startActivity: (input) => {
      const attributes = { temporalActivityID: input.options.id };
      return call(`StartActivity:${input.activityType}`, attributes, (inside) =>
        next.startActivity({ ...input, headers: withContext(input.headers, inside) }),
      );
    },
    startNexusOperation({ options, ...input }) {
      const attributes = { temporalNexusOperationID: options.id };
      return call(`StartNexusOperation:${input.service}/${input.operation}`, attributes, (inside) => {
        const span = fromContext(inside);
        // Nexus carries plain text, so the fields go as they are.
        const headers = span === undefined ? options.headers : { ...options.headers, ...toTraceFields(span) };
        return next.startNexusOperation({ ...input, options: { ...options, headers } });
      });
    },
    startUpdateWithStart(input) {
      const { start, update } = input;
      const name = `StartUpdateWithStartWorkflow:${start.workflowType}`;
      return call(name, ofUpdate(start.options.id, update.updateId), (inside) =>
        next.startUpdateWithStart({
          ...input,
          start: { ...start, headers: withContext(start.headers, inside) },
          update: { ...update, headers: withContext(update.headers, inside) },
        }),
      );
    },
  };
}

function withContext(headers: Headers, inside: Context): Headers {
  const span = fromContext(inside);
  return span === undefined ? headers : withTraceHeader(headers, span);
}

function ofWorkflow(workflowId: string): Attributes {
  return { temporalWorkflowID: workflowId };
}

function ofUpdate(workflowId: string, updateId: string | undefined): Attributes {
  return { temporalWorkflowID: workflowId, ...(updateId === undefined ? {} : { temporalUpdateID: updateId }) };
}
