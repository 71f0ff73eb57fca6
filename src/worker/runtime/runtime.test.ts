import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../core/telemetry/logger.ts";
import { noopMetricMeter } from "../../core/telemetry/metric-meter.ts";
import { MetricBuffer } from "./metric-buffer.ts";
import { Runtime } from "./runtime.ts";
import { createStderrLogger } from "./stderr-logger.ts";
import type { TelemetryConfig } from "./telemetry-config.ts";

function createRuntime(telemetry: TelemetryConfig): Runtime {
  const runtime = new Runtime({ logger: silentLogger, telemetry });
  onTestFinished(() => runtime.close());
  return runtime;
}

test("nothing is measured unless somebody reads it", () => {
  const runtime = createRuntime({});
  expect(runtime.metricMeter).toBe(noopMetricMeter);
  expect(runtime.sdkMetricMeter).toBe(undefined);
});

test("Prometheus gets metrics of the program's own without the prefix, and the buckets that were given", async () => {
  const runtime = createRuntime({
    metrics: { kind: "prometheus", histogramBucketOverrides: { custom_histogram: [617.28, 1234.5678] } },
    globalTags: { team: "a" },
  });
  runtime.metricMeter.createHistogram("custom_histogram", { description: "Custom histogram", unit: "ms" }).record(600);
  runtime.sdkMetricMeter?.createCounter("own").add(1);
  const text = await (await fetch(`http://${await runtime.metricsAddress()}/metrics`)).text();
  expect(text).toContain(`custom_histogram_bucket{service_name="perdure",team="a",le="1234.5678"} 1`);
  expect(text).toContain(`temporal_own{service_name="perdure",team="a"} 1`);
  const port = (await runtime.metricsAddress())?.split(":")[1];
  const second = createRuntime({ metrics: { kind: "prometheus", bindAddress: `127.0.0.1:${port}` } });
  await expect(second.metricsAddress()).rejects.toThrow("EADDRINUSE");
});

test("a collector gets metrics by OTLP, the last ones when the runtime is closed", async () => {
  const bodies: string[] = [];
  const headers: unknown[] = [];
  const collector = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      bodies.push(body);
      headers.push(request.headers["authorization"]);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void collector.close());
  const { port } = collector.address() as AddressInfo;
  const runtime = createRuntime({
    metrics: {
      kind: "openTelemetry",
      url: `http://127.0.0.1:${port}/v1/metrics`,
      headers: { authorization: "Bearer x" },
      metricPeriodicity: "1h",
    },
  });
  runtime.metricMeter.createHistogram("h", { unit: "ms" }).record(600);
  await runtime.close();
  const [{ scopeMetrics }] = JSON.parse(bodies[0] ?? "{}").resourceMetrics;
  expect(scopeMetrics[0].metrics[0]).toMatchObject({
    name: "h",
    unit: "ms",
    histogram: { aggregationTemporality: 2, dataPoints: [{ count: "1", sum: 600 }] },
  });
  expect(headers[0]).toBe("Bearer x");
});

test("a buffer keeps updates until they are taken, and no more than it may", () => {
  const buffer = new MetricBuffer({ maxSize: 2, durationFormat: "seconds" });
  const meter = createRuntime({ metrics: buffer, attachServiceName: false }).metricMeter;
  meter.createDurationHistogram("d").record(1_500, { a: 1 });
  meter.createGauge("g").set(2);
  meter.createGauge("g").set(3);
  const [duration, gauge] = buffer.retrieveUpdates();
  expect(duration).toMatchObject({
    metric: { name: "d", kind: "histogram", unit: "s" },
    value: 1.5,
    attributes: { a: 1 },
  });
  expect(gauge).toMatchObject({ metric: { name: "g", kind: "gauge" }, value: 2 });
  expect(buffer.lost).toBe(1);
  expect(buffer.retrieveUpdates()).toEqual([]);
});

test("what cannot work is refused at once", () => {
  const create = (telemetry: TelemetryConfig) => () => createRuntime(telemetry);
  expect(create({ metrics: { kind: "openTelemetry", url: "grpc://collector:4317" } })).toThrow("is not supported");
  expect(create({ metrics: { kind: "prometheus", bindAddress: "no where" } })).toThrow(`"no where"`);
  expect(() => new MetricBuffer({ maxSize: 0 })).toThrow(`"maxSize" is 0`);
  const both = { metricMeter: noopMetricMeter, telemetry: { metrics: new MetricBuffer() } };
  expect(() => new Runtime(both)).toThrow(`"metricMeter" and "telemetry.metrics" are both given`);
});

test("a logger for standard error needs nothing, and writes JSON if asked to", () => {
  const lines: string[] = [];
  expect(createStderrLogger()).toBeDefined();
  const logger = createStderrLogger({ format: "json", write: (line) => lines.push(line) });
  logger.warn("said", { error: new Error("why"), count: 1, nothing: undefined });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", message: "said", fields: { count: 1 } });
});
