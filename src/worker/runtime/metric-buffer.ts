import type { MetricKind } from "../../core/telemetry/metric-registry.ts";
import type { Metric, MetricAttributes, MetricMeter, MetricOptions } from "../../core/telemetry/metric-meter.ts";
import { OptionsError } from "../worker-error.ts";

/** A metric as updates name it; the same object for all updates of one metric. */
export interface BufferedMetric extends Metric {
  readonly kind: MetricKind;
}

/** One measurement. */
export interface BufferedMetricUpdate {
  readonly metric: BufferedMetric;
  /** Of a counter the increment, else the value. */
  readonly value: number;
  /** The same object for the same attributes, as long as whoever measures keeps it so. */
  readonly attributes: MetricAttributes;
}

/** What a {@link MetricBuffer} may be told. */
export interface MetricBufferOptions {
  /** Updates kept until they are taken; those beyond are lost. @default 10000 */
  readonly maxSize?: number;
  /** Unit of durations. @default "milliseconds" */
  readonly durationFormat?: "milliseconds" | "seconds";
}

/** Keeps what is measured until the program takes it, to pass it on by means of its own. */
export class MetricBuffer {
  readonly #sizeMax: number;
  readonly #inSeconds: boolean;
  readonly #metrics = new Map<string, BufferedMetric>();
  #updates: BufferedMetricUpdate[] = [];
  #lost = 0;

  /** @throws {OptionsError} If the size is no positive integer. */
  constructor(options: MetricBufferOptions = {}) {
    const { maxSize = 10_000, durationFormat = "milliseconds" } = options;
    if (!Number.isSafeInteger(maxSize) || maxSize < 1) {
      throw new OptionsError(`Cannot create a metric buffer: "maxSize" is ${maxSize}, expected a positive integer`);
    }
    this.#sizeMax = maxSize;
    this.#inSeconds = durationFormat === "seconds";
  }

  /** Updates that were lost so far because nobody took others in time. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes all updates since the last call. */
  retrieveUpdates(): readonly BufferedMetricUpdate[] {
    const updates = this.#updates;
    this.#updates = [];
    return updates;
  }

  /** A meter that measures into this buffer, with attributes of everything. */
  meter(attributes: MetricAttributes = {}): MetricMeter {
    const at = (own: MetricAttributes | undefined): MetricAttributes => merge(attributes, own);
    return {
      createCounter: (name, options) => {
        const metric = this.#metric("counter", name, options);
        return { ...metric, add: (value, own) => this.#put({ metric, value, attributes: at(own) }) };
      },
      createGauge: (name, options) => {
        const metric = this.#metric("gauge", name, options);
        return { ...metric, set: (value, own) => this.#put({ metric, value, attributes: at(own) }) };
      },
      createHistogram: (name, options) => {
        const metric = this.#metric("histogram", name, options);
        return { ...metric, record: (value, own) => this.#put({ metric, value, attributes: at(own) }) };
      },
      createDurationHistogram: (name, options) => {
        const metric = this.#metric("histogram", name, { ...options, unit: this.#inSeconds ? "s" : "ms" });
        const factor = this.#inSeconds ? 0.001 : 1;
        return { ...metric, record: (ms, own) => this.#put({ metric, value: ms * factor, attributes: at(own) }) };
      },
      withAttributes: (own) => this.meter({ ...attributes, ...own }),
    };
  }

  #metric(kind: MetricKind, name: string, options: MetricOptions = {}): BufferedMetric {
    const key = `${kind} ${name}`;
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      metric = { name, kind, ...options };
      this.#metrics.set(key, metric);
    }
    return metric;
  }

  #put(update: BufferedMetricUpdate): void {
    if (this.#updates.length >= this.#sizeMax) this.#lost++;
    else this.#updates.push(update);
  }
}

const merged = new WeakMap<MetricAttributes, WeakMap<MetricAttributes, MetricAttributes>>();

/** Both together, and always the same object for the same two. */
function merge(attributes: MetricAttributes, own: MetricAttributes | undefined): MetricAttributes {
  if (own === undefined) return attributes;
  let withBase = merged.get(attributes);
  if (withBase === undefined) {
    withBase = new WeakMap();
    merged.set(attributes, withBase);
  }
  let both = withBase.get(own);
  if (both === undefined) {
    both = { ...attributes, ...own };
    withBase.set(own, both);
  }
  return both;
}
