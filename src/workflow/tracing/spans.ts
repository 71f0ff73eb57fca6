import { currentFrame, inFrame, maybeCurrentFrame } from "../runtime/current.ts";
import type { Frame, Run } from "../runtime/run.ts";
import { callSink } from "../sinks.ts";
import { readTraceHeader, type SpanContext } from "./span-context.ts";
import type { SpanScope } from "./span-scope.ts";
import { spanIdOf, traceIdOf } from "./span-id.ts";

/** Sink that takes the spans of workflow code. */
export const SPAN_SINK = "perdure.spans";

/** What OpenTelemetry says a span is, as far as workflows make such. */
export type WorkflowSpanKind = "internal" | "server" | "client";

/** Values of a span's attributes. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that has ended, as plain data on its way out of workflow code. */
export interface WorkflowSpan {
  readonly name: string;
  readonly kind: WorkflowSpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly link: SpanContext | undefined;
  readonly attributes: SpanAttributes;
  readonly startTimeMs: number;
  readonly endTimeMs: number;
  readonly error: { readonly name: string; readonly message: string } | undefined;
}

/** What a span is made with. */
export interface SpanOptions {
  /** @default "internal" */
  readonly kind?: WorkflowSpanKind | undefined;
  /** Added to those that name the workflow. @default none */
  readonly attributes?: SpanAttributes | undefined;
  /** Another span that this one has to do with. @default none */
  readonly link?: SpanContext | undefined;
  /** What went wrong. @default nothing */
  readonly error?: unknown;
}

const SAMPLED = 1;
const rootScopes = new WeakMap<Run, SpanScope>();

/** The scope of a run, which goes on the trace that started it. */
export function openRootScope(run: Run, alwaysCreates: boolean): SpanScope {
  let scope = rootScopes.get(run);
  if (scope === undefined) {
    const parent = readTraceHeader(run.init.headers);
    const traceId = parent?.traceId ?? (alwaysCreates ? traceIdOf(run.init.runId) : undefined);
    scope = { traceId, parent, seed: run.init.runId, count: 0 };
    rootScopes.set(run, scope);
  }
  return scope;
}

/** The scope of code that is not part of what is replayed, below a span of somebody else. */
export function liveScope(parent: SpanContext | undefined, seed: string): SpanScope {
  return { traceId: parent?.traceId, parent, seed, count: 0 };
}

/** The scope of the code that asks; `undefined` if the workflow is not traced. */
export function currentScope(frame: Frame): SpanScope | undefined {
  return frame.spans ?? rootScopes.get(frame.run);
}

/** Runs code whose spans belong to a scope. */
export function inScope<T>(frame: Frame, spans: SpanScope, code: () => T): T {
  return inFrame({ ...frame, spans }, code);
}

/** A span's context, new in its scope; `undefined` where no spans are made. */
export function newSpan(scope: SpanScope | undefined): SpanContext | undefined {
  if (scope?.traceId === undefined) return undefined;
  const { traceId, parent, seed } = scope;
  const spanId = spanIdOf(`${seed}/${scope.count}`);
  scope.count += 1;
  return { ...(parent ?? { flags: SAMPLED }), traceId, spanId };
}

/** Tells of a span that has ended, unless it is only replayed. */
export function tellSpan(
  span: Pick<WorkflowSpan, "name" | "context" | "parent" | "startTimeMs" | "endTimeMs">,
  { kind = "internal", attributes, link, error }: SpanOptions,
): void {
  const frame = maybeCurrentFrame();
  if (frame === undefined) return;
  const { workflowId, runId } = frame.run.init;
  const told: WorkflowSpan = {
    ...span,
    kind,
    link,
    attributes: { temporalWorkflowID: workflowId, temporalRunID: runId, ...attributes },
    error: error === undefined ? undefined : describeError(error),
  };
  callSink(SPAN_SINK, told);
}

/** Makes a span that has ended already in the current scope. */
export function tellEndedSpan(name: string, options: SpanOptions): SpanContext | undefined {
  const frame = currentFrame("make a span");
  const scope = currentScope(frame);
  const context = newSpan(scope);
  if (context === undefined) return undefined;
  const timeMs = frame.run.facts.timestampMs;
  tellSpan({ name, context, parent: scope?.parent, startTimeMs: timeMs, endTimeMs: timeMs }, options);
  return context;
}

function describeError(error: unknown): { readonly name: string; readonly message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}
