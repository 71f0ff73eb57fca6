import type { Logger } from "../../core/telemetry/logger.ts";
import type { MetricMeter } from "../../core/telemetry/metric-meter.ts";
import type { Clock } from "../../core/time/clock.ts";
import type { DataConverter } from "../../payload/data-converter.ts";
import type { ActivityMetrics } from "../metrics/activity-metrics.ts";
import type { ActivityPool } from "../placed/activity-pool.ts";
import type { PlacedActivities } from "../placed/placement.ts";
import type { Interceptor } from "../interceptor.ts";
import type { ActivityRegistry } from "./activity-registry.ts";

/** What all activities of a worker share. */
export interface ActivityHost {
  readonly registry: ActivityRegistry;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly dataConverter: DataConverter;
  readonly interceptors: readonly Interceptor[];
  /** Headers have gone through the codec. */
  readonly decodesHeaders: boolean;
  readonly logger: Logger;
  /** For lines that handlers write. @default `logger` */
  readonly handlerLogger?: Logger | undefined;
  readonly metricMeter: MetricMeter;
  readonly clock: Clock;
  /** Given to activities as it is. */
  readonly client: unknown;
  /** Aborts when the worker begins to shut down. */
  readonly workerShutdownSignal: AbortSignal;
  /** What runs activities that do not run on the worker's own thread. */
  readonly pools?: ReadonlyMap<PlacedActivities, ActivityPool> | undefined;
  /** Only where metrics are read. */
  readonly metrics?: ActivityMetrics | undefined;
}
