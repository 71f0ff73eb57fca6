import type { LogAreaLevels } from "../../core/telemetry/log-areas.ts";
import type { LogLevel } from "../../core/telemetry/logger.ts";
import type { MetricTemporality } from "../../core/telemetry/otlp-json.ts";
import type { Duration } from "../../core/time/duration.ts";
import type { MetricBuffer } from "./metric-buffer.ts";

/** What all exporters may be told about histograms. */
export interface HistogramConfig {
  /** Durations in seconds instead of milliseconds. @default false */
  readonly durationsAsSeconds?: boolean;
  /** Upper bounds of buckets by the full name of the metric. @default those of the reference SDK */
  readonly histogramBucketOverrides?: Readonly<Record<string, readonly number[]>>;
}

/** Metrics that Prometheus fetches from this process. */
export interface PrometheusConfig extends HistogramConfig {
  readonly kind: "prometheus";
  /** Where to listen, as `host:port`; port 0 takes any that is free. A host other than loopback lets others read. @default "127.0.0.1:0" */
  readonly bindAddress?: string;
  /** Ends names of counters in `_total`. @default false */
  readonly countersTotalSuffix?: boolean;
  /** Ends names in their unit. @default false */
  readonly unitSuffix?: boolean;
}

/** Metrics that are sent to an OpenTelemetry collector, by OTLP over HTTP with JSON. */
export interface OpenTelemetryConfig extends HistogramConfig {
  readonly kind: "openTelemetry";
  /** The whole URL, as `http://127.0.0.1:4318/v1/metrics`. */
  readonly url: string;
  /** Sent with every request, for authorization. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often metrics are sent. @default "1s" */
  readonly metricPeriodicity?: Duration;
  /** @default "cumulative" */
  readonly metricTemporality?: MetricTemporality;
}

/** Lines of log. All but `levels` is for lines on standard error. */
export interface LoggingConfig {
  /** Lowest level that is written. @default "info" */
  readonly level?: LogLevel;
  /** Lowest levels of some areas, whatever the logger: "sdk", "workflow", "activity", "nexus". @default `level` */
  readonly levels?: LogAreaLevels;
  /** A line of text, or of JSON, for each message. @default "text" */
  readonly format?: "text" | "json";
}

/** What a runtime tells of itself, and to whom. */
export interface TelemetryConfig {
  /** What is logged, and how. */
  readonly logging?: LoggingConfig;
  /** Where metrics go. @default nowhere, and nothing is measured */
  readonly metrics?: PrometheusConfig | OpenTelemetryConfig | MetricBuffer;
  /** Attributes of all metrics. @default none */
  readonly globalTags?: Readonly<Record<string, string>>;
  /** Adds the attribute `service_name`. @default true */
  readonly attachServiceName?: boolean;
  /** Begins the names of the metrics that this package makes itself. @default "temporal_" */
  readonly metricPrefix?: string;
}
