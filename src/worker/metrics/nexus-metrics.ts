import type { MetricCounter, MetricHistogram, MetricMeter } from "../../core/telemetry/metric-meter.ts";

/** Measures Nexus requests. All times in milliseconds. */
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

  /** A request came, so long after it was made; undefined if that is not known. */
  received(waitedMs: number | undefined): void {
    if (waitedMs !== undefined) this.#scheduleToStart.record(waitedMs);
  }

  /** A handler has ended. @param failureReason By the reference SDK's words; undefined if it did not fail. */
  handled(runtimeMs: number, failureReason: string | undefined): void {
    this.#execution.record(runtimeMs);
    if (failureReason !== undefined) this.#failed.add(1, { failure_reason: failureReason });
  }

  /** The service took the answer, so long after the request was made; undefined if that is not known. */
  answered(sinceScheduledMs: number | undefined): void {
    if (sinceScheduledMs !== undefined) this.#endToEnd.record(sinceScheduledMs);
  }
}
