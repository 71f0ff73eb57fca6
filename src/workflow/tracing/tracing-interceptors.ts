import type { WorkflowInboundInterceptor, WorkflowInterceptors, WorkflowOutboundInterceptor } from "../interceptors.ts";
import { currentFrame } from "../runtime/current.ts";
import { isFailureException } from "../runtime/failures.ts";
import type { Frame } from "../runtime/run.ts";
import { ContinueAsNewError } from "../continue-as-new-options.ts";
import type { Headers } from "../headers.ts";
import { readTraceHeader, toTraceFields, withTraceHeader } from "./span-context.ts";
import { currentScope, inScope, liveScope, openRootScope, tellEndedSpan, type SpanOptions } from "./spans.ts";

/** What {@link createTracingInterceptors} may be told. */
export interface TracingOptions {
  /** Whether workflows that nobody traces from outside begin a trace of their own. @default false */
  readonly alwaysCreatesSpans?: boolean;
}

/** Interceptors that make a span of what comes into a workflow and of what it asks for, and hand the trace on. */
export function createTracingInterceptors({ alwaysCreatesSpans = false }: TracingOptions = {}): WorkflowInterceptors {
  const frameOf = (): Frame => {
    const frame = currentFrame("trace");
    openRootScope(frame.run, alwaysCreatesSpans);
    return frame;
  };
  return { inbound: [inbound(frameOf)], outbound: [outbound(frameOf)] };
}

function inbound(frameOf: () => Frame): WorkflowInboundInterceptor {
  return {
    async executeWorkflow(input, next) {
      const { run } = frameOf();
      const complete = `CompleteWorkflow:${run.init.workflowType}`;
      tellEndedSpan(`RunWorkflow:${run.init.workflowType}`, { kind: "server" });
      try {
        const result = await next(input);
        tellEndedSpan(complete, {});
        return result;
      } catch (error) {
        // Other errors fail the task, which is then tried again.
        const isEnd = !(error instanceof ContinueAsNewError) && isFailureException(run, error);
        if (isEnd) tellEndedSpan(complete, { error });
        throw error;
      }
    },
    handleSignal(input, next) {
      frameOf();
      tellEndedSpan(`HandleSignal:${input.signal}`, linkedTo(input.headers));
      return next(input);
    },
    handleQuery(input, next) {
      const frame = frameOf();
      const root = currentScope(frame);
      const caller = readTraceHeader(input.headers);
      return inScope(frame, liveScope(caller, `${frame.run.init.runId}/${caller?.spanId ?? ""}`), () => {
        // The caller's trace has the query; the workflow's own is only linked to.
        tellEndedSpan(`HandleQuery:${input.query}`, { kind: "server", link: root?.parent });
        return next(input);
      });
    },
    validateUpdate(input, next) {
      const frame = frameOf();
      const { parent, traceId } = currentScope(frame) ?? {};
      // Validators are not replayed, so they must not count among the spans that are.
      const scope = { traceId, parent, seed: `${frame.run.init.runId}/validate/${input.id}`, count: 0 };
      return inScope(frame, scope, () => {
        tellEndedSpan(`ValidateUpdate:${input.update}`, linkedTo(input.headers));
        return next(input);
      });
    },
    handleUpdate(input, next) {
      frameOf();
      tellEndedSpan(`HandleUpdate:${input.update}`, linkedTo(input.headers));
      return next(input);
    },
  };
}

function outbound(frameOf: () => Frame): WorkflowOutboundInterceptor {
  const traced = <T extends { readonly headers: Headers }>(input: T, name: string, options: SpanOptions): T => {
    frameOf();
    const context = tellEndedSpan(name, options);
    return context === undefined ? input : { ...input, headers: withTraceHeader(input.headers, context) };
  };
  const client: SpanOptions = { kind: "client" };
  return {
    continueAsNew(input, next) {
      const parent = currentScope(frameOf())?.parent;
      return next(parent === undefined ? input : { ...input, headers: withTraceHeader(input.headers, parent) });
    },
    startActivity: (input, next) => next(traced(input, `StartActivity:${input.activity}`, client)),
    startLocalActivity: (input, next) => next(traced(input, `StartActivity:${input.activity}`, client)),
    startChildWorkflow: (input, next) => next(traced(input, `StartChildWorkflow:${input.workflow}`, client)),
    signalChildWorkflow: (input, next) => {
      return next(traced(input, `SignalChildWorkflow:${input.signal}`, { kind: "server" }));
    },
    signalExternalWorkflow: (input, next) => next(traced(input, `SignalExternalWorkflow:${input.signal}`, client)),
    startNexusOperation(input, next) {
      frameOf();
      const context = tellEndedSpan(`StartNexusOperation:${input.service}/${input.operation}`, client);
      if (context === undefined) return next(input);
      // Nexus carries plain text, so the fields go as they are.
      const headers = { ...input.options.headers, ...toTraceFields(context) };
      return next({ ...input, options: { ...input.options, headers } });
    },
  };
}

function linkedTo(headers: Headers): SpanOptions {
  return { kind: "server", link: readTraceHeader(headers) };
}
