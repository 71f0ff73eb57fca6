import {
  type Metric,
  type MetricAttributes,
  type MetricMeter,
  noopMetricMeter,
} from "../core/telemetry/metric-meter.ts";
import { currentRun, maybeCurrentRun } from "./runtime/current.ts";

/** Makes metrics that name the workflow's type and do not count again in replay. */
export function metricMeter(): MetricMeter {
  const { init, host } = currentRun("ask for the metric meter");
  const { namespace, taskQueue, workflowType } = init;
  return replaySafe(
    (host.metricMeter ?? noopMetricMeter).withAttributes({
      namespace,
      task_queue: taskQueue,
      workflow_type: workflowType,
    }),
  );
}

function replaySafe(meter: MetricMeter): MetricMeter {
  return {
    createCounter(name, options) {
      const counter = meter.createCounter(name, options);
      return { ...describe(counter), add: whenLive((value, attributes) => counter.add(value, attributes)) };
    },
    createHistogram(name, options) {
      const histogram = meter.createHistogram(name, options);
      return { ...describe(histogram), record: whenLive((value, attributes) => histogram.record(value, attributes)) };
    },
    createDurationHistogram(name, options) {
      const histogram = meter.createDurationHistogram(name, options);
      return { ...describe(histogram), record: whenLive((value, attributes) => histogram.record(value, attributes)) };
    },
    createGauge(name, options) {
      const gauge = meter.createGauge(name, options);
      return { ...describe(gauge), set: whenLive((value, attributes) => gauge.set(value, attributes)) };
    },
    withAttributes: (attributes) => replaySafe(meter.withAttributes(attributes)),
  };
}

function describe({ name, description, unit }: Metric): Metric {
  return { name, description, unit };
}

function whenLive(
  measure: (value: number, attributes?: MetricAttributes) => void,
): (value: number, attributes?: MetricAttributes) => void {
  return (value, attributes) => {
    if (maybeCurrentRun()?.facts.isReplaying !== true) measure(value, attributes);
  };
}
