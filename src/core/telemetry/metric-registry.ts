import { defaultBuckets } from "./metric-buckets.ts";
import type {
  Metric,
  MetricAttributes,
  MetricCounter,
  MetricGauge,
  MetricHistogram,
  MetricMeter,
  MetricOptions,
} from "./metric-meter.ts";

/** Series of one metric; what comes beyond is counted in one series that says so. */
const SERIES_MAX = 2_000;

/** Attributes of the series that stands for all beyond the limit. */
const overflow: MetricAttributes = { otel_metric_overflow: true };

/** Kinds of metric. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** The values of one metric that share their attributes. */
export interface MetricSeries {
  readonly attributes: MetricAttributes;
  /** Of a counter the sum, of a gauge the last value, of a histogram the sum of all values. */
  value: number;
  /** Values of a histogram so far. */
  count: number;
  /** Values by bucket, the last one for what is above all bounds. Empty unless of a histogram. */
  readonly buckets: number[];
}

/** One metric with all its series. */
export interface MetricFamily extends Metric {
  readonly kind: MetricKind;
  /** Its values are durations. */
  readonly isDuration: boolean;
  /** Upper bounds of a histogram's buckets, in its own unit. */
  readonly bounds: readonly number[];
  readonly series: ReadonlyMap<string, MetricSeries>;
}

/** How a {@link MetricRegistry} measures. */
export interface MetricRegistryOptions {
  /** Attributes of everything. @default none */
  readonly globalAttributes?: MetricAttributes;
  /** Prefix that is left out when default buckets are looked up. @default none */
  readonly prefix?: string;
  /** Durations in seconds instead of milliseconds. @default false */
  readonly durationsAsSeconds?: boolean;
  /** Upper bounds of buckets by the name of the metric, its prefix included. @default none */
  readonly bucketOverrides?: Readonly<Record<string, readonly number[]>>;
}

/** Adds up in memory what is measured, until somebody reads it. */
export class MetricRegistry {
  readonly #options: MetricRegistryOptions;
  readonly #families = new Map<string, Family>();
  readonly meter: MetricMeter;

  constructor(options: MetricRegistryOptions = {}) {
    this.#options = options;
    this.meter = this.#createMeter(options.globalAttributes ?? {});
  }

  /** All metrics in the order in which they were created. Not a copy: read it at once. */
  families(): readonly MetricFamily[] {
    return [...this.#families.values()];
  }

  #createMeter(attributes: MetricAttributes): MetricMeter {
    return {
      createCounter: (name, options): MetricCounter => {
        const family = this.#family("counter", name, options);
        const series = new SeriesOf(family, attributes);
        return { name, ...options, add: (value, own) => family.add(series.of(own), value) };
      },
      createGauge: (name, options): MetricGauge => {
        const family = this.#family("gauge", name, options);
        const series = new SeriesOf(family, attributes);
        return { name, ...options, set: (value, own) => family.set(series.of(own), value) };
      },
      createHistogram: (name, options): MetricHistogram => {
        const family = this.#family("histogram", name, options);
        const series = new SeriesOf(family, attributes);
        return { name, ...options, record: (value, own) => family.record(series.of(own), value) };
      },
      createDurationHistogram: (name, options): MetricHistogram => {
        const inSeconds = this.#options.durationsAsSeconds === true;
        const family = this.#family("histogram", name, { ...options, unit: inSeconds ? "s" : "ms" }, true);
        const series = new SeriesOf(family, attributes);
        const factor = inSeconds ? 0.001 : 1;
        return { name, ...options, record: (valueMs, own) => family.record(series.of(own), valueMs * factor) };
      },
      withAttributes: (own) => this.#createMeter({ ...attributes, ...own }),
    };
  }

  /** A metric of the same name and kind is the same metric, whoever made it. */
  #family(kind: MetricKind, name: string, options: MetricOptions = {}, isDuration = false): Family {
    const existing = this.#families.get(name);
    if (existing !== undefined && existing.kind === kind) return existing;
    // Two kinds cannot share a name, and to measure must never fail: the later one goes by a name of its own.
    const key = existing === undefined ? name : `${name}_${kind}`;
    const clash = this.#families.get(key);
    if (clash !== undefined) return clash;
    const bounds = kind === "histogram" ? this.#bounds(name, isDuration) : [];
    const family = new Family({ kind, name: key, isDuration, bounds, ...options });
    this.#families.set(key, family);
    return family;
  }

  #bounds(name: string, isDuration: boolean): readonly number[] {
    const { prefix = "", bucketOverrides = {}, durationsAsSeconds = false } = this.#options;
    const own = Object.hasOwn(bucketOverrides, name) ? bucketOverrides[name] : undefined;
    if (own !== undefined) return own.toSorted((a, b) => a - b);
    const bounds = defaultBuckets(name.startsWith(prefix) ? name.slice(prefix.length) : name);
    return isDuration && durationsAsSeconds ? bounds.map((bound) => bound / 1_000) : bounds;
  }
}

class Family implements MetricFamily {
  readonly kind: MetricKind;
  readonly name: string;
  readonly description: string | undefined;
  readonly unit: string | undefined;
  readonly isDuration: boolean;
  readonly bounds: readonly number[];
  readonly series = new Map<string, MetricSeries>();

  constructor(parts: Omit<MetricFamily, "series">) {
    this.kind = parts.kind;
    this.name = parts.name;
    this.description = parts.description;
    this.unit = parts.unit;
    this.isDuration = parts.isDuration;
    this.bounds = parts.bounds;
  }

  find(attributes: MetricAttributes): MetricSeries {
    const key = keyOf(attributes);
    const existing = this.series.get(key);
    if (existing !== undefined) return existing;
    if (this.series.size >= SERIES_MAX && attributes !== overflow) return this.find(overflow);
    const buckets = this.kind === "histogram" ? Array.from({ length: this.bounds.length + 1 }, () => 0) : [];
    const series = { attributes, value: 0, count: 0, buckets };
    this.series.set(key, series);
    return series;
  }

  add(series: MetricSeries, value: number): void {
    if (value >= 0) series.value += value;
  }

  set(series: MetricSeries, value: number): void {
    series.value = value;
  }

  record(series: MetricSeries, value: number): void {
    if (!(value >= 0)) return;
    series.value += value;
    series.count++;
    let index = 0;
    while (index < this.bounds.length && value > (this.bounds[index] ?? 0)) index++;
    series.buckets[index] = (series.buckets[index] ?? 0) + 1;
  }
}

/** Finds series by attributes; the same object of attributes is looked up only once. */
class SeriesOf {
  readonly #family: Family;
  readonly #attributes: MetricAttributes;
  readonly #known = new WeakMap<MetricAttributes, MetricSeries>();
  #plain: MetricSeries | undefined;

  constructor(family: Family, attributes: MetricAttributes) {
    this.#family = family;
    this.#attributes = attributes;
  }

  of(own: MetricAttributes | undefined): MetricSeries {
    if (own === undefined) return (this.#plain ??= this.#family.find(this.#attributes));
    let series = this.#known.get(own);
    if (series === undefined) {
      series = this.#family.find({ ...this.#attributes, ...own });
      this.#known.set(own, series);
    }
    return series;
  }
}

function keyOf(attributes: MetricAttributes): string {
  const names = Object.keys(attributes).toSorted();
  return names.map((name) => `${name}\u0000${String(attributes[name])}`).join("\u0001");
}
