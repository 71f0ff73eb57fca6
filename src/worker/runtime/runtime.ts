import { fromLevel, type LogArea, type PlainLogger, toLogger } from "../../core/telemetry/log-areas.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { noopMetricMeter, withPrefix, type MetricMeter } from "../../core/telemetry/metric-meter.ts";
import type { Clock } from "../../core/time/clock.ts";
import { toDurationMs, type Duration } from "../../core/time/duration.ts";
import { hostClock } from "../../rpc/host-clock.ts";
import { OptionsError, WorkerStateError } from "../worker-error.ts";
import { createStderrLogger } from "./stderr-logger.ts";
import type { TelemetryConfig } from "./telemetry-config.ts";
import { createTelemetry, DEFAULT_METRIC_PREFIX, type Telemetry } from "./telemetry.ts";

/** What a {@link Runtime} is made of. */
export interface RuntimeOptions {
  /** Logs and metrics, and who gets them. @default nothing is measured */
  readonly telemetry?: TelemetryConfig;
  /** Takes messages with attributes, as `console` does; `fromPino` makes one of pino. @default lines on standard error, as `telemetry.logging` says */
  readonly logger?: PlainLogger;
  /** Measures by means of the program's own. Cannot be combined with `telemetry.metrics`. @default none: nothing is measured */
  readonly metricMeter?: MetricMeter;
  /** Source of time for timeouts, throttling and back-off. @default the host's clock */
  readonly clock?: Clock;
  /** How often workers tell the service how they are; 0 turns it off. @default "1m" */
  readonly workerHeartbeatInterval?: Duration;
}

let shared: Runtime | undefined;

/** Logging, metrics and time, shared by clients and workers of a process. Two runtimes share nothing. */
export class Runtime implements AsyncDisposable {
  /** For this package's own lines. */
  readonly logger: Logger;
  /** Makes metrics of the program's own. */
  readonly metricMeter: MetricMeter;
  /** Makes the metrics of this package, whose names have the prefix; `undefined` if nothing is measured. */
  readonly sdkMetricMeter: MetricMeter | undefined;
  readonly clock: Clock;
  readonly workerHeartbeatIntervalMs: number;
  readonly #telemetry: Telemetry;
  readonly #loggers: Readonly<Record<LogArea, Logger>>;

  /** @throws {OptionsError} If options contradict each other or cannot be met. */
  constructor(options: RuntimeOptions = {}) {
    const { telemetry = {}, clock = hostClock } = options;
    if (telemetry.metrics !== undefined && options.metricMeter !== undefined) {
      throw new OptionsError(
        `Cannot create runtime: "metricMeter" and "telemetry.metrics" are both given, give only one`,
      );
    }
    this.clock = clock;
    this.#loggers = createLoggers(options, clock);
    this.logger = this.#loggers.sdk;
    this.workerHeartbeatIntervalMs = toDurationMs(options.workerHeartbeatInterval ?? 60_000);
    this.#telemetry = createTelemetry(telemetry, this.logger);
    this.metricMeter = options.metricMeter ?? this.#telemetry.meter;
    this.sdkMetricMeter =
      this.metricMeter === noopMetricMeter
        ? undefined
        : withPrefix(this.metricMeter, telemetry.metricPrefix ?? DEFAULT_METRIC_PREFIX);
  }

  /** For lines of the code that this package runs, by what code it is. */
  loggerOf(area: LogArea): Logger {
    return this.#loggers[area];
  }

  /** Where Prometheus finds the metrics, as `host:port`; `undefined` without such an exporter. Rejects if it cannot listen. */
  metricsAddress(): Promise<string | undefined> {
    return this.#telemetry.listening();
  }

  /** Sends what metrics were not sent yet, and ends exporters. */
  close(): Promise<void> {
    return this.#telemetry.close();
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The runtime of workers that were given none; made on first use. */
  static default(): Runtime {
    shared ??= new Runtime();
    return shared;
  }

  /**
   * Sets the runtime of workers created from now on that are given none.
   *
   * @throws {WorkerStateError} If there is a default already and `replace` is not set.
   */
  static setDefault(runtime: Runtime, options: { readonly replace?: boolean } = {}): void {
    if (shared !== undefined && options.replace !== true) {
      throw new WorkerStateError(
        `Cannot set the default runtime: one is in use already, set it before its first use or pass "replace"`,
      );
    }
    shared = runtime;
  }
}

function createLoggers({ logger, telemetry }: RuntimeOptions, clock: Clock): Readonly<Record<LogArea, Logger>> {
  const { level = "info", format, levels = {} } = telemetry?.logging ?? {};
  const all =
    logger === undefined ? createStderrLogger({ clock, level: "trace", ...(format && { format }) }) : toLogger(logger);
  const own = logger === undefined ? level : undefined;
  const of = (area: LogArea): Logger => fromLevel(all, levels[area] ?? own);
  return { sdk: of("sdk"), workflow: of("workflow"), activity: of("activity"), nexus: of("nexus") };
}
