import { maybeCurrentRun } from "../runtime/current.ts";
import { tell } from "./tell.ts";

/** Sink that takes what metrics of workflow code have measured. */
export const MEASUREMENT_SINK = "perdure.measurements";

/** Kinds of metric that workflow code may record with. */
export type InstrumentKind = "counter" | "upDownCounter" | "histogram" | "gauge";

/** Values of a metric's or a log record's attributes, as OpenTelemetry has them. */
export type TelemetryAttributes = Readonly<Record<string, unknown>>;

/** Who measures or logs, as OpenTelemetry has it. */
export interface InstrumentationScope {
  readonly name: string;
  readonly version: string | undefined;
  readonly schemaUrl: string | undefined;
}

/** What a metric is made with, as OpenTelemetry has it. */
export interface InstrumentOptions {
  readonly description?: string | undefined;
  readonly unit?: string | undefined;
  readonly valueType?: number | undefined;
  readonly advice?: { readonly explicitBucketBoundaries?: number[] | undefined } | undefined;
}

/** One value on its way out of workflow code. */
export interface Measurement {
  readonly scope: InstrumentationScope;
  readonly kind: InstrumentKind;
  readonly name: string;
  readonly options: InstrumentOptions;
  readonly value: number;
  readonly attributes: TelemetryAttributes;
}

/** A counter that workflow code adds to. */
export interface WorkflowCounter {
  add(value: number, attributes?: TelemetryAttributes): void;
}

/** A metric that workflow code records values with. */
export interface WorkflowRecorder {
  record(value: number, attributes?: TelemetryAttributes): void;
}

/** A metric that is asked for its value, which workflow code is never. */
export interface UnaskedInstrument {
  addCallback(callback: unknown): void;
  removeCallback(callback: unknown): void;
}

/** A `Meter` of OpenTelemetry for workflow code. */
export interface WorkflowMeter {
  createCounter(name: string, options?: InstrumentOptions): WorkflowCounter;
  createUpDownCounter(name: string, options?: InstrumentOptions): WorkflowCounter;
  createHistogram(name: string, options?: InstrumentOptions): WorkflowRecorder;
  createGauge(name: string, options?: InstrumentOptions): WorkflowRecorder;
  createObservableCounter(name: string, options?: InstrumentOptions): UnaskedInstrument;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): UnaskedInstrument;
  createObservableGauge(name: string, options?: InstrumentOptions): UnaskedInstrument;
  addBatchObservableCallback(callback: unknown, observables: unknown): void;
  removeBatchObservableCallback(callback: unknown, observables: unknown): void;
}

/** A `MeterProvider` of OpenTelemetry for workflow code. */
export interface WorkflowMeterProvider {
  getMeter(name: string, version?: string, options?: { readonly schemaUrl?: string | undefined }): WorkflowMeter;
}

/**
 * A `MeterProvider` of OpenTelemetry for workflow code and the libraries that it uses. What they record goes to the
 * `meterProvider` of the worker's tracing, and not again in replay; queries and validators count. Metrics that are asked
 * for their values are never asked. Outside of a workflow nothing is recorded.
 */
export const workflowMeterProvider: WorkflowMeterProvider = {
  getMeter: (name, version, options) => createMeter({ name, version, schemaUrl: options?.schemaUrl }),
};

function createMeter(scope: InstrumentationScope): WorkflowMeter {
  const record =
    (kind: InstrumentKind, name: string, given: InstrumentOptions = {}) =>
    (value: number, attributes: TelemetryAttributes = {}): void => {
      if (maybeCurrentRun() === undefined) return;
      const { description, unit, valueType, advice } = given;
      const measurement: Measurement = {
        scope,
        kind,
        name,
        options: { description, unit, valueType, advice },
        value,
        attributes: { ...attributes },
      };
      tell(MEASUREMENT_SINK, measurement, "a measurement");
    };
  return {
    createCounter: (name, options) => ({ add: record("counter", name, options) }),
    createUpDownCounter: (name, options) => ({ add: record("upDownCounter", name, options) }),
    createHistogram: (name, options) => ({ record: record("histogram", name, options) }),
    createGauge: (name, options) => ({ record: record("gauge", name, options) }),
    createObservableCounter: () => unasked,
    createObservableUpDownCounter: () => unasked,
    createObservableGauge: () => unasked,
    addBatchObservableCallback: ignore,
    removeBatchObservableCallback: ignore,
  };
}

const unasked: UnaskedInstrument = { addCallback: ignore, removeCallback: ignore };

function ignore(): void {
  // A callback would run when metrics are collected, at no time of the workflow's.
}
