import type {
  MetricAttributes,
  MetricCounter,
  MetricHistogram,
  MetricMeter,
} from "../../core/telemetry/metric-meter.ts";

/** Types remembered with their attributes; beyond that, attributes are made anew each time. */
const TYPES_MAX = 2_000;

/** What some metrics say besides the types. */
interface MoreAttributes {
  readonly key: string;
  readonly attributes: MetricAttributes;
}

const EAGER: MoreAttributes = { key: "eager", attributes: { eager: "true" } };
const NOT_EAGER: MoreAttributes = { key: "not eager", attributes: { eager: "false" } };
const FAILED: MoreAttributes = { key: "failed", attributes: { failure_reason: "ActivityError" } };

/** What tells activities apart. */
export interface ActivityKind {
  readonly activityType: string;
  readonly workflowType: string;
}

/** How an attempt of a local activity ended. Times in milliseconds. */
export interface LocalEnd {
  readonly status: "completed" | "failed" | "benign" | "cancelled";
  readonly runtimeMs: number;
  readonly sinceScheduledMs: number;
}

/** Measures activities, remote and local. All times in milliseconds. */
export class ActivityMetrics {
  readonly #received: MetricCounter;
  readonly #failed: MetricCounter;
  readonly #scheduleToStart: MetricHistogram;
  readonly #execution: MetricHistogram;
  readonly #succeeded: MetricHistogram;
  readonly #localTotal: MetricCounter;
  readonly #localFailed: MetricCounter;
  readonly #localCancelled: MetricCounter;
  readonly #localExecution: MetricHistogram;
  readonly #localSucceeded: MetricHistogram;
  readonly #attributes = new Map<string, MetricAttributes>();

  constructor(meter: MetricMeter) {
    const counter = (name: string, description: string): MetricCounter => meter.createCounter(name, { description });
    const latency = (name: string, of: string): MetricHistogram =>
      meter.createDurationHistogram(name, { description: `Histogram of ${of} latencies` });
    this.#received = counter("activity_task_received", "Count of activity task queue poll successes");
    this.#failed = counter("activity_execution_failed", "Count of activity task execution failures");
    this.#scheduleToStart = latency("activity_schedule_to_start_latency", "activity schedule-to-start");
    this.#execution = latency("activity_execution_latency", "activity execution");
    this.#succeeded = latency("activity_succeed_endtoend_latency", "successful activities' end-to-end");
    this.#localTotal = counter("local_activity_total", "Count of local activities executed");
    this.#localFailed = counter("local_activity_execution_failed", "Count of local activity executions that failed");
    this.#localCancelled = counter(
      "local_activity_execution_cancelled",
      "Count of local activity executions that were cancelled",
    );
    this.#localExecution = latency("local_activity_execution_latency", "local activity execution");
    this.#localSucceeded = latency(
      "local_activity_succeed_endtoend_latency",
      "successful local activities' end-to-end",
    );
  }

  /** A task came from the service. */
  received(kind: ActivityKind, isEager: boolean, waitedMs: number): void {
    this.#received.add(1, this.#of(kind, isEager ? EAGER : NOT_EAGER));
    this.#scheduleToStart.record(waitedMs);
  }

  /** An attempt ended. */
  ended(kind: ActivityKind, runtimeMs: number): void {
    this.#execution.record(runtimeMs, this.#of(kind));
  }

  /** An attempt succeeded, so long after the activity was scheduled first. */
  succeeded(kind: ActivityKind, sinceScheduledMs: number): void {
    this.#succeeded.record(sinceScheduledMs, this.#of(kind));
  }

  /** An attempt failed, and not benignly. */
  failed(kind: ActivityKind): void {
    this.#failed.add(1, this.#of(kind, FAILED));
  }

  /** An attempt of a local activity begins. */
  localStarted(kind: ActivityKind): void {
    this.#localTotal.add(1, this.#of(kind));
  }

  /** An attempt of a local activity ended. */
  localEnded(kind: ActivityKind, end: LocalEnd): void {
    const attributes = this.#of(kind);
    this.#localExecution.record(end.runtimeMs, attributes);
    switch (end.status) {
      case "completed":
        this.#localSucceeded.record(end.sinceScheduledMs, attributes);
        return;
      case "failed":
        this.#localFailed.add(1, this.#of(kind, FAILED));
        return;
      case "cancelled":
        this.#localCancelled.add(1, attributes);
        return;
      case "benign":
    }
  }

  // The same object for the same kind, so that nothing has to be looked up by its contents.
  #of({ activityType, workflowType }: ActivityKind, more?: MoreAttributes): MetricAttributes {
    const key = `${more?.key ?? ""}\u0000${workflowType}\u0000${activityType}`;
    const known = this.#attributes.get(key);
    if (known !== undefined) return known;
    const attributes = { activity_type: activityType, workflow_type: workflowType, ...more?.attributes };
    if (this.#attributes.size < TYPES_MAX) this.#attributes.set(key, attributes);
    return attributes;
  }
}
