import {
  runInActivity,
  toCancellationDetails,
  type ActivityCancellationDetails,
  type ActivityContext,
  type ActivityInfo,
} from "../activity/index.ts";
import type { Client } from "../client/index.ts";
import { silentLogger, type Logger } from "../core/telemetry/logger.ts";
import { noopMetricMeter, type MetricMeter } from "../core/telemetry/metric-meter.ts";
import type { Clock } from "../core/time/clock.ts";
import { defaultDataConverter } from "../payload/data-converter.ts";
import { CancelledError } from "../payload/failure-error.ts";
import type { PayloadConverter } from "../payload/payload-converter.ts";
import { hostClock } from "../rpc/host-clock.ts";

/** What an {@link ActivityEnvironment} may be told. */
export interface ActivityEnvironmentOptions {
  /** What activities find in their info, where it is not as {@link defaultActivityInfo} has it. @default nothing */
  readonly info?: Partial<ActivityInfo>;
  /** Called with the details of each heartbeat. @default they are dropped */
  readonly onHeartbeat?: (...details: readonly unknown[]) => void;
  /** @default that of the default data converter */
  readonly payloadConverter?: PayloadConverter;
  /** @default nothing is measured */
  readonly metricMeter?: MetricMeter;
  /** @default silent */
  readonly logger?: Logger;
  /** Measures the sleep of activities. @default the host's clock */
  readonly clock?: Clock;
  /** What activities get as the worker's client. @default none */
  readonly client?: Client;
}

/** The info of an activity of which nothing is said. */
export function defaultActivityInfo(): ActivityInfo {
  const never = new Date(0);
  return {
    activityId: "test",
    activityType: "unknown",
    attempt: 1,
    currentAttemptScheduledTime: never,
    heartbeatDetails: [],
    heartbeatTimeoutMs: undefined,
    isLocal: false,
    namespace: "default",
    scheduleToCloseTimeoutMs: 1_000,
    scheduledTime: never,
    startToCloseTimeoutMs: 1_000,
    startedTime: never,
    taskQueue: "test",
    taskToken: new TextEncoder().encode("test"),
    inWorkflow: true,
    workflowId: "test",
    workflowNamespace: "default",
    workflowRunId: "test-run",
    workflowType: "test",
    priority: undefined,
    retryPolicy: undefined,
    activityRunId: undefined,
  };
}

/**
 * Runs activity code without a worker or a service, so that it can be tested by itself.
 *
 * Cancellation and shutdown hold for all activities of the environment, those that run and those that are run later.
 */
export class ActivityEnvironment {
  /** What activities find in their info. */
  info: ActivityInfo;
  /** Called with the details of each heartbeat. */
  onHeartbeat: (...details: readonly unknown[]) => void;
  readonly #context: ActivityContext;
  readonly #cancelling = new AbortController();
  readonly #shuttingDown = new AbortController();
  #cancellationDetails: ActivityCancellationDetails | undefined;

  constructor(options: ActivityEnvironmentOptions = {}) {
    this.info = { ...defaultActivityInfo(), ...options.info };
    this.onHeartbeat = options.onHeartbeat ?? (() => undefined);
    const details = (): ActivityCancellationDetails | undefined => this.#cancellationDetails;
    this.#context = {
      info: () => this.info,
      heartbeat: (values) => this.onHeartbeat(...values),
      cancellationSignal: this.#cancelling.signal,
      get cancellationDetails() {
        return details();
      },
      workerShutdownSignal: this.#shuttingDown.signal,
      logger: options.logger ?? silentLogger,
      metricMeter: options.metricMeter ?? noopMetricMeter,
      clock: options.clock ?? hostClock,
      payloadConverter: options.payloadConverter ?? defaultDataConverter.payloadConverter,
      client: options.client,
    };
  }

  /**
   * Runs a function as an activity.
   *
   * @returns What the function returns.
   * @throws What the function throws.
   */
  run<Args extends readonly unknown[], Result>(activity: (...args: Args) => Result, ...args: Args): Result {
    return runInActivity(this.#context, () => activity(...args));
  }

  /** Asks the activities to stop. Only the first call counts. @param reasons Why. @default asked for by the workflow */
  cancel(reasons: Partial<ActivityCancellationDetails> = { cancelRequested: true }): void {
    if (this.#cancellationDetails !== undefined) return;
    this.#cancellationDetails = toCancellationDetails(reasons);
    this.#cancelling.abort(new CancelledError("Activity cancelled"));
  }

  /** Tells the activities that their worker begins to shut down. Only the first call counts. */
  workerShutdown(): void {
    this.#shuttingDown.abort(new Error("the worker is shutting down"));
  }
}
