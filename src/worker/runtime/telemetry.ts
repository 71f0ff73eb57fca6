import type { Logger } from "../../core/telemetry/logger.ts";
import { noopMetricMeter, type MetricAttributes, type MetricMeter } from "../../core/telemetry/metric-meter.ts";
import { MetricRegistry } from "../../core/telemetry/metric-registry.ts";
import { PROMETHEUS_CONTENT_TYPE, writePrometheusText } from "../../core/telemetry/prometheus-text.ts";
import { parseHostPort } from "../../rpc/host-port.ts";
import { MetricsEndpoint } from "../../rpc/metrics-endpoint.ts";
import { MetricBuffer } from "./metric-buffer.ts";
import { OtlpPush } from "./otlp-push.ts";
import type { PrometheusConfig, TelemetryConfig } from "./telemetry-config.ts";

/** Prefix of metrics when nothing else is said. */
export const DEFAULT_METRIC_PREFIX = "temporal_";

/** Value of the attribute `service_name`. */
const SERVICE_NAME = "perdure";

/** What carries metrics out of the process. */
export interface Telemetry {
  readonly meter: MetricMeter;
  /** Where Prometheus finds the metrics, as `host:port`; `undefined` without such an exporter. */
  listening(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Makes what a configuration asks for. @throws {OptionsError} If that is not possible. */
export function createTelemetry(config: TelemetryConfig, logger: Logger): Telemetry {
  const { metrics, metricPrefix = DEFAULT_METRIC_PREFIX } = config;
  const none = { listening: () => Promise.resolve(undefined), close: () => Promise.resolve() };
  if (metrics === undefined) return { meter: noopMetricMeter, ...none };
  const globalAttributes: MetricAttributes = {
    ...(config.attachServiceName !== false && { service_name: SERVICE_NAME }),
    ...config.globalTags,
  };
  if (metrics instanceof MetricBuffer) return { meter: metrics.meter(globalAttributes), ...none };
  const { durationsAsSeconds = false, histogramBucketOverrides = {} } = metrics;
  const registry = new MetricRegistry({
    globalAttributes,
    prefix: metricPrefix,
    durationsAsSeconds,
    bucketOverrides: histogramBucketOverrides,
  });
  if (metrics.kind === "openTelemetry") {
    const push = new OtlpPush({ registry, config: metrics, serviceName: SERVICE_NAME, logger });
    return { meter: registry.meter, listening: none.listening, close: () => push.close() };
  }
  return createPrometheus(registry, metrics, logger);
}

function createPrometheus(registry: MetricRegistry, config: PrometheusConfig, logger: Logger): Telemetry {
  const { host, port } = parseHostPort(config.bindAddress ?? "127.0.0.1:0");
  const metrics = () => ({
    contentType: PROMETHEUS_CONTENT_TYPE,
    body: writePrometheusText(registry.families(), config),
  });
  const endpoint = new MetricsEndpoint({ host, port, pages: { "/metrics": metrics } });
  const listening = endpoint.listen();
  listening.catch((error: unknown) => {
    logger.error("Metrics cannot be fetched: their address cannot be listened on, choose another", {
      bindAddress: config.bindAddress,
      error: error instanceof Error ? error.message : String(error),
    });
  });
  return { meter: registry.meter, listening: () => listening, close: () => endpoint.close() };
}
