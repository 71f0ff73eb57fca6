import type { Client } from "../../client/index.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { MetricMeter } from "../../core/telemetry/metric-meter.ts";
import type { Clock } from "../../core/time/clock.ts";
import type { DataConverter } from "../../payload/data-converter.ts";
import type { Interceptor } from "../interceptor.ts";
import type { NexusMetrics } from "../metrics/nexus-metrics.ts";
import type { NexusRegistry } from "./nexus-registry.ts";

/** What all Nexus requests of a worker share. */
export interface NexusHost {
  readonly registry: NexusRegistry;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly dataConverter: DataConverter;
  /** Outermost first. */
  readonly interceptors: readonly Interceptor[];
  readonly logger: Logger;
  /** For lines that handlers write. @default `logger` */
  readonly handlerLogger?: Logger | undefined;
  readonly metricMeter: MetricMeter;
  /** Measures requests; absent if nothing is measured. */
  readonly metrics: NexusMetrics | undefined;
  readonly clock: Clock;
  readonly client: Client;
  readonly workerShutdownSignal: AbortSignal;
}
