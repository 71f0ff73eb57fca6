import type {
  MetricAttributes,
  MetricCounter,
  MetricHistogram,
  MetricMeter,
} from "../../core/telemetry/metric-meter.ts";

/** Types remembered with their attributes; beyond that, attributes are made anew each time. */
const TYPES_MAX = 2_000;

/** How a run ended. */
export type RunEnd = "completed" | "canceled" | "failed" | "continuedAsNew";

/** Why a workflow task failed, by the reference SDK's words. */
export type TaskFailureReason = "NonDeterminismError" | "WorkflowError" | "GrpcMessageTooLarge";

/** What one workflow task was like, as plain data, which may cross threads. Times in milliseconds. */
export interface WorkflowTaskFacts {
  readonly workflowType: string;
  /** From when the service made the task to when it gave it out; absent if that is not known. */
  readonly scheduleToStartMs: number | undefined;
  /** Absent if nothing was replayed. */
  readonly replayMs: number | undefined;
  readonly executionMs: number;
  /** Whether the run was in memory; absent when its history is told from the beginning anyway. */
  readonly cacheHit: boolean | undefined;
  readonly failureReason: TaskFailureReason | undefined;
  readonly end: RunEnd | undefined;
  /** How long the run took, once it has ended. */
  readonly endToEndMs: number | undefined;
}

/** Measures workflow tasks, runs, and the cache of runs. */
export class WorkflowMetrics {
  readonly #ends: Readonly<Record<RunEnd, MetricCounter>>;
  readonly #endToEnd: MetricHistogram;
  readonly #scheduleToStart: MetricHistogram;
  readonly #replay: MetricHistogram;
  readonly #execution: MetricHistogram;
  readonly #taskFailed: MetricCounter;
  readonly #cacheHit: MetricCounter;
  readonly #cacheMiss: MetricCounter;
  readonly #evicted: MetricCounter;
  readonly #meter: MetricMeter;
  readonly #attributes = new Map<string, MetricAttributes>();

  constructor(meter: MetricMeter) {
    const counter = (name: string, description: string): MetricCounter => meter.createCounter(name, { description });
    const latency = (name: string, of: string): MetricHistogram =>
      meter.createDurationHistogram(name, { description: `Histogram of ${of} latencies` });
    this.#meter = meter;
    this.#ends = {
      completed: counter("workflow_completed", "Count of successfully completed workflows"),
      canceled: counter("workflow_canceled", "Count of canceled workflows"),
      failed: counter("workflow_failed", "Count of failed workflows"),
      continuedAsNew: counter("workflow_continue_as_new", "Count of continued-as-new workflows"),
    };
    this.#endToEnd = latency("workflow_endtoend_latency", "total workflow execution");
    this.#scheduleToStart = latency("workflow_task_schedule_to_start_latency", "workflow task schedule-to-start");
    this.#replay = latency("workflow_task_replay_latency", "workflow task replay");
    this.#execution = latency("workflow_task_execution_latency", "workflow task execution (not replay)");
    this.#taskFailed = counter("workflow_task_execution_failed", "Count of workflow task execution failures");
    this.#cacheHit = counter("sticky_cache_hit", "Count of times the workflow cache was used for a new workflow task");
    this.#cacheMiss = counter(
      "sticky_cache_miss",
      "Count of times the workflow cache was missing a workflow for a sticky task",
    );
    this.#evicted = counter("sticky_cache_total_forced_eviction", "Count of evictions of cached workflows");
    this.cached(0);
  }

  /** A task was processed. */
  processed(facts: WorkflowTaskFacts): void {
    const { workflowType, end, endToEndMs, failureReason, cacheHit } = facts;
    const attributes = this.#of(workflowType);
    if (facts.scheduleToStartMs !== undefined) this.#scheduleToStart.record(facts.scheduleToStartMs);
    if (facts.replayMs !== undefined) this.#replay.record(facts.replayMs, attributes);
    this.#execution.record(facts.executionMs, attributes);
    if (cacheHit === true) this.#cacheHit.add(1, attributes);
    else if (cacheHit === false) this.#cacheMiss.add(1);
    if (failureReason !== undefined) this.taskFailed(workflowType, failureReason);
    if (end !== undefined) this.#ends[end].add(1, attributes);
    if (endToEndMs !== undefined) this.#endToEnd.record(endToEndMs, attributes);
  }

  /** A task failed. */
  taskFailed(workflowType: string, reason: TaskFailureReason): void {
    this.#taskFailed.add(1, { workflow_type: workflowType, failure_reason: reason });
  }

  /** A run that has not ended was let go of. */
  evicted(): void {
    this.#evicted.add(1);
  }

  /** So many runs are kept now. */
  cached(count: number): void {
    this.#meter.createGauge("sticky_cache_size", { description: "Current number of cached workflows" }).set(count);
  }

  #of(workflowType: string): MetricAttributes {
    const known = this.#attributes.get(workflowType);
    if (known !== undefined) return known;
    const attributes = { workflow_type: workflowType };
    if (this.#attributes.size < TYPES_MAX) this.#attributes.set(workflowType, attributes);
    return attributes;
  }
}
