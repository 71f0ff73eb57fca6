export type { LogAttributes, Logger, LogLevel } from "./core/telemetry/logger.ts";
export type { AttributesFirstLogger, LogArea, LogAreaLevels, PlainLogger } from "./core/telemetry/log-areas.ts";
export { fromPino } from "./core/telemetry/log-areas.ts";
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
export type { MetricKind } from "./core/telemetry/metric-registry.ts";
export type { MetricTemporality } from "./core/telemetry/otlp-json.ts";
export type { Clock } from "./core/time/clock.ts";
export { createStderrLogger, MetricBuffer, Runtime } from "./worker/index.ts";
export type {
  BufferedMetric,
  BufferedMetricUpdate,
  HistogramConfig,
  LoggingConfig,
  MetricBufferOptions,
  OpenTelemetryConfig,
  PrometheusConfig,
  RuntimeOptions,
  StderrLoggerOptions,
  TelemetryConfig,
} from "./worker/index.ts";
