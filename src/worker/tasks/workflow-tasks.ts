import type { Logger } from "../../core/telemetry/logger.ts";
import { PayloadLimitError } from "../../payload/payload-limits.ts";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import {
  PollWorkflowTaskQueueResponse,
  RespondWorkflowTaskCompletedRequest,
  WorkflowService,
  type PollActivityTaskQueueResponse,
} from "../../proto/gen/workflowservice.ts";
import { asRPCError, type RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { WorkflowMetrics } from "../metrics/workflow-metrics.ts";
import type { WorkerService } from "../worker-service.ts";
import type { MessageCodec } from "./message-codec.ts";
import { readCompletionAnswer, type EncodedWorkflowTask } from "./poll-answer.ts";
import type { Slot } from "./slots.ts";
import { tooLargeFailure } from "./too-large.ts";
import { Pending } from "./waiting.ts";
import { conversionFailedAnswer } from "./conversion-failure.ts";
import { encodeTaskFailure } from "./workflow-task-answer.ts";
import type { WorkflowProcessor, WorkflowTaskAnswer } from "./workflow-processor.ts";

const { methods } = WorkflowService;
const paths = {
  complete: methods.RespondWorkflowTaskCompleted.path,
  fail: methods.RespondWorkflowTaskFailed.path,
  answerQuery: methods.RespondQueryTaskCompleted.path,
} as const;

/** What becomes of activities that come with the answer to a completed workflow task. */
export interface EagerActivities {
  /** Room for one more, if there is any. */
  tryReserve(): Slot | undefined;
  start(task: PollActivityTaskQueueResponse, slot: Slot): void;
}

/** What {@link WorkflowTasks} need. */
export interface WorkflowTasksOptions {
  readonly service: WorkerService;
  readonly processor: WorkflowProcessor;
  readonly logger: Logger;
  readonly eager: EagerActivities | undefined;
  readonly codec: MessageCodec | undefined;
  readonly metrics?: WorkflowMetrics | undefined;
}

/** Takes workflow tasks from the pollers through the processor back to the service. */
export class WorkflowTasks {
  readonly #options: WorkflowTasksOptions;
  readonly #pending = new Pending();
  /** Ends of the latest tasks by run. */
  readonly #latest = new Map<string, Promise<void>>();

  constructor(options: WorkflowTasksOptions) {
    this.#options = options;
  }

  /** Takes over a task with its slot. */
  start(task: EncodedWorkflowTask, slot: Slot, isSticky: boolean): void {
    slot.use({ slotType: "workflow", workflowType: task.workflowType, isSticky });
    this.#pending.add();
    const { runId } = task;
    // What the service says of a task's answer decides whether the run may stay in the cache for the next one.
    const before = this.#latest.get(runId);
    const work = before === undefined ? this.#run(task, slot) : before.then(() => this.#run(task, slot));
    const ended = work.finally(() => {
      slot.release();
      this.#pending.remove();
      if (this.#latest.get(runId) === ended) this.#latest.delete(runId);
    });
    this.#latest.set(runId, ended);
  }

  /** Resolves when no task is being worked on. */
  idle(): Promise<void> {
    return this.#pending.idle();
  }

  async #run(first: EncodedWorkflowTask, slot: Slot): Promise<void> {
    const { processor, logger } = this.#options;
    const { runId } = first;
    let task: EncodedWorkflowTask | undefined = first;
    try {
      while (task !== undefined) {
        const answer = await this.#process(task);
        if (answer.kind === "fail") slot.fail();
        task = await this.#report(runId, answer);
      }
    } catch (error) {
      logger.error("Workflow task could not be processed", { runId, error });
      processor.evict(runId);
    }
  }

  async #process(task: EncodedWorkflowTask): Promise<WorkflowTaskAnswer> {
    const { processor, codec, service, logger } = this.#options;
    if (codec === undefined) return processor.process(task);
    const { runId } = task;
    try {
      const { bytes, run } = await codec.decodeTask(task.bytes);
      return await codec.encodeAnswer(await processor.process({ ...task, bytes }), run);
    } catch (error) {
      logger.error("Payloads of a workflow task could not be converted by codec or external storage, the task fails", {
        runId,
        error,
      });
      processor.evict(runId);
      return conversionFailedAnswer(
        service.self,
        PollWorkflowTaskQueueResponse.decode(task.bytes),
        codec.converter,
        error,
      );
    }
  }

  /** Tells the service; the answer may bring the run's next task. */
  async #report(runId: string, answer: WorkflowTaskAnswer): Promise<EncodedWorkflowTask | undefined> {
    if (answer.kind === "drop") return undefined;
    if (answer.kind === "complete") return this.#complete(runId, answer);
    try {
      await this.#options.service.callEncoded(paths[answer.kind], answer.body);
    } catch (error) {
      this.#reportFailed(runId, asRPCError(error));
    }
    return undefined;
  }

  async #complete(
    runId: string,
    answer: Extract<WorkflowTaskAnswer, { kind: "complete" }>,
  ): Promise<EncodedWorkflowTask | undefined> {
    const { service, processor, eager } = this.#options;
    const slots = reserveSlots(eager, answer.eagerActivities);
    const body = slots.length < answer.eagerActivities ? withEagerActivities(answer.body, slots.length) : answer.body;
    let bytes: Uint8Array;
    try {
      bytes = await service.callEncoded(paths.complete, body);
    } catch (cause) {
      for (const slot of slots) slot.release();
      const failure = tooLargeFailure(cause);
      if (failure !== undefined && answer.attempt < 2) await this.#failTask(answer, failure);
      if (cause instanceof PayloadLimitError) {
        processor.evict(runId);
        return undefined;
      }
      const error = asRPCError(cause);
      this.#reportFailed(runId, error);
      return undefined;
    }
    if (bytes.length === 0) {
      for (const slot of slots) slot.release();
      return undefined;
    }
    const { workflowTask, activityTasks, resetHistoryEventId } = readCompletionAnswer(bytes);
    if (resetHistoryEventId > 0) processor.resetTo(runId, resetHistoryEventId);
    this.#startEager(activityTasks, slots);
    return workflowTask;
  }

  #startEager(tasks: readonly PollActivityTaskQueueResponse[], slots: readonly Slot[]): void {
    const { eager, logger } = this.#options;
    slots.forEach((slot, index) => {
      const task = tasks[index];
      if (task === undefined) slot.release();
      else eager?.start(task, slot);
    });
    if (tasks.length > slots.length) {
      logger.error("Service gave more activities with a workflow task than were asked for", {
        asked: slots.length,
        given: tasks.length,
      });
    }
  }

  async #failTask(
    { taskToken, workflowType }: Extract<WorkflowTaskAnswer, { kind: "complete" }>,
    failed: { readonly cause: WorkflowTaskFailedCause; readonly failure: Failure },
  ): Promise<void> {
    const { service, logger, metrics } = this.#options;
    const isMessage = failed.cause === WorkflowTaskFailedCause.GRPC_MESSAGE_TOO_LARGE;
    metrics?.taskFailed(workflowType, isMessage ? "GrpcMessageTooLarge" : "WorkflowError");
    try {
      await service.callEncoded(paths.fail, encodeTaskFailure(service.self, { taskToken }, failed));
    } catch (error) {
      logger.warn(
        "Failure of a workflow task could not be reported, the task runs into its timeout and is given again",
        { error },
      );
    }
  }

  #reportFailed(runId: string, error: RPCError): void {
    const { processor, logger } = this.#options;
    // News came while the task was worked on; the service gives another task that has it.
    const isUnhandled = error.status === RPCStatusCode.INVALID_ARGUMENT && error.message === "UnhandledCommand";
    const attributes = { runId, error: error.message };
    if (isUnhandled) logger.debug("Workflow task was outdated when it was reported", attributes);
    else if (error.status === RPCStatusCode.NOT_FOUND) {
      logger.warn("Workflow task was not known any more when it was reported", attributes);
    } else logger.warn("Workflow task could not be reported, it runs into its timeout and is given again", attributes);
    processor.evict(runId);
  }
}

function reserveSlots(eager: EagerActivities | undefined, count: number): Slot[] {
  const slots: Slot[] = [];
  if (eager === undefined) return slots;
  while (slots.length < count) {
    const slot = eager.tryReserve();
    if (slot === undefined) break;
    slots.push(slot);
  }
  return slots;
}

/** The request with no more than so many activities asked for. It has to be read and written again, so this is for a busy worker. */
function withEagerActivities(body: Uint8Array, countMax: number): Uint8Array {
  const request = RespondWorkflowTaskCompletedRequest.decode(body);
  let count = 0;
  for (const { attributes } of request.commands) {
    if (attributes?.case !== "scheduleActivityTaskCommandAttributes") continue;
    if (attributes.value.requestEagerExecution && ++count > countMax) attributes.value.requestEagerExecution = false;
  }
  return RespondWorkflowTaskCompletedRequest.encode(request);
}
