import type { Tracer } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import { OpenTelemetryPlugin, type TracingInterceptorOptions, WorkflowIdGenerator } from "../opentelemetry.ts";
import { createWorld, type World, type WorldOptions } from "../worker/e2e/world.test-support.ts";

/** A world whose client and workers are traced, and what they told. */
export interface Traced {
  readonly world: World;
  readonly tracer: Tracer;
  readonly exporter: InMemorySpanExporter;
  readonly plugin: OpenTelemetryPlugin;
}

/** Makes a traced world. */
export async function createTraced(options: TracingInterceptorOptions = {}, world: WorldOptions = {}): Promise<Traced> {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  const provider = new BasicTracerProvider({ idGenerator: new WorkflowIdGenerator(), spanProcessors });
  const tracer = provider.getTracer("test");
  const plugin = new OpenTelemetryPlugin({ tracer, ...options });
  return { world: await createWorld({ client: { plugins: [plugin] }, ...world }), tracer, exporter, plugin };
}

/** Spans as lines, children indented below their parents, in the order of their ends. */
export function treeOf(spans: readonly ReadableSpan[]): string[] {
  const known = new Set(spans.map((span) => span.spanContext().spanId));
  const below = (parentId: string | undefined, depth: number): string[] =>
    spans
      .filter(({ parentSpanContext: parent }) =>
        parentId === undefined ? !known.has(parent?.spanId ?? "") : parent?.spanId === parentId,
      )
      .flatMap((span) => [`${"  ".repeat(depth)}${span.name}`, ...below(span.spanContext().spanId, depth + 1)]);
  return below(undefined, 0);
}
