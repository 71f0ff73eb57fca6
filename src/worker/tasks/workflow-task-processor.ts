import type { TaskOutcome } from "../../core/replay/task.ts";
import { NondeterminismError } from "../../core/errors.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { Clock } from "../../core/time/clock.ts";
import { CommandType } from "../../proto/gen/enums.ts";
import {
  GetWorkflowExecutionHistoryRequest,
  GetWorkflowExecutionHistoryResponse,
  PollWorkflowTaskQueueResponse,
} from "../../proto/gen/workflowservice.ts";
import type { WorkflowTaskFacts } from "../metrics/workflow-metrics.ts";
import { HeldRun, type FinalOutcome, type HeldTask, type HistoryPage } from "./held-run.ts";
import { RunCache } from "./run-cache.ts";
import { toTaskFacts } from "./task-facts.ts";
import { encodeCompletion, encodeQueryAnswer, encodeTaskFailure, type AnswerOptions } from "./workflow-task-answer.ts";
import type { WorkflowProcessorHost, WorkflowTaskAnswer } from "./workflow-processor.ts";
import type { WorkflowRunner } from "./workflow-runner.ts";

/** What a {@link WorkflowTaskProcessor} is told; plain data, which may cross threads. */
export interface ProcessorConfig extends AnswerOptions {
  readonly taskQueue: string;
  readonly cachedRunsMax: number;
  /** About how much memory cached runs may take. @default no limit */
  readonly cachedBytesMax?: number;
  readonly sdk: { readonly name: string; readonly version: string };
  readonly recordsFlags: boolean;
  readonly deploymentVersion: { readonly deploymentName: string; readonly buildId: string } | undefined;
  /** Workflow types that nondeterminism fails, in place of their task; `true` for all. */
  readonly nondeterminismFails: true | readonly string[];
  /** Somebody reads metrics. */
  readonly measures?: boolean;
}

/** What a {@link WorkflowTaskProcessor} works with. */
export interface ProcessorParts {
  readonly config: ProcessorConfig;
  readonly runner: WorkflowRunner;
  readonly host: WorkflowProcessorHost;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every run that is no longer held, and of how many tasks it was given. */
  readonly onReleased: (runId: string, taskCount: number) => void;
  /** Only where metrics are read. */
  readonly measure?: WorkflowMeasures | undefined;
}

/** What metrics are told of. */
export interface WorkflowMeasures {
  processed(facts: WorkflowTaskFacts): void;
  evicted(): void;
}

/** Processes workflow tasks where workflow code runs: in a workflow thread, or in line. */
export class WorkflowTaskProcessor {
  readonly #parts: ProcessorParts;
  readonly #runs: RunCache<HeldRun>;

