import assert from "node:assert/strict";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { Client, HeaderCodecBehavior, type ClientInterceptor } from "perdure/client";
import { DataConverter, defaultPayloadConverter, type PayloadCodec } from "perdure/converter";
import { OpenTelemetryPlugin, WorkflowIdGenerator } from "perdure/opentelemetry";
import { SimplePlugin } from "perdure/plugin";
import { Replayer, type Interceptor } from "perdure/worker";
import type { Scenario } from "../scenario.ts";
import { Intercepted, StartsIntercepted } from "./plugins.workflows.ts";

const activities = { greetIntercepted: (name: string) => `Hello, ${name}!` };

/** One object that intercepts a client, workflows and activities. */
class Messenger implements ClientInterceptor, Interceptor {
  readonly seen: string[] = [];
  readonly workflowInterceptorModule = new URL("./plugins-interceptors.workflows.ts", import.meta.url).href;
  readonly sinks = { seen: (what: unknown) => this.seen.push(String(what)) };

  interceptClient: ClientInterceptor["interceptClient"] = (next) => ({
    ...next,
    startWorkflow(input) {
      const headers = { ...input.headers, from: defaultPayloadConverter.toPayload("a client") };
      return next.startWorkflow({ ...input, headers });
    },
  });

  interceptActivity: NonNullable<Interceptor["interceptActivity"]> = (next) => ({
    init: (outbound) => next.init(outbound),
    execute: (input) => {
      const { from } = input.headers;
      this.seen.push(
        `activity from ${from === undefined ? "nobody" : String(defaultPayloadConverter.fromPayload(from))}`,
      );
      return next.execute(input);
    },
  });
}

/** Turns the bytes of payloads around. */
const mirror: PayloadCodec = {
  encode: async (payloads) => payloads.map((payload) => ({ ...payload, data: payload.data.toReversed() })),
  decode: async (payloads) => payloads.map((payload) => ({ ...payload, data: payload.data.toReversed() })),
};

export const plugins: readonly Scenario[] = [
  {
    name: "one interceptor follows a header from the client through child workflows to an activity",
    async run({ client, newId, withWorker }) {
      const messenger = new Messenger();
      const own = new Client(client.connection, { ...client.options, interceptors: [messenger] });
      const taskQueue = newId("intercepted");
      const options = { taskQueue, workflows: [Intercepted, StartsIntercepted], activities };
      const result = await withWorker(
        options,
        () => own.executeWorkflow(StartsIntercepted, { args: ["you"], id: newId("intercepted"), taskQueue }),
        own,
      );
      assert.equal(result, "Hello, you!");
      const wanted = ["activity from a client", "run Intercepted", "run StartsIntercepted", "signal release"];
      assert.deepEqual(messenger.seen.toSorted(), wanted);
    },
  },
  {
    name: "headers of interceptors go through the codec if that is asked for",
    async run({ client, newId, withWorker }) {
      const messenger = new Messenger();
      const own = new Client(client.connection, {
        ...client.options,
        interceptors: [messenger],
        dataConverter: new DataConverter({ codec: mirror }),
        headerCodecBehavior: HeaderCodecBehavior.codec,
      });
      const taskQueue = newId("header-codec");
      await withWorker(
        { taskQueue, workflows: [Intercepted], activities },
        async () => {
          const handle = await own.startWorkflow(Intercepted, { args: ["you"], id: newId("header-codec"), taskQueue });
          await handle.signal("release");
          assert.equal(await handle.result(), "Hello, you!");
          const { events } = await handle.fetchHistory();
          const started = events[0]?.attributes;
          assert.ok(started?.case === "workflowExecutionStartedEventAttributes");
          const { data } = started.value.header?.fields["from"] ?? {};
          assert.equal(Buffer.from(data ?? []).toString(), `"tneilc a"`);
        },
        own,
      );
      assert.ok(messenger.seen.includes("activity from a client"));
    },
  },
  {
    name: "a plugin of a client gives its workers workflows, activities and a context around their life",
    async run({ client, newId, withWorker }) {
      const life: string[] = [];
      const plugin = new SimplePlugin({
        name: "greetings",
        workflows: [Intercepted, StartsIntercepted],
        activities: [activities],
        runContext: () => {
          life.push("opened");
          return { [Symbol.asyncDispose]: async () => void life.push("closed") };
        },
      });
      const own = new Client(client.connection, { ...client.options, plugins: [plugin] });
      const taskQueue = newId("plugin");
      const handle = await withWorker(
        { taskQueue },
        async () => {
          const started = await own.startWorkflow(Intercepted, { args: ["you"], id: newId("plugin"), taskQueue });
          await started.signal("release");
          assert.equal(await started.result(), "Hello, you!");
          return started;
        },
        own,
      );
      assert.deepEqual(life, ["opened", "closed"]);
      await using replayer = await Replayer.create({ workflows: [], plugins: [plugin] });
      await replayer.replayWorkflow(await handle.fetchHistory());
      assert.deepEqual(life, ["opened", "closed", "opened", "closed"]);
    },
  },
  {
    name: "one trace leads from a client through a child workflow to its activity",
    async run({ client, newId, withWorker }) {
      const exporter = new InMemorySpanExporter();
      const spanProcessors = [new SimpleSpanProcessor(exporter)];
      const provider = new BasicTracerProvider({ idGenerator: new WorkflowIdGenerator(), spanProcessors });
      const plugin = new OpenTelemetryPlugin({ tracer: provider.getTracer("scenario") });
      const own = new Client(client.connection, { ...client.options, plugins: [plugin] });
      const taskQueue = newId("traced");
      await withWorker(
        { taskQueue, workflows: [Intercepted, StartsIntercepted], activities },
        () => own.executeWorkflow(StartsIntercepted, { args: ["you"], id: newId("traced"), taskQueue }),
        own,
      );
      const spans = exporter.getFinishedSpans();
      const parents = spans.map((span) => {
        const parent = spans.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId);
        return `${span.name} in ${parent?.name ?? "nothing"}`;
      });
      assert.deepEqual(parents.toSorted(), [
        "CompleteWorkflow:Intercepted in StartChildWorkflow:Intercepted",
        "CompleteWorkflow:StartsIntercepted in StartWorkflow:StartsIntercepted",
        "HandleSignal:release in StartChildWorkflow:Intercepted",
        "RunActivity:greetIntercepted in StartActivity:greetIntercepted",
        "RunWorkflow:Intercepted in StartChildWorkflow:Intercepted",
        "RunWorkflow:StartsIntercepted in StartWorkflow:StartsIntercepted",
        "SignalChildWorkflow:release in StartWorkflow:StartsIntercepted",
        "StartActivity:greetIntercepted in StartChildWorkflow:Intercepted",
        "StartChildWorkflow:Intercepted in StartWorkflow:StartsIntercepted",
        "StartWorkflow:StartsIntercepted in nothing",
        "released in StartChildWorkflow:Intercepted",
      ]);
      assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
    },
  },
];
