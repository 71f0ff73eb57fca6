/** One trace from a client to an activity. `node --import tsx examples/opentelemetry/main.ts [address]` */
import { randomUUID } from "node:crypto";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { Client } from "perdure/client";
import { OpenTelemetryPlugin, WorkflowIdGenerator } from "perdure/opentelemetry";
import { Worker } from "perdure/worker";
import { bake } from "./activities.ts";
import { BakeCake, Party } from "./workflows.ts";

// Spans are kept here and printed. A real program exports them, by @opentelemetry/exporter-trace-otlp-http for one.
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({
  idGenerator: new WorkflowIdGenerator(),
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const taskQueue = "opentelemetry";
const plugin = new OpenTelemetryPlugin({ tracer: provider.getTracer("party") });
await using client = await Client.connect(process.argv[2] ?? "memory:", { plugins: [plugin] });
const worker = await Worker.create(client, { taskQueue, workflows: [Party, BakeCake], activities: { bake } });
await worker.runUntil(() => client.executeWorkflow(Party, { id: `party-${randomUUID()}`, taskQueue }));

const spans = exporter.getFinishedSpans();
const print = (parentId: string | undefined, indent: string): void => {
  for (const span of spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parentId)) {
    console.log(indent + span.name);
    print(span.spanContext().spanId, `${indent}  `);
  }
};
print(undefined, "");
context.disable();
