import type { MetricAttributes } from "./metric-meter.ts";
import type { MetricFamily, MetricSeries } from "./metric-registry.ts";

/** Whether values are told since the beginning or since the last time. */
export type MetricTemporality = "cumulative" | "delta";

/** What {@link writeOtlpMetrics} needs besides metrics. Times in milliseconds since the epoch. */
export interface OtlpMetricsOptions {
  readonly serviceName: string;
  readonly temporality: MetricTemporality;
  readonly startMs: number;
  readonly nowMs: number;
  /** What was told last, by series; it is brought up to date. Only with deltas. */
  readonly told: Map<MetricSeries, ToldSeries>;
}

/** What was told of a series last. */
export interface ToldSeries {
  readonly value: number;
  readonly count: number;
  readonly buckets: readonly number[];
}

const temporalities = { delta: 1, cumulative: 2 } as const;

/** Writes metrics as an `ExportMetricsServiceRequest` in OTLP's JSON. */
export function writeOtlpMetrics(families: readonly MetricFamily[], options: OtlpMetricsOptions): string {
  const metrics = families.filter(({ series }) => series.size > 0).map((family) => toMetric(family, options));
  return JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: toAttributes({ "service.name": options.serviceName }) },
        scopeMetrics: [{ scope: { name: options.serviceName }, metrics }],
      },
    ],
  });
}

function toMetric(family: MetricFamily, options: OtlpMetricsOptions): object {
  const { name, description, unit } = family;
  const dataPoints = [...family.series.values()].map((series) => toPoint(family, series, options));
  const described = { name, description, unit };
  const aggregationTemporality = temporalities[options.temporality];
  switch (family.kind) {
    case "counter":
      return { ...described, sum: { dataPoints, aggregationTemporality, isMonotonic: true } };
    case "gauge":
      return { ...described, gauge: { dataPoints } };
    case "histogram":
      return { ...described, histogram: { dataPoints, aggregationTemporality } };
  }
}

function toPoint(family: MetricFamily, series: MetricSeries, options: OtlpMetricsOptions): object {
  const { startMs, nowMs } = options;
  const base = {
    attributes: toAttributes(series.attributes),
    startTimeUnixNano: toNanos(startMs),
    timeUnixNano: toNanos(nowMs),
  };
  if (family.kind === "gauge") return { ...base, asDouble: series.value };
  const { value, count, buckets } = sinceTold(series, options);
  if (family.kind === "counter") return { ...base, asDouble: value };
  return {
    ...base,
    count: String(count),
    sum: value,
    bucketCounts: buckets.map(String),
    explicitBounds: family.bounds,
  };
}

function sinceTold(series: MetricSeries, { temporality, told }: OtlpMetricsOptions): ToldSeries {
  if (temporality === "cumulative") return series;
  const last = told.get(series);
  told.set(series, { value: series.value, count: series.count, buckets: [...series.buckets] });
  if (last === undefined) return series;
  return {
    value: series.value - last.value,
    count: series.count - last.count,
    buckets: series.buckets.map((count, index) => count - (last.buckets[index] ?? 0)),
  };
}

function toAttributes(attributes: MetricAttributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toValue(value) }));
}

function toValue(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  return typeof value === "boolean" ? { boolValue: value } : { doubleValue: value };
}

/** Nanoseconds of a time in milliseconds do not fit a number, so they are written as text. */
function toNanos(timeMs: number): string {
  return `${Math.floor(timeMs)}000000`;
}
