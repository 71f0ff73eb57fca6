import { expect, test } from "vitest";
import { MetricRegistry } from "./metric-registry.ts";
import { withPrefix } from "./metric-meter.ts";
import { writeOtlpMetrics } from "./otlp-json.ts";
import { writePrometheusText } from "./prometheus-text.ts";

test("counters add up, gauges keep the last value, histograms count by bucket", () => {
  const registry = new MetricRegistry({ globalAttributes: { team: "a" } });
  const meter = registry.meter.withAttributes({ queue: "q" });
  const counter = meter.createCounter("calls", { description: "Calls\nmade" });
  counter.add(2);
  counter.add(1, { kind: `"x"` });
  counter.add(-5);
  meter.createCounter("calls").add(3);
  meter.createGauge("size").set(7);
  meter.createGauge("size").set(4);
  const histogram = meter.createHistogram("spread", { unit: "By" });
  for (const value of [50, 51, 20_000, Number.NaN]) histogram.record(value);
  expect(writePrometheusText(registry.families(), { unitSuffix: true, countersTotalSuffix: true })).toBe(
    [
      `# HELP calls_total Calls\\nmade`,
      `# TYPE calls_total counter`,
      `calls_total{team="a",queue="q"} 5`,
      `calls_total{team="a",queue="q",kind="\\"x\\""} 1`,
      `# TYPE size gauge`,
      `size{team="a",queue="q"} 4`,
      `# TYPE spread_bytes histogram`,
      ...[50, 100, 500, 1000, 2500, 10_000].map(
        (bound) => `spread_bytes_bucket{team="a",queue="q",le="${bound}"} ${bound === 50 ? 1 : 2}`,
      ),
      `spread_bytes_bucket{team="a",queue="q",le="+Inf"} 3`,
      `spread_bytes_sum{team="a",queue="q"} 20101`,
      `spread_bytes_count{team="a",queue="q"} 3`,
      ``,
    ].join("\n"),
  );
});

test("durations have the reference's buckets, in the unit that was asked for, or those that were given", () => {
  const seconds = new MetricRegistry({ prefix: "temporal_", durationsAsSeconds: true });
  withPrefix(seconds.meter, "temporal_").createDurationHistogram("workflow_task_execution_latency").record(1_500);
  const [family] = seconds.families();
  expect(family?.bounds).toEqual([0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  expect(family).toMatchObject({ unit: "s", isDuration: true });
  expect([...(family?.series.values() ?? [])][0]).toMatchObject({ value: 1.5, count: 1 });
  const own = new MetricRegistry({ bucketOverrides: { custom: [2, 1] } });
  own.meter.createHistogram("custom").record(1);
  expect(own.families()[0]?.bounds).toEqual([1, 2]);
});

test("a metric has no more series than it may, and the rest is in one that says so", () => {
  const registry = new MetricRegistry();
  const counter = registry.meter.createCounter("c");
  for (let index = 0; index < 2_100; index++) counter.add(1, { index });
  const series = [...(registry.families()[0]?.series.values() ?? [])];
  expect(series).toHaveLength(2_001);
  expect(series.at(-1)).toMatchObject({ attributes: { otel_metric_overflow: true }, value: 100 });
});

test("one name for two kinds of metric loses neither", () => {
  const registry = new MetricRegistry();
  registry.meter.createCounter("same").add(1);
  registry.meter.createGauge("same").set(2);
  expect(registry.families().map(({ name, kind }) => `${name} ${kind}`)).toEqual(["same counter", "same_gauge gauge"]);
});

test("OTLP tells all that was counted, or only what is new", () => {
  const registry = new MetricRegistry();
  const counter = registry.meter.createCounter("c");
  const told = new Map();
  const write = (temporality: "delta" | "cumulative"): unknown => {
    const text = writeOtlpMetrics(registry.families(), { serviceName: "s", temporality, startMs: 1, nowMs: 2, told });
    return JSON.parse(text).resourceMetrics[0].scopeMetrics[0].metrics[0].sum.dataPoints[0].asDouble;
  };
  counter.add(2);
  expect(write("delta")).toBe(2);
  counter.add(3);
  expect(write("delta")).toBe(3);
  expect(write("cumulative")).toBe(5);
});
