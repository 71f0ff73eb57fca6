import { TaskQueueKind } from "../../proto/gen/enums.ts";
import { WorkflowService, type PollNexusTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { PollMetrics } from "../metrics/worker-metrics.ts";
import { PollScale } from "../tasks/poll-scale.ts";
import { Poller, POLL_TIMEOUT_MS, type PollReport } from "../tasks/poller.ts";
import type { PollerBehavior } from "../tasks/poller-behavior.ts";
import type { Slot, Slots } from "../tasks/slots.ts";
import { Pending } from "../tasks/waiting.ts";
import type { WorkerService } from "../worker-service.ts";
import type { NexusHost } from "./nexus-host.ts";
import { NexusRequest } from "./nexus-request.ts";
import { readNexusTask, toNexusTask } from "./nexus-task.ts";

/** What a {@link NexusWorker} is made of. */
export interface NexusWorkerOptions {
  readonly host: NexusHost;
  readonly service: WorkerService;
  readonly slots: Slots;
  readonly pollMetrics: PollMetrics | undefined;
  readonly pollerBehavior: PollerBehavior;
  readonly random: () => number;
}

/** Polls for Nexus requests and has them handled. */
export class NexusWorker {
  readonly #options: NexusWorkerOptions;
  readonly #poller: Poller<PollNexusTaskQueueResponse>;
  readonly #running = new Set<NexusRequest>();
  readonly #pending = new Pending();
  #cancelReason: string | undefined;

  constructor(options: NexusWorkerOptions) {
    this.#options = options;
    this.#poller = this.#createPoller();
  }

  get slots(): Slots {
    return this.#options.slots;
  }

  get pollReport(): PollReport {
    return this.#poller.report;
  }

  /** Polls until it is stopped. @throws {RPCError} If polling cannot go on. */
  run(): Promise<void> {
    return this.#poller.run();
  }

  /** Opens no more polls. */
  stop(): void {
    this.#poller.stop();
  }

  /** Ends open polls too. */
  abortPolls(): void {
    this.#poller.abort();
  }

  /** Tells all handlers that nobody waits for them any more, and those that still come. */
  cancelAll(reason: string): void {
    this.#cancelReason = reason;
    for (const request of this.#running) request.cancel(reason);
  }

  /** Resolves when no request is being handled. */
  idle(): Promise<void> {
    return this.#pending.idle();
  }

  #start(response: PollNexusTaskQueueResponse, slot: Slot): void {
    const { host, service } = this.#options;
    const task = toNexusTask(response);
    slot.use({ slotType: "nexus", service: task.service, operation: task.operation });
    const request = new NexusRequest(host, service, task);
    this.#running.add(request);
    this.#pending.add();
    void request.run().then((hasFailed) => {
      this.#running.delete(request);
      if (hasFailed) slot.fail();
      slot.release();
      this.#pending.remove();
    });
    if (this.#cancelReason !== undefined) request.cancel(this.#cancelReason);
  }

  #createPoller(): Poller<PollNexusTaskQueueResponse> {
    const { host, service, slots, pollMetrics, pollerBehavior, random } = this.#options;
    const { path } = WorkflowService.methods.PollNexusTaskQueue;
    const body = this.#encodePoll();
    return new Poller({
      name: "Nexus tasks",
      slots,
      scale: new PollScale(pollerBehavior, host.clock, () => service.scalesPolls),
      clock: host.clock,
      metrics: pollMetrics,
      logger: host.logger,
      random,
      poll: async (signal) => readNexusTask(await service.poll(path, body, POLL_TIMEOUT_MS, signal)),
      onTask: (task, slot) => this.#start(task, slot),
    });
  }

  // Every poll is the same, so it is encoded once.
  #encodePoll(): Uint8Array {
    const { host, service } = this.#options;
    const { namespace, identity, buildId, instanceKey, deployment } = service.self;
    return WorkflowService.methods.PollNexusTaskQueue.request.encode({
      namespace,
      taskQueue: { name: host.taskQueue, kind: TaskQueueKind.NORMAL },
      identity,
      workerVersionCapabilities: { buildId, useVersioning: false },
      deploymentOptions: deployment,
      workerInstanceKey: instanceKey,
    });
  }
}
