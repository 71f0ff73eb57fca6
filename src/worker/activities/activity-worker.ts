import type { ActivityCancellationDetails } from "../../activity/index.ts";
import { TaskQueueKind } from "../../proto/gen/enums.ts";
import { WorkflowService, type PollActivityTaskQueueResponse } from "../../proto/gen/workflowservice.ts";
import type { PollMetrics } from "../metrics/worker-metrics.ts";
import { PollScale } from "../tasks/poll-scale.ts";
import { readActivityTask } from "../tasks/poll-answer.ts";
import { Poller, POLL_TIMEOUT_MS, type PollReport } from "../tasks/poller.ts";
import type { PollerBehavior } from "../tasks/poller-behavior.ts";
import { RateLimit } from "../tasks/rate-limit.ts";
import type { Slot, Slots } from "../tasks/slots.ts";
import { Pending } from "../tasks/waiting.ts";
import type { WorkerService } from "../worker-service.ts";
import type { ActivityHost } from "./activity-host.ts";
import { toActivityKind, toActivityTask } from "./activity-task.ts";
import type { HeartbeatThrottle } from "./heartbeats.ts";
import { RemoteActivity } from "./remote-activity.ts";

/** What an {@link ActivityWorker} is made of. */
export interface ActivityWorkerOptions {
  readonly host: ActivityHost;
  readonly service: WorkerService;
  readonly slots: Slots;
  readonly throttle: HeartbeatThrottle;
  readonly pollerBehavior: PollerBehavior;
  /** Activities that this worker starts in a second. */
  readonly perSecondMax: number | undefined;
  /** Activities that the service hands out in a second, to all workers. */
  readonly taskQueuePerSecondMax: number | undefined;
  readonly random: () => number;
  readonly pollMetrics?: PollMetrics | undefined;
}

/** Polls for activities and runs them. */
export class ActivityWorker {
  readonly #options: ActivityWorkerOptions;
  readonly #poller: Poller<PollActivityTaskQueueResponse>;
  readonly #running = new Set<RemoteActivity>();
  readonly #pending = new Pending();
  #isStopped = false;
  #cancelling: Partial<ActivityCancellationDetails> | undefined;

  constructor(options: ActivityWorkerOptions) {
    this.#options = options;
    this.#poller = this.#createPoller();
  }

  get slots(): Slots {
    return this.#options.slots;
  }

  get pollReport(): PollReport {
    return this.#poller.report;
  }

  /** Room for one more activity, if there is any and the worker is not about to stop. */
  tryReserve(): Slot | undefined {
    return this.#isStopped ? undefined : this.#options.slots.tryReserve();
  }

  /** Polls until it is stopped. @throws {RPCError} If polling cannot go on. */
  run(): Promise<void> {
    return this.#poller.run();
  }

  /** Opens no more polls. */
  stop(): void {
    this.#isStopped = true;
    this.#poller.stop();
  }

  /** Ends open polls too. */
  abortPolls(): void {
    this.#poller.abort();
  }

  /** Takes over a task that came with a workflow task's answer, with its slot. */
  start(response: PollActivityTaskQueueResponse, slot: Slot): void {
    this.#start(response, slot, true);
  }

  #start(response: PollActivityTaskQueueResponse, slot: Slot, isEager: boolean): void {
    const { host, service, throttle } = this.#options;
    const task = toActivityTask(response);
    slot.use({ slotType: "activity", activityType: task.activityType });
    host.metrics?.received(
      toActivityKind(task),
      isEager,
      Math.max(0, task.startedTimeMs - task.currentAttemptScheduledTimeMs),
    );
    const activity = new RemoteActivity({ host, service, throttle }, task);
    this.#running.add(activity);
    this.#pending.add();
    void activity.run().then((hasFailed) => {
      this.#running.delete(activity);
      if (hasFailed) slot.fail();
      slot.release();
      this.#pending.remove();
    });
    if (this.#cancelling !== undefined) activity.cancel(this.#cancelling);
  }

  /** Asks all activities to stop, and those that still come. */
  cancelAll(reasons: Partial<ActivityCancellationDetails>): void {
    this.#cancelling = reasons;
    for (const activity of this.#running) activity.cancel(reasons);
  }

  /** Activities that run now. */
  get count(): number {
    return this.#pending.count;
  }

  /** Resolves when no activity runs. */
  idle(): Promise<void> {
    return this.#pending.idle();
  }

  #createPoller(): Poller<PollActivityTaskQueueResponse> {
    const { host, service, slots, pollerBehavior, perSecondMax, random, pollMetrics } = this.#options;
    const { path } = WorkflowService.methods.PollActivityTaskQueue;
    const body = this.#encodePoll();
    const limit = perSecondMax === undefined ? undefined : new RateLimit(perSecondMax, host.clock);
    return new Poller({
      name: "activity tasks",
      slots,
      scale: new PollScale(pollerBehavior, host.clock, () => service.scalesPolls),
      clock: host.clock,
      logger: host.logger,
      random,
      beforePoll: limit === undefined ? undefined : (signal) => limit.wait(signal),
      poll: async (signal) => readActivityTask(await service.poll(path, body, POLL_TIMEOUT_MS, signal)),
      onTask: (task, slot) => this.#start(task, slot, false),
      metrics: pollMetrics,
    });
  }

  // Every poll is the same, so it is encoded once.
  #encodePoll(): Uint8Array {
    const { host, service, taskQueuePerSecondMax } = this.#options;
    const { namespace, identity, buildId, instanceKey, deployment } = service.self;
    return WorkflowService.methods.PollActivityTaskQueue.request.encode({
      namespace,
      taskQueue: { name: host.taskQueue, kind: TaskQueueKind.NORMAL },
      identity,
      taskQueueMetadata:
        taskQueuePerSecondMax === undefined ? undefined : { maxTasksPerSecond: { value: taskQueuePerSecondMax } },
      workerVersionCapabilities: { buildId, useVersioning: false },
      deploymentOptions: deployment,
      workerInstanceKey: instanceKey,
    });
  }
}
