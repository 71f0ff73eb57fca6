import { newApplicationFailure } from "../../core/replay/failures.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { PollWorkflowTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import { WorkflowThreadLostError, WorkflowThreadsStoppedError } from "../threads/thread-error.ts";
import type { WorkflowMetrics } from "../metrics/workflow-metrics.ts";
import type { WorkerIdentity } from "../worker-service.ts";
import type { ServicePool } from "../threads/thread-service.ts";
import type { EncodedWorkflowTask } from "./poll-answer.ts";
import { failedAnswer } from "./workflow-task-answer.ts";
import type { WorkflowProcessor, WorkflowTaskAnswer } from "./workflow-processor.ts";

/** How often a task goes to another thread because the one it was in ended. */
const TRIES_MAX = 3;

/** Pools that process tasks, by the type of the workflow. */
export interface ProcessorPools {
  readonly all: readonly ServicePool[];
  of(workflowType: string): ServicePool;
}

/** What a {@link PooledProcessor} is made of. */
export interface PooledProcessorOptions {
  readonly pools: ProcessorPools;
  readonly self: WorkerIdentity;
  readonly logger: Logger;
  readonly metrics?: WorkflowMetrics | undefined;
}

/** Has workflow tasks processed by a pool of threads, or by its stand-in in line. */
export class PooledProcessor implements WorkflowProcessor {
  readonly #options: PooledProcessorOptions;

  constructor(options: PooledProcessorOptions) {
    this.#options = options;
  }

  async process(task: EncodedWorkflowTask): Promise<WorkflowTaskAnswer> {
    const { runId, bytes, workflowType } = task;
    const pool = this.#options.pools.of(workflowType);
    for (let tries = 1; ; tries++) {
      try {
        return (await pool.call(runId, "process", runId, bytes)) as WorkflowTaskAnswer;
      } catch (error) {
        if (error instanceof WorkflowThreadsStoppedError) return { kind: "drop" };
        if (!(error instanceof WorkflowThreadLostError) || tries >= TRIES_MAX) return this.#fail(bytes, error);
      }
    }
  }

  evict(runId: string): void {
    for (const pool of this.#options.pools.all) pool.notify(runId, "evict", runId);
  }

  resetTo(runId: string, eventId: number): void {
    for (const pool of this.#options.pools.all) pool.notify(runId, "resetTo", runId, eventId);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#options.pools.all.map((pool) => pool.stop("stop")));
  }

  /** Answers for code that cannot: it held its thread for too long, or took it down. */
  #fail(bytes: Uint8Array, error: unknown): WorkflowTaskAnswer {
    const { self, logger, metrics } = this.#options;
    const task = PollWorkflowTaskQueueResponse.decode(bytes);
    metrics?.taskFailed(task.workflowType?.name ?? "", "WorkflowError");
    const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    logger.error("Workflow task failed because its code was lost", {
      workflowId: task.workflowExecution?.workflowId,
      runId: task.workflowExecution?.runId,
      workflowType: task.workflowType?.name,
      attempt: task.attempt,
      error: message,
    });
    return failedAnswer(self, task, { ...newApplicationFailure(message, name), stackTrace: stack });
  }
}
