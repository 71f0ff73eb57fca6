import type { MetricCounter, MetricHistogram, MetricMeter } from "../../core/telemetry/metric-meter.ts";

/** Measures Nexus requests as they are handled. All times in milliseconds. */
export class NexusMetrics {
  readonly #scheduleToStart: MetricHistogram;
  readonly #execution: MetricHistogram;
  readonly #endToEnd: MetricHistogram;
  readonly #failed: MetricCounter;

  constructor(meter: MetricMeter) {
    const latency = (name: string, of: string): MetricHistogram =>
      meter.createDurationHistogram(name, { description: `Histogram of nexus task ${of} latencies` });
    this.#scheduleToStart = latency("nexus_task_schedule_to_start_latency", "schedule-to-start");
    this.#execution = latency("nexus_task_execution_latency", "execution");
    this.#endToEnd = latency("nexus_task_endtoend_latency", "end-to-end");
    this.#failed = meter.createCounter("nexus_task_execution_failed", {
      description: "Count of nexus task execution failures",
    });
  }

  /** A task came from the service. */
  received(waitedMs: number): void {
    this.#scheduleToStart.record(waitedMs);
  }

  /** A handler ended; with a reason, it failed. */
  ended(runtimeMs: number, failureReason: string | undefined): void {
    this.#execution.record(runtimeMs);
    if (failureReason !== undefined) this.#failed.add(1, { failure_reason: failureReason });
  }

  /** The service took the answer, so long after it had made the task. */
  answered(sinceScheduledMs: number): void {
    this.#endToEnd.record(sinceScheduledMs);
  }
}