  constructor(parts: ProcessorParts) {
    this.#parts = parts;
    const { cachedRunsMax: runsMax, cachedBytesMax: bytesMax = Infinity } = parts.config;
    this.#runs = new RunCache({ runsMax, bytesMax }, (runId, run) => {
      run.drop();
      if (!run.isFinished) parts.measure?.evicted();
      parts.onReleased(runId, run.taskCount);
    });
  }

  /** Processes an encoded `PollWorkflowTaskQueueResponse`. Never rejects. */
  async process(runId: string, bytes: Uint8Array): Promise<WorkflowTaskAnswer> {
    const task = PollWorkflowTaskQueueResponse.decode(bytes);
    let run = this.#runs.get(runId);
    while (run?.isBusy === true) {
      await run.idle;
      run = this.#runs.get(runId);
    }
    if (run === undefined) {
      run = this.#createRun(runId, task);
      this.#runs.add(runId, run);
    }
    this.#runs.grew(runId, run, run.grow(bytes.length));
    let answer: WorkflowTaskAnswer;
    const { measure, clock } = this.#parts;
    const wasHeld = !run.isNew;
    const startMs = measure === undefined ? 0 : clock.now();
    try {
      const outcome = await run.process(this.#toHeldTask(task, run.isNew));
      measure?.processed(toTaskFacts(task, run, outcome, { wasHeld, startMs, nowMs: clock.now() }));
      answer = this.#toAnswer(task, outcome);
      if (outcome.kind === "failed" || run.isFinished) this.#runs.remove(runId, run);
    } catch (error) {
      this.#parts.logger.warn("Workflow task could not be processed, it will be given again", { runId, error });
      this.#runs.remove(runId, run);
      answer = { kind: "drop" };
    }
    this.#runs.trim();
    return answer;
  }

  /** Forgets a run: the service did not take its last answer. */
  evict(runId: string): void {
    this.#runs.remove(runId);
  }

  /** The service dropped a speculative task: the next one begins after this event again. */
  resetTo(runId: string, eventId: number): void {
    this.#runs.get(runId)?.resetTo(eventId);
  }

  /** Lets go of all runs. */
  stop(): void {
    this.#runs.clear();
  }

  #createRun(runId: string, task: PollWorkflowTaskQueueResponse): HeldRun {
    const { config, runner, host, clock } = this.#parts;
    const { namespace, taskQueue, sdk, recordsFlags, deploymentVersion } = config;
    const workflowId = task.workflowExecution?.workflowId ?? "";
    return new HeldRun({
      identity: { namespace, workflowId, runId, taskQueue, sdk, recordsFlags, deploymentVersion },
      runner,
      host,
      clock,
    });
  }

  #toHeldTask(task: PollWorkflowTaskQueueResponse, isNew: boolean): HeldTask {
    const events = task.history?.events ?? [];
    const execution = task.workflowExecution;
    // A query alone may come without history: whoever does not hold the run has to fetch all of it.
    const hasMorePages = task.nextPageToken.length > 0 || (isNew && events.length === 0);
    return {
      replay: {
        events,
        hasMorePages,
        previousStartedEventId: task.previousStartedEventId,
        startedEventId: task.startedEventId,
        messages: task.messages,
        queries: task.queries,
        legacyQuery: task.query,
      },
      nextPageToken: task.nextPageToken,
      fetchPage: (pageToken) => this.#fetchPage(execution, pageToken),
    };
  }

  async #fetchPage(
    execution: PollWorkflowTaskQueueResponse["workflowExecution"],
    nextPageToken: Uint8Array,
  ): Promise<HistoryPage> {
    const { host, config } = this.#parts;
    const request = { namespace: config.namespace, execution, nextPageToken };
    const bytes = await host.fetchHistory(GetWorkflowExecutionHistoryRequest.encode(request));
    const response = GetWorkflowExecutionHistoryResponse.decode(bytes);
    return { events: response.history?.events ?? [], nextPageToken: response.nextPageToken };
  }

  #toAnswer(task: PollWorkflowTaskQueueResponse, outcome: FinalOutcome): WorkflowTaskAnswer {
    const { config } = this.#parts;
    switch (outcome.kind) {
      case "nothing":
        return { kind: "drop" };
      case "queryAnswered":
        return { kind: "answerQuery", body: encodeQueryAnswer(config, task, outcome.result) };
      case "completed":
        return encodeCompletion(config, task, outcome);
      case "failed":
        return this.#toFailure(task, outcome);
    }
  }

  #toFailure(
    task: PollWorkflowTaskQueueResponse,
    outcome: Extract<TaskOutcome, { kind: "failed" }>,
  ): WorkflowTaskAnswer {
    const { config, logger } = this.#parts;
    const { failure, cause } = outcome;
    const attributes = {
      workflowId: task.workflowExecution?.workflowId,
      runId: task.workflowExecution?.runId,
      workflowType: task.workflowType?.name,
      attempt: task.attempt,
      error: failure.message,
      stack: failure.stackTrace || undefined,
    };
    if (outcome.isLegacyQuery) {
      logger.warn("Query failed because its workflow could not be replayed", attributes);
      return { kind: "answerQuery", body: encodeQueryAnswer(config, task, { status: "failed", failure }, cause) };
    }
    logger.warn("Workflow task failed", attributes);
    // The first attempt says what is wrong; to repeat it at once would not mend it, so later ones run into the timeout.
    if (task.attempt > 1) return { kind: "drop" };
    if (outcome.error instanceof NondeterminismError && this.#nondeterminismFails(task.workflowType?.name ?? "")) {
      const command = {
        commandType: CommandType.FAIL_WORKFLOW_EXECUTION,
        attributes: { case: "failWorkflowExecutionCommandAttributes", value: { failure } },
      } as const;
      return encodeCompletion(config, task, { commands: [command] });
    }
    return { kind: "fail", body: encodeTaskFailure(config, task, { cause, failure }) };
  }

  #nondeterminismFails(workflowType: string): boolean {
    const { nondeterminismFails } = this.#parts.config;
    return nondeterminismFails === true || nondeterminismFails.includes(workflowType);
  }
}
