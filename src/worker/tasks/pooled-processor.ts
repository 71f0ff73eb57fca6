import { newApplicationFailure } from "../../core/replay/failures.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import { PollWorkflowTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import { WorkflowThreadLostError, WorkflowThreadsStoppedError } from "../threads/thread-error.ts";
import type { ServicePool } from "../threads/thread-service.ts";
import { encodeQueryAnswer, encodeTaskFailure, type AnswerOptions } from "./workflow-task-answer.ts";
import type { WorkflowProcessor, WorkflowTaskAnswer } from "./workflow-processor.ts";

/** How often a task goes to another thread because the one it was in ended. */
const TRIES_MAX = 3;

/** What a {@link PooledProcessor} is made of. */
export interface PooledProcessorOptions {
  readonly pool: ServicePool;
  readonly answer: AnswerOptions;
  readonly logger: Logger;
}

/** Has workflow tasks processed by a pool of threads, or by its stand-in in line. */
export class PooledProcessor implements WorkflowProcessor {
  readonly #options: PooledProcessorOptions;

  constructor(options: PooledProcessorOptions) {
    this.#options = options;
  }

  async process(runId: string, task: Uint8Array): Promise<WorkflowTaskAnswer> {
    const { pool } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        return (await pool.call(runId, "process", runId, task)) as WorkflowTaskAnswer;
      } catch (error) {
        if (error instanceof WorkflowThreadsStoppedError) return { kind: "drop" };
        if (!(error instanceof WorkflowThreadLostError) || tries >= TRIES_MAX) return this.#fail(task, error);
      }
    }
  }

  evict(runId: string): void {
    this.#options.pool.notify(runId, "evict", runId);
  }

  resetTo(runId: string, eventId: number): void {
    this.#options.pool.notify(runId, "resetTo", runId, eventId);
  }

  stop(): Promise<void> {
    return this.#options.pool.stop("stop");
  }

  /** Answers for code that cannot: it held its thread for too long, or took it down. */
  #fail(bytes: Uint8Array, error: unknown): WorkflowTaskAnswer {
    const { answer, logger } = this.#options;
    const task = PollWorkflowTaskQueueResponse.decode(bytes);
    const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    logger.error("Workflow task failed because its code was lost", {
      workflowId: task.workflowExecution?.workflowId,
      runId: task.workflowExecution?.runId,
      workflowType: task.workflowType?.name,
      attempt: task.attempt,
      error: message,
    });
    const failure = { ...newApplicationFailure(message, name), stackTrace: stack };
    const cause = WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE;
    if (task.query !== undefined) {
      return { kind: "answerQuery", body: encodeQueryAnswer(answer, task, { status: "failed", failure }, cause) };
    }
    if (task.attempt > 1) return { kind: "drop" };
    return { kind: "fail", body: encodeTaskFailure(answer, task, { cause, failure }) };
  }
}
