import type { MetricAttributes, MetricMeter, MetricOptions } from "../../core/telemetry/metric-meter.ts";

/** One measurement of workflow code, as plain data. */
export interface ThreadMeasurement {
  readonly kind: "counter" | "gauge" | "histogram" | "duration";
  readonly name: string;
  readonly options: MetricOptions | undefined;
  readonly value: number;
  readonly attributes: MetricAttributes;
}

/** Metrics remembered on the main thread; beyond that, they are looked up anew. */
const METRICS_MAX = 2_000;

/** A meter whose measurements go to the main thread. */
export function createThreadMeter(
  send: (measurement: ThreadMeasurement) => void,
  attributes: MetricAttributes = {},
): MetricMeter {
  const make =
    (kind: ThreadMeasurement["kind"], name: string, options: MetricOptions | undefined) =>
    (value: number, own?: MetricAttributes): void =>
      send({ kind, name, options: plainOptions(options), value, attributes: plain({ ...attributes, ...own }) });
  return {
    createCounter: (name, options) => ({ name, ...options, add: make("counter", name, options) }),
    createGauge: (name, options) => ({ name, ...options, set: make("gauge", name, options) }),
    createHistogram: (name, options) => ({ name, ...options, record: make("histogram", name, options) }),
    createDurationHistogram: (name, options) => ({ name, ...options, record: make("duration", name, options) }),
    withAttributes: (own) => createThreadMeter(send, { ...attributes, ...own }),
  };
}

/** Takes measurements of threads to a meter. */
export function createMeasurementSink(meter: MetricMeter): (measurement: ThreadMeasurement) => void {
  const metrics = new Map<string, (value: number, attributes: MetricAttributes) => void>();
  return (measurement) => {
    const { kind, name, value, attributes } = measurement;
    const key = `${kind} ${name}`;
    let measure = metrics.get(key);
    if (measure === undefined) {
      measure = measureOf(meter, measurement);
      if (metrics.size < METRICS_MAX) metrics.set(key, measure);
    }
    measure(value, attributes);
  };
}

function measureOf(
  meter: MetricMeter,
  { kind, name, options }: ThreadMeasurement,
): (value: number, attributes: MetricAttributes) => void {
  switch (kind) {
    case "counter": {
      const counter = meter.createCounter(name, options);
      return (value, attributes) => counter.add(value, attributes);
    }
    case "gauge": {
      const gauge = meter.createGauge(name, options);
      return (value, attributes) => gauge.set(value, attributes);
    }
    case "histogram": {
      const histogram = meter.createHistogram(name, options);
      return (value, attributes) => histogram.record(value, attributes);
    }
    case "duration": {
      const histogram = meter.createDurationHistogram(name, options);
      return (valueMs, attributes) => histogram.record(valueMs, attributes);
    }
  }
}

// Workflow code need not keep to types, and an object would not get to the other thread.
function plain(attributes: Readonly<Record<string, unknown>>): MetricAttributes {
  const copy: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(attributes)) {
    copy[name] = typeof value === "number" || typeof value === "boolean" ? value : String(value);
  }
  return copy;
}

function plainOptions(options: MetricOptions | undefined): MetricOptions | undefined {
  if (options === undefined) return undefined;
  const { description, unit } = plain({ description: "", unit: "", ...options });
  return {
    ...(description !== "" && { description: String(description) }),
    ...(unit !== "" && { unit: String(unit) }),
  };
}
