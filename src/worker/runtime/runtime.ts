import type { Logger } from "../../core/telemetry/logger.ts";
import { noopMetricMeter, type MetricMeter } from "../../core/telemetry/metric-meter.ts";
import type { Clock } from "../../core/time/clock.ts";
import { toDurationMs, type Duration } from "../../core/time/duration.ts";
import { hostClock } from "../../rpc/host-clock.ts";
import { WorkerStateError } from "../worker-error.ts";
import { createStderrLogger } from "./stderr-logger.ts";

/** What a {@link Runtime} is made of. */
export interface RuntimeOptions {
  /** @default lines of text on standard error, level "info" and up */
  readonly logger?: Logger;
  /** @default none: nothing is measured */
  readonly metricMeter?: MetricMeter;
  /** Source of time for timeouts, throttling and back-off. @default the host's clock */
  readonly clock?: Clock;
  /** How often workers tell the service how they are; 0 turns it off. @default "1m" */
  readonly workerHeartbeatInterval?: Duration;
}

let shared: Runtime | undefined;

/** Logging, metrics and time, shared by the workers of a process. */
export class Runtime {
  readonly logger: Logger;
  readonly metricMeter: MetricMeter;
  readonly clock: Clock;
  readonly workerHeartbeatIntervalMs: number;

  constructor(options: RuntimeOptions = {}) {
    this.clock = options.clock ?? hostClock;
    this.logger = options.logger ?? createStderrLogger({ clock: this.clock });
    this.workerHeartbeatIntervalMs = toDurationMs(options.workerHeartbeatInterval ?? 60_000);
    this.metricMeter = options.metricMeter ?? noopMetricMeter;
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
