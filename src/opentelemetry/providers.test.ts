import { type MeterProvider as ApiMeterProvider, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { expect, test } from "vitest";
import { type EmittedLogRecord, type LogRecordProvider, workflowMeterProvider } from "../opentelemetry.ts";
import { Replayer } from "../worker.ts";
import { Measuring } from "./journey.workflows.ts";
import { createTraced } from "./tracing.test-support.ts";

interface Line {
  readonly logger: string;
  readonly record: EmittedLogRecord;
}

function collectLines(): { readonly lines: Line[]; readonly loggerProvider: LogRecordProvider } {
  const lines: Line[] = [];
  return {
    lines,
    loggerProvider: {
      getLogger: (name, version) => ({ emit: (record) => lines.push({ logger: `${name}@${version}`, record }) }),
    },
  };
}

function createMeters(): { readonly meterProvider: MeterProvider; collect(): Promise<Record<string, unknown>> } {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  return {
    meterProvider,
    async collect() {
      exporter.reset();
      await meterProvider.forceFlush();
      const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((of) => of.metrics));
      return Object.fromEntries(
        metrics.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes, value }) => [attributes, value]),
        ]),
      );
    },
  };
}

test(
  "what workflow code records and logs through OpenTelemetry's providers is told once, however often it is replayed",
  { timeout: 60_000 },
  async () => {
    const { meterProvider, collect } = createMeters();
    const { lines, loggerProvider } = collectLines();
    const { world, exporter, plugin } = await createTraced({
      meterProvider,
      loggerProvider,
      alwaysCreateWorkflowSpans: true,
    });
    const { client, createWorker, until } = world;
    await createWorker({ workflows: [Measuring], maxCachedWorkflows: 0 });
    const handle = await until(client.startWorkflow(Measuring, { id: "m", taskQueue: "q" }));
    expect(await until(handle.query("height"))).toBe(0);
    await until(handle.signal("climb"));
    await until(handle.result());
    expect(await until(handle.query("height"))).toBe(1);
    const once = {
      // Queries are no part of what is replayed: each is live.
      steps: [
        [{ by: "run" }, 2],
        [{ by: "query" }, 200],
      ],
      distance: [
        [{}, expect.objectContaining({ count: 1, sum: 5, buckets: { boundaries: [1, 10], counts: [0, 1, 0] } })],
      ],
      bags: [[{}, 1]],
      height: [[{}, 1]],
    };
    expect(await collect()).toEqual(once);
    const ids = { temporalWorkflowID: "m", temporalRunID: handle.resultRunId };
    expect(lines.map(({ logger, record }) => ({ logger, ...record, context: undefined }))).toEqual([
      {
        logger: "journey@1",
        severityNumber: 9,
        body: "sets out",
        attributes: { ...ids, shoes: "brown" },
        timestamp: expect.any(Number) as number,
      },
      {
        logger: "journey@1",
        eventName: "top",
        body: { height: 1 },
        attributes: ids,
        timestamp: expect.any(Number) as number,
      },
    ]);
    // The last line belongs to the span around it.
    const onTop = exporter.getFinishedSpans().find(({ name }) => name === "on top");
    const context = lines[1]?.record.context;
    expect(context && trace.getSpanContext(context)?.spanId).toBe(onTop?.spanContext().spanId);

    await using replayer = await Replayer.create({ workflows: [Measuring], plugins: [plugin] });
    await replayer.replayWorkflow(await until(handle.fetchHistory()));
    expect(await collect()).toEqual(once);
    expect(lines).toHaveLength(2);
    await meterProvider.shutdown();
  },
);

test("the providers of workflow code are those of OpenTelemetry, and silent where no workflow is", () => {
  const provider: ApiMeterProvider = workflowMeterProvider;
  const meter = provider.getMeter("outside");
  const gauge = meter.createObservableGauge("asked");
  gauge.addCallback(() => expect.unreachable());
  meter.addBatchObservableCallback(() => expect.unreachable(), [gauge]);
  meter.createCounter("count").add(1);
  meter.createGauge("level").record(1);
  expect(provider).toBe(workflowMeterProvider);
});
