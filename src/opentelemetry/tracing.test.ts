import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../client.ts";
import type { LogAttributes } from "../core/telemetry/logger.ts";
import { silentLogger } from "../core/telemetry/logger.ts";
import { OpenTelemetryPlugin } from "../opentelemetry.ts";
import { defaultPayloadConverter } from "../payload/default-converter.ts";
import { Replayer } from "../worker.ts";
import { createWorld } from "../worker/e2e/world.test-support.ts";
import { createTraced, treeOf } from "./tracing.test-support.ts";
import { Child, OpenParent, Parent } from "./tracing.workflows.ts";

const activities = {
  async greet(name: string): Promise<string> {
    // What an activity does for itself is part of the same trace.
    const span = trace.getActiveSpan();
    span?.addEvent("greeting");
    return `Hello, ${name}!`;
  },
};

const contexts = new AsyncLocalStorageContextManager();
beforeAll(() => void context.setGlobalContextManager(contexts.enable()));
afterAll(() => context.disable());

test(
  "one trace leads from the client to the activity of a child workflow, once, however often it is replayed",
  { timeout: 60_000 },
  async () => {
    const { world, tracer, exporter, plugin } = await createTraced();
    const { client, createWorker, until } = world;
    await createWorker({ workflows: [Parent, Child], activities, maxCachedWorkflows: 0 });
    const handle = await tracer.startActiveSpan("request", async (span) => {
      const started = await until(client.startWorkflow(Parent, { args: ["you"], id: "parent", taskQueue: "q" }));
      expect(await until(started.query("isReleased"))).toBe(false);
      expect(await until(started.executeUpdate("rename", { args: ["me"] }))).toBe("Hello, me!");
      await until(started.signal("release"));
      expect(await until(started.result())).toBe("Hello, you!");
      span.end();
      return started;
    });
    const spans = exporter.getFinishedSpans();
    expect(treeOf(spans)).toEqual([
      "request",
      "  StartWorkflow:Parent",
      "    RunWorkflow:Parent",
      "    ValidateUpdate:rename",
      "    HandleUpdate:rename",
      "    StartActivity:greet",
      "      RunActivity:greet",
      "    HandleSignal:release",
      "    released",
      "    with child",
      "      StartChildWorkflow:Child",
      "        RunWorkflow:Child",
      "        StartActivity:greet",
      "          RunActivity:greet",
      "        CompleteWorkflow:Child",
      "      greeted",
      "    CompleteWorkflow:Parent",
      "  QueryWorkflow:isReleased",
      "    HandleQuery:isReleased",
      "  StartWorkflowUpdate:rename",
      "  SignalWorkflow:release",
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(new Set(spans.map((span) => span.spanContext().spanId)).size).toBe(spans.length);
    const find = (name: string): ReadableSpan | undefined => spans.find((span) => span.name === name);
    // The handler is part of the workflow, and linked to the call.
    expect(find("HandleSignal:release")?.links[0]?.context.spanId).toBe(
      find("SignalWorkflow:release")?.spanContext().spanId,
    );
    expect(find("released")?.attributes).toEqual({
      step: 1,
      temporalWorkflowID: "parent",
      temporalRunID: handle.resultRunId,
    });
    // A span of workflow code takes the workflow's time.
    expect(find("with child")?.duration[0]).toBeGreaterThanOrEqual(1);
    expect(find("RunActivity:greet")?.events.map(({ name }) => name)).toEqual(["greeting"]);

    await using replayer = await Replayer.create({ workflows: [Parent], plugins: [plugin] });
    await replayer.replayWorkflow(await until(handle.fetchHistory()));
    expect(exporter.getFinishedSpans()).toHaveLength(spans.length);
  },
);

test("the trace crosses in the header and the form that the reference SDK reads", async () => {
  const { world, tracer, exporter } = await createTraced();
  const { client, createWorker, until } = world;
  await createWorker({ workflows: [OpenParent], activities });
  const handle = await tracer.startActiveSpan("request", async (span) => {
    const started = await until(client.startWorkflow(OpenParent, { args: ["you"], id: "open", taskQueue: "q" }));
    span.end();
    return started;
  });
  await until(handle.result());
  const { events } = await until(handle.fetchHistory());
  const carried = events.flatMap(({ attributes }) => {
    const isStart = attributes?.case === "workflowExecutionStartedEventAttributes";
    const isActivity = attributes?.case === "activityTaskScheduledEventAttributes";
    const payload = isStart || isActivity ? attributes.value.header?.fields["_tracer-data"] : undefined;
    return payload === undefined ? [] : [defaultPayloadConverter.fromPayload(payload)];
  });
  const idOf = (name: string): string => {
    const found = exporter
      .getFinishedSpans()
      .find((span) => span.name === name)
      ?.spanContext();
    return `00-${found?.traceId}-${found?.spanId}-01`;
  };
  expect(carried).toEqual([
    { traceparent: idOf("StartWorkflow:OpenParent") },
    { traceparent: idOf("StartActivity:greet") },
  ]);
});

test("a workflow that no trace reaches is traced if that is asked for, and not otherwise", async () => {
  for (const always of [false, true]) {
    const { world, exporter } = await createTraced({ alwaysCreateWorkflowSpans: always });
    const { client, createWorker, until } = world;
    await createWorker({ workflows: [Child], activities });
    const silent = new Client(client.connection);
    await until(silent.executeWorkflow(Child, { args: ["you"], id: "child", taskQueue: "q" }));
    const ofWorkflow = ["RunWorkflow:Child", "StartActivity:greet", "  RunActivity:greet", "CompleteWorkflow:Child"];
    expect(treeOf(exporter.getFinishedSpans())).toEqual(always ? ofWorkflow : ["RunActivity:greet"]);
  }
});

test("a provider without the generator of ids is told of once", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const plugin = new OpenTelemetryPlugin({ tracer: provider.getTracer("test") });
  const errors: string[] = [];
  const error = (_message: string, attributes?: LogAttributes): void => void errors.push(String(attributes?.["error"]));
  const { client, createWorker, until } = await createWorld({
    client: { plugins: [plugin] },
    logger: { ...silentLogger, error },
  });
  await createWorker({ workflows: [Child], activities });
  await until(client.executeWorkflow(Child, { args: ["you"], id: "child", taskQueue: "q" }));
  expect(errors).toEqual([
    'OptionsError: Cannot trace workflows as they are: the tracer gave span "RunWorkflow:Child" another id, give its provider "idGenerator: new WorkflowIdGenerator()"',
  ]);
});
