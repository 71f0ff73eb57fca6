import { type Attributes, type Meter, type MeterProvider, type MetricOptions, ValueType } from "@opentelemetry/api";
import type { WorkflowSink } from "../worker/index.ts";
import type { InstrumentKind, InstrumentOptions, Measurement } from "../workflow/tracing.ts";

// Instruments that are kept; what comes beyond is made anew each time, which OpenTelemetry allows.
const INSTRUMENTS_MAX = 2_000;

type Record = (value: number, attributes: Attributes) => void;

/** Takes what metrics of workflow code have measured and hands it to the metrics of that name out here. */
export function createMeasurementSink(provider: MeterProvider): WorkflowSink {
  const known = new Map<string, Record>();
  return (value) => {
    const { scope, kind, name, options, value: measured, attributes } = value as Measurement;
    const key = JSON.stringify([scope, kind, name, options]);
    let record = known.get(key);
    if (record === undefined) {
      const { schemaUrl, version } = scope;
      const meter = provider.getMeter(scope.name, version, schemaUrl === undefined ? {} : { schemaUrl });
      record = createRecord(meter, kind, name, toOptions(options));
      if (known.size < INSTRUMENTS_MAX) known.set(key, record);
    }
    record(measured, attributes as Attributes);
  };
}

function createRecord(meter: Meter, kind: InstrumentKind, name: string, options: MetricOptions): Record {
  switch (kind) {
    case "counter": {
      const counter = meter.createCounter(name, options);
      return (value, attributes) => counter.add(value, attributes);
    }
    case "upDownCounter": {
      const counter = meter.createUpDownCounter(name, options);
      return (value, attributes) => counter.add(value, attributes);
    }
    case "histogram": {
      const histogram = meter.createHistogram(name, options);
      return (value, attributes) => histogram.record(value, attributes);
    }
    case "gauge": {
      const gauge = meter.createGauge(name, options);
      return (value, attributes) => gauge.record(value, attributes);
    }
  }
}

function toOptions({ description, unit, valueType, advice }: InstrumentOptions): MetricOptions {
  const given = [ValueType.INT, ValueType.DOUBLE][valueType ?? -1];
  const { explicitBucketBoundaries } = advice ?? {};
  return {
    ...(description === undefined ? {} : { description }),
    ...(unit === undefined ? {} : { unit }),
    ...(given === undefined ? {} : { valueType: given }),
    ...(explicitBucketBoundaries === undefined ? {} : { advice: { explicitBucketBoundaries } }),
  };
}
