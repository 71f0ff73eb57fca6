/** Names and values that tell the series of one metric apart. */
export type MetricAttributes = Readonly<Record<string, string | number | boolean>>;

/** What all kinds of metric share. */
export interface Metric {
  readonly name: string;
  readonly description?: string | undefined;
  readonly unit?: string | undefined;
}

/** A count that only grows. */
export interface MetricCounter extends Metric {
  /** @param value Zero or more. */
  add(value: number, attributes?: MetricAttributes): void;
}

/** Values whose distribution matters. */
export interface MetricHistogram extends Metric {
  /** @param value Zero or more. */
  record(value: number, attributes?: MetricAttributes): void;
}

/** A value that goes up and down. */
export interface MetricGauge extends Metric {
  set(value: number, attributes?: MetricAttributes): void;
}

/** What a metric is called and measured in. */
export interface MetricOptions {
  readonly description?: string;
  readonly unit?: string;
}

/** Makes metrics. */
export interface MetricMeter {
  createCounter(name: string, options?: MetricOptions): MetricCounter;
  createHistogram(name: string, options?: MetricOptions): MetricHistogram;
  /** As {@link createHistogram}, of durations told in milliseconds; the exporter decides in what unit they are shown. */
  createDurationHistogram(name: string, options?: Omit<MetricOptions, "unit">): MetricHistogram;
  createGauge(name: string, options?: MetricOptions): MetricGauge;
  /** A meter whose metrics carry these attributes besides their own. */
  withAttributes(attributes: MetricAttributes): MetricMeter;
}

/** A meter that measures nothing. */
export const noopMetricMeter: MetricMeter = {
  createCounter: (name, options) => ({ name, ...options, add: ignore }),
  createHistogram: (name, options) => ({ name, ...options, record: ignore }),
  createDurationHistogram: (name, options) => ({ name, unit: "ms", ...options, record: ignore }),
  createGauge: (name, options) => ({ name, ...options, set: ignore }),
  withAttributes: () => noopMetricMeter,
};

/** A meter whose metrics' names begin with a prefix. */
export function withPrefix(meter: MetricMeter, prefix: string): MetricMeter {
  return {
    createCounter: (name, options) => meter.createCounter(prefix + name, options),
    createHistogram: (name, options) => meter.createHistogram(prefix + name, options),
    createDurationHistogram: (name, options) => meter.createDurationHistogram(prefix + name, options),
    createGauge: (name, options) => meter.createGauge(prefix + name, options),
    withAttributes: (attributes) => withPrefix(meter.withAttributes(attributes), prefix),
  };
}

function ignore(): void {
  // Measuring nothing is the purpose.
}
