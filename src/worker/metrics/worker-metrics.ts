import type { MetricAttributes, MetricGauge, MetricMeter } from "../../core/telemetry/metric-meter.ts";
import type { SlotType } from "../tuning/slot-supplier.ts";
import { ActivityMetrics } from "./activity-metrics.ts";
import { NexusMetrics } from "./nexus-metrics.ts";
import { WorkflowMetrics } from "./workflow-metrics.ts";

/** What is polled for. */
export type PollerType = "workflow_task" | "sticky_workflow_task" | "activity_task" | "nexus_task";

const workerTypes: Readonly<Record<SlotType, string>> = {
  workflow: "WorkflowWorker",
  activity: "ActivityWorker",
  localActivity: "LocalActivityWorker",
  nexus: "NexusWorker",
};

/** Measures the polls of one queue. */
export interface PollMetrics {
  /** So many polls are open now. */
  opened(count: number): void;
  /** A poll was answered with a task, or with none. */
  answered(hasTask: boolean): void;
}

/** Measures the slots of one kind. */
export interface SlotMetrics {
  /** So many slots run tasks now, of so many there can be. */
  changed(used: number, slotsMax: number | undefined): void;
}

/** The metrics of a worker, by the names of the reference SDK. Made only where somebody reads them. */
export class WorkerMetrics {
  readonly activities: ActivityMetrics;
  readonly workflows: WorkflowMetrics;
  #nexus: NexusMetrics | undefined;
  readonly #meter: MetricMeter;

  constructor(meter: MetricMeter, place: { readonly namespace: string; readonly taskQueue: string }) {
    this.#meter = meter.withAttributes({ namespace: place.namespace, task_queue: place.taskQueue });
    this.activities = new ActivityMetrics(this.#meter);
    this.workflows = new WorkflowMetrics(this.#meter);
  }

  /** For Nexus requests. */
  get nexus(): NexusMetrics {
    this.#nexus ??= new NexusMetrics(this.#meter);
    return this.#nexus;
  }

  /** Counts the worker itself. */
  started(): void {
    this.#meter.createCounter("worker_start", { description: "Count of the number of initialized workers" }).add(1);
  }

  /** For the polls of one queue. */
  polls(pollerType: PollerType): PollMetrics {
    const attributes: MetricAttributes = { poller_type: pollerType };
    const open = this.#meter.createGauge("num_pollers", {
      description: "Current number of active pollers per queue type",
    });
    const answered = this.#pollResults(pollerType);
    return { opened: (count) => open.set(count, attributes), answered };
  }

  /** For the slots of one kind. */
  slots(slotType: SlotType): SlotMetrics {
    const attributes: MetricAttributes = { worker_type: workerTypes[slotType] };
    const gauge = (name: string, what: string): MetricGauge =>
      this.#meter.createGauge(name, { description: `Current number of ${what} slots per task type` });
    const available = gauge("worker_task_slots_available", "available");
    const used = gauge("worker_task_slots_used", "used");
    return {
      changed(usedCount, slotsMax) {
        used.set(usedCount, attributes);
        if (slotsMax !== undefined) available.set(slotsMax - usedCount, attributes);
      },
    };
  }

  // Tasks of activities are counted by their types instead, where these are known.
  #pollResults(pollerType: PollerType): (hasTask: boolean) => void {
    const meter = this.#meter;
    const description = (kind: string): { readonly description: string } => ({
      description: `Count of ${kind} task queue poll timeouts (no new task)`,
    });
    switch (pollerType) {
      case "workflow_task":
      case "sticky_workflow_task": {
        const empty = meter.createCounter("workflow_task_queue_poll_empty", description("workflow"));
        const succeeded = meter.createCounter("workflow_task_queue_poll_succeed", {
          description: "Count of workflow task queue poll successes",
        });
        return (hasTask) => (hasTask ? succeeded : empty).add(1);
      }
      case "activity_task":
      case "nexus_task": {
        const kind = pollerType === "activity_task" ? "activity" : "nexus";
        const empty = meter.createCounter(`${kind}_poll_no_task`, description(kind));
        return (hasTask) => {
          if (!hasTask) empty.add(1);
        };
      }
    }
  }
}
