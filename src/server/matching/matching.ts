import type { VersionDirective } from "../../core/execution/versioning/effective.ts";
import { versionText } from "../../core/execution/versioning/version-text.ts";
import type { Clock } from "../../core/time/clock.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import type { Poll, TakeTask } from "./task-queue.ts";
import { TaskQueue } from "./task-queue.ts";
import type { Task, TaskQueueType } from "./task.ts";

// Every so many new queues, the ones nobody uses any more are dropped: each worker process brings a sticky queue with a
// name of its own.
const SWEEP_EVERY = 256;

// A poll that a worker sent before it shut down may arrive after that: for so long it is known that nobody waits for it.
const ENDED_WORKER_KNOWN_MS = 30_000;
const ENDED_WORKERS_MAX = 10_000;

/** Names one task queue. */
export interface TaskQueueAddress {
  readonly namespaceId: string;
  readonly type: TaskQueueType;
  readonly name: string;
}

/** The version whose workers get a task. */
export interface RoutedVersion extends WorkerDeploymentVersion {
  /** It has taken over the work of the build that the workflow was on. */
  readonly isRedirected?: true;
}

/** The version whose workers get a task; undefined means workers without one. */
export type RouteTask = (address: TaskQueueAddress, directive: VersionDirective) => RoutedVersion | undefined;

// Of the queue that workers without a version poll.
const UNVERSIONED = "";

/** All task queues of a server. They live in memory; what waits in them is offered anew when a server starts. */
export class Matching {
  readonly #clock: Clock;
  readonly #route: RouteTask;
  /** By address, then by the version of the workers that poll. */
  readonly #queues = new Map<string, Map<string, TaskQueue<Task>>>();
  readonly #fixedRates = new Map<string, number>();
  readonly #endedWorkers = new Map<string, number>();
  #created = 0;

  constructor(clock: Clock, route: RouteTask) {
    this.#clock = clock;
    this.#route = route;
  }

  /** Hands the task to a waiting poller of the queue or keeps it for one. */
  offer(address: TaskQueueAddress, task: Task): void {
    const version = task.directive === undefined ? undefined : this.#route(address, task.directive);
    this.#queue(address, toVersionKey(version)).offer(task);
  }

  /** The version whose workers a task would go to. */
  route(address: TaskQueueAddress, directive: VersionDirective): RoutedVersion | undefined {
    return this.#route(address, directive);
  }

  /** Sends what waits in a queue to where it has to go now. */
  reroute(address: TaskQueueAddress): void {
    const queues = this.#queues.get(toKey(address));
    if (queues === undefined) return;
    for (const [versionKey, queue] of queues) {
      const moved = queue.backlog.extract(
        ({ directive }) => directive !== undefined && toVersionKey(this.#route(address, directive)) !== versionKey,
      );
      for (const task of moved) this.offer(address, task);
    }
  }

  /** Waits for a task of the queue; `undefined` when there was none in time. */
  poll<Answer>(address: TaskQueueAddress, poll: Poll, take: TakeTask<Task, Answer>): Promise<Answer | undefined> {
    if (this.#hasEnded(poll.workerInstanceKey)) return Promise.resolve(undefined);
    return this.#queue(address, toVersionKey(poll.version)).poll(poll, take);
  }

  /** Ends the polls of a worker process on some queues, and whatever polls of it arrive late. */
  endWorker(workerInstanceKey: string, addresses: readonly TaskQueueAddress[]): void {
    this.#endedWorkers.set(workerInstanceKey, this.#clock.now() + ENDED_WORKER_KNOWN_MS);
    for (const [key, knownUntilMs] of this.#endedWorkers) {
      if (this.#endedWorkers.size <= ENDED_WORKERS_MAX && knownUntilMs > this.#clock.now()) break;
      this.#endedWorkers.delete(key);
    }
    for (const address of addresses) for (const queue of this.all(address)) queue.endPolls(workerInstanceKey);
  }

  /** The queue of a version's workers if it is in use; without a version, that of workers that have none. */
  find(address: TaskQueueAddress, version?: WorkerDeploymentVersion): TaskQueue<Task> | undefined {
    return this.#queues.get(toKey(address))?.get(toVersionKey(version));
  }

  /** The queues of all versions that are in use. */
  all(address: TaskQueueAddress): readonly TaskQueue<Task>[] {
    return [...(this.#queues.get(toKey(address))?.values() ?? [])];
  }

  /** Has the pollers of a queue come anew and sends what waits there to where it has to go now, whatever its type. */
  regroup({ namespaceId, name }: Omit<TaskQueueAddress, "type">): void {
    for (const type of ["workflow", "activity"] as const) {
      const address = { namespaceId, type, name };
      for (const queue of this.all(address)) queue.endPolls();
      this.reroute(address);
    }
  }

  /** How many tasks a second a queue hands out at most, whatever its pollers say; undefined leaves it to them. */
  fixRate(address: TaskQueueAddress, ratePerSecond: number | undefined): void {
    if (ratePerSecond === undefined) this.#fixedRates.delete(toKey(address));
    else this.#fixedRates.set(toKey(address), ratePerSecond);
    for (const queue of this.all(address)) queue.fixRate(ratePerSecond);
  }

  /** Whether a worker polls this queue, or did so a moment ago. */
  hasRecentPoller(address: TaskQueueAddress): boolean {
    return this.all(address).some((queue) => queue.hasRecentPoller);
  }

  /** Ends all polls and forgets who polled, so that the queue counts as one without workers. */
  release(address: TaskQueueAddress): void {
    for (const queue of this.all(address)) {
      queue.endPolls();
      queue.pollers.forget();
    }
  }

  /** Ends all polls. */
  close(): void {
    for (const queues of this.#queues.values()) for (const queue of queues.values()) queue.close();
  }

  #hasEnded(workerInstanceKey: string): boolean {
    const knownUntilMs = workerInstanceKey === "" ? undefined : this.#endedWorkers.get(workerInstanceKey);
    return knownUntilMs !== undefined && knownUntilMs > this.#clock.now();
  }

  #queue(address: TaskQueueAddress, versionKey: string): TaskQueue<Task> {
    const key = toKey(address);
    const known = this.#queues.get(key)?.get(versionKey);
    if (known !== undefined) return known;
    this.#created += 1;
    if (this.#created % SWEEP_EVERY === 0) this.#sweep();
    const queue = new TaskQueue<Task>(address.name, this.#clock);
    const fixedRate = this.#fixedRates.get(key);
    if (fixedRate !== undefined) queue.fixRate(fixedRate);
    const queues = this.#queues.get(key);
    if (queues === undefined) this.#queues.set(key, new Map([[versionKey, queue]]));
    else queues.set(versionKey, queue);
    return queue;
  }

  #sweep(): void {
    for (const [key, queues] of this.#queues) {
      for (const [versionKey, queue] of queues) if (queue.idle) queues.delete(versionKey);
      if (queues.size === 0) this.#queues.delete(key);
    }
  }
}

function toVersionKey(version: WorkerDeploymentVersion | undefined): string {
  return version === undefined ? UNVERSIONED : versionText(version);
}

function toKey({ namespaceId, type, name }: TaskQueueAddress): string {
  return `${namespaceId}/${type}/${name}`;
}
