import type { EagerSlot, EagerWorker } from "../../client/index.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import type { Clock } from "../../core/time/clock.ts";
import { TaskQueueKind } from "../../proto/gen/enums.ts";
import { PollWorkflowTaskQueueResponse, WorkflowService } from "../../proto/gen/workflowservice.ts";
import type { WorkerMetrics } from "../metrics/worker-metrics.ts";
import type { WorkerService } from "../worker-service.ts";
import type { MessageCodec } from "./message-codec.ts";
import { readWorkflowTask, type EncodedWorkflowTask } from "./poll-answer.ts";
import { PollScale } from "./poll-scale.ts";
import { Poller, POLL_TIMEOUT_MS, type PollReport } from "./poller.ts";
import type { PollerBehavior } from "./poller-behavior.ts";
import type { Slots } from "./slots.ts";
import { WorkflowPolls } from "./workflow-polls.ts";
import { WorkflowTasks, type EagerActivities } from "./workflow-tasks.ts";
import type { WorkflowProcessor } from "./workflow-processor.ts";

/** What a {@link WorkflowWorker} is made of. */
export interface WorkflowWorkerOptions {
  readonly service: WorkerService;
  readonly processor: WorkflowProcessor;
  readonly slots: Slots;
  readonly taskQueue: string;
  /** Name of the queue of this worker alone; absent when runs are not cached. */
  readonly stickyQueue: string | undefined;
  /** Whether there is code for workflows of a type. */
  readonly knows: (workflowType: string) => boolean;
  readonly pollerBehavior: PollerBehavior;
  /** Share of a constant number of polls that the normal queue gets beside the sticky one. */
  readonly nonstickyShare: number;
  readonly eager: EagerActivities | undefined;
  readonly codec: MessageCodec | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly metrics?: WorkerMetrics | undefined;
}

/** Polls for workflow tasks, on the normal and on the sticky queue, and has them processed. */
export class WorkflowWorker implements EagerWorker {
  readonly #options: WorkflowWorkerOptions;
  readonly #tasks: WorkflowTasks;
  readonly #pollers: readonly Poller<EncodedWorkflowTask>[];
  #isStopped = false;

  constructor(options: WorkflowWorkerOptions) {
    this.#options = options;
    const { service, processor, logger, eager, codec } = options;
    const metrics = options.metrics?.workflows;
    this.#tasks = new WorkflowTasks({ service, processor, logger, eager, codec, metrics });
    this.#pollers = this.#createPollers();
  }

  /** Polls until it is stopped. @throws {RPCError} If polling cannot go on. */
  async run(): Promise<void> {
    await Promise.all(this.#pollers.map((poller) => poller.run()));
  }

  /** Opens no more polls. */
  stop(): void {
    this.#isStopped = true;
    for (const poller of this.#pollers) poller.stop();
  }

  /** Ends open polls too. */
  abortPolls(): void {
    for (const poller of this.#pollers) poller.abort();
  }

  get slots(): Slots {
    return this.#options.slots;
  }

  /** How polling goes: on the normal queue, and on the sticky one if there is one. */
  get pollReports(): readonly PollReport[] {
    return this.#pollers.map((poller) => poller.report);
  }

  get namespace(): string {
    return this.#options.service.self.namespace;
  }

  get taskQueue(): string {
    return this.#options.taskQueue;
  }

  /** Room for the first task of a workflow that the client is about to start. */
  reserve(workflowType: string): EagerSlot | undefined {
    const { knows, slots, service } = this.#options;
    if (this.#isStopped || !knows(workflowType)) return undefined;
    const slot = slots.tryReserve();
    if (slot === undefined) return undefined;
    return {
      deployment: service.self.deployment,
      run: (task) => {
        const { task: encoded } = readWorkflowTask(PollWorkflowTaskQueueResponse.encode(task));
        if (encoded === undefined) slot.release();
        else this.#tasks.start(encoded, slot, false);
      },
      release: () => slot.release(),
    };
  }

  /** Resolves when no task is being worked on. */
  idle(): Promise<void> {
    return this.#tasks.idle();
  }

  #createPollers(): Poller<EncodedWorkflowTask>[] {
    const { service, slots, stickyQueue, pollerBehavior, nonstickyShare, clock } = this.#options;
    const serviceScales = (): boolean => service.scalesPolls;
    if (stickyQueue === undefined) {
      return [this.#createPoller({ isSticky: false, scale: new PollScale(pollerBehavior, clock, serviceScales) })];
    }
    const share = shareOf(pollerBehavior, nonstickyShare);
    const normal = new PollScale(share.normal, clock, serviceScales);
    const sticky = new PollScale(share.sticky, clock, serviceScales);
    const polls = new WorkflowPolls({ normal, sticky, slotsMax: slots.slotsMax });
    return [
      this.#createPoller({ isSticky: false, scale: normal, polls }),
      this.#createPoller({ isSticky: true, scale: sticky, polls }),
    ];
  }

  #createPoller(part: {
    readonly isSticky: boolean;
    readonly scale: PollScale;
    readonly polls?: WorkflowPolls;
  }): Poller<EncodedWorkflowTask> {
    const { service, slots, clock, logger, random, metrics } = this.#options;
    const { isSticky, scale, polls } = part;
    const { path } = WorkflowService.methods.PollWorkflowTaskQueue;
    const body = this.#encodePoll(isSticky);
    return new Poller({
      name: isSticky ? "sticky workflow tasks" : "workflow tasks",
      slots,
      isSticky,
      scale,
      clock,
      logger,
      random,
      beforePoll: polls === undefined ? undefined : (signal) => polls.wait(isSticky, signal),
      poll: async (signal) => readWorkflowTask(await service.poll(path, body, POLL_TIMEOUT_MS, signal)),
      metrics: metrics?.polls(isSticky ? "sticky_workflow_task" : "workflow_task"),
      onTask: (task, slot) => {
        if (isSticky) polls?.sawStickyBacklog(task.backlogCountHint);
        this.#tasks.start(task, slot, isSticky);
      },
    });
  }

  // Every poll is the same, so it is encoded once.
  #encodePoll(isSticky: boolean): Uint8Array {
    const { service, taskQueue, stickyQueue = "" } = this.#options;
    const { namespace, identity, buildId, instanceKey, deployment } = service.self;
    return WorkflowService.methods.PollWorkflowTaskQueue.request.encode({
      namespace,
      taskQueue: isSticky
        ? { name: stickyQueue, kind: TaskQueueKind.STICKY, normalName: taskQueue }
        : { name: taskQueue, kind: TaskQueueKind.NORMAL },
      identity,
      workerVersionCapabilities: { buildId, useVersioning: false },
      deploymentOptions: deployment,
      workerInstanceKey: instanceKey,
    });
  }
}

/** Divides a constant number of polls between the queues; a scaled one scales for each by itself. */
function shareOf(
  behavior: PollerBehavior,
  nonstickyShare: number,
): { readonly normal: PollerBehavior; readonly sticky: PollerBehavior } {
  if (behavior.kind === "autoscaling") return { normal: behavior, sticky: behavior };
  const normal = Math.max(1, Math.floor(behavior.maximum * nonstickyShare));
  const sticky = Math.max(1, behavior.maximum - normal);
  return {
    normal: { kind: "simpleMaximum", maximum: normal },
    sticky: { kind: "simpleMaximum", maximum: sticky },
  };
}
