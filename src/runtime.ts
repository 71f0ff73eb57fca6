export type { LogAttributes, Logger, LogLevel } from "./core/telemetry/logger.ts";
export { silentLogger } from "./core/telemetry/logger.ts";
export type {
  Metric,
  MetricAttributes,
  MetricCounter,
  MetricGauge,
  MetricHistogram,
  MetricMeter,
  MetricOptions,
} from "./core/telemetry/metric-meter.ts";
export { noopMetricMeter } from "./core/telemetry/metric-meter.ts";
export { createStderrLogger, Runtime } from "./worker/index.ts";
export type { RuntimeOptions, StderrLoggerOptions } from "./worker/index.ts";
