import type { MetricRegistry, MetricSeries } from "../../core/telemetry/metric-registry.ts";
import { writeOtlpMetrics, type ToldSeries } from "../../core/telemetry/otlp-json.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { toDurationMs } from "../../core/time/duration.ts";
import { repeatInBackground } from "../../rpc/host-clock.ts";
import { OptionsError } from "../worker-error.ts";
import type { OpenTelemetryConfig } from "./telemetry-config.ts";

/** Time for one request to the collector. */
const REQUEST_TIMEOUT_MS = 10_000;
/** From this failure in a row on, none is logged until a request succeeds again. */
const LOGGED_FAILURES_MAX = 3;

/** What an {@link OtlpPush} works with. */
export interface OtlpPushOptions {
  readonly registry: MetricRegistry;
  readonly config: OpenTelemetryConfig;
  readonly serviceName: string;
  readonly logger: Logger;
}

/** Sends metrics to a collector now and then. It does not keep the process alive. */
export class OtlpPush {
  readonly #options: OtlpPushOptions;
  readonly #told = new Map<MetricSeries, ToldSeries>();
  readonly #stopRepeating: () => void;
  #startMs = Date.now();
  #failures = 0;
  #sending: Promise<void> | undefined;

  /** @throws {OptionsError} If the URL is none of HTTP. */
  constructor(options: OtlpPushOptions) {
    this.#options = options;
    const { url, metricPeriodicity = 1_000 } = options.config;
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new OptionsError(
        `Cannot send metrics to "${url}": it is no URL of HTTP, give one as "http://127.0.0.1:4318/v1/metrics"; OTLP over gRPC is not supported`,
      );
    }
    const intervalMs = toDurationMs(metricPeriodicity);
    if (intervalMs < 1) {
      throw new OptionsError(`Cannot send metrics: "metricPeriodicity" is ${intervalMs} ms, expected at least 1 ms`);
    }
    this.#stopRepeating = repeatInBackground(intervalMs, () => void this.#sendInTurn());
  }

  /** Sends what was not sent yet, and no more after that. Never rejects. */
  async close(): Promise<void> {
    this.#stopRepeating();
    await this.#sending;
    await this.#sendInTurn();
  }

  #sendInTurn(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #send(): Promise<void> {
    const { registry, config, serviceName, logger } = this.#options;
    const { metricTemporality: temporality = "cumulative" } = config;
    const nowMs = Date.now();
    const body = writeOtlpMetrics(registry.families(), {
      serviceName,
      temporality,
      startMs: this.#startMs,
      nowMs,
      told: this.#told,
    });
    if (temporality === "delta") this.#startMs = nowMs;
    try {
      const response = await fetch(config.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...config.headers },
        body,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`collector answered with HTTP status ${response.status}`);
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      if (this.#failures > LOGGED_FAILURES_MAX) return;
      const message = error instanceof Error ? error.message : String(error);
      logger.warn("Metrics could not be sent, the next interval tries again", { error: message });
    }
  }
}
