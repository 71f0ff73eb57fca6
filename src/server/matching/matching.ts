import type { Clock } from "../../core/time/clock.ts";
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

/** All task queues of a server. They live in memory; what waits in them is offered anew when a server starts. */
export class Matching {
  readonly #clock: Clock;
  readonly #queues = new Map<string, TaskQueue<Task>>();
  readonly #endedWorkers = new Map<string, number>();
  #created = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Hands the task to a waiting poller of the queue or keeps it for one. */
  offer(address: TaskQueueAddress, task: Task): void {
    this.#queue(address).offer(task);
  }

  /** Waits for a task of the queue; `undefined` when there was none in time. */
  poll<Answer>(address: TaskQueueAddress, poll: Poll, take: TakeTask<Task, Answer>): Promise<Answer | undefined> {
    if (this.#hasEnded(poll.workerInstanceKey)) return Promise.resolve(undefined);
    return this.#queue(address).poll(poll, take);
  }

  /** Ends the polls of a worker process on some queues, and whatever polls of it arrive late. */
  endWorker(workerInstanceKey: string, addresses: readonly TaskQueueAddress[]): void {
    this.#endedWorkers.set(workerInstanceKey, this.#clock.now() + ENDED_WORKER_KNOWN_MS);
    for (const [key, knownUntilMs] of this.#endedWorkers) {
      if (this.#endedWorkers.size <= ENDED_WORKERS_MAX && knownUntilMs > this.#clock.now()) break;
      this.#endedWorkers.delete(key);
    }
    for (const address of addresses) this.find(address)?.endPolls(workerInstanceKey);
  }

  /** The queue if it is in use. */
  find(address: TaskQueueAddress): TaskQueue<Task> | undefined {
    return this.#queues.get(toKey(address));
  }

  /** Whether a worker polls this queue, or did so a moment ago. */
  hasRecentPoller(address: TaskQueueAddress): boolean {
    return this.find(address)?.hasRecentPoller ?? false;
  }

  /** Ends all polls and forgets who polled, so that the queue counts as one without workers. */
  release(address: TaskQueueAddress): void {
    const queue = this.find(address);
    queue?.endPolls();
    queue?.pollers.forget();
  }

  /** Ends all polls. */
  close(): void {
    for (const queue of this.#queues.values()) queue.close();
  }

  #hasEnded(workerInstanceKey: string): boolean {
    const knownUntilMs = workerInstanceKey === "" ? undefined : this.#endedWorkers.get(workerInstanceKey);
    return knownUntilMs !== undefined && knownUntilMs > this.#clock.now();
  }

  #queue(address: TaskQueueAddress): TaskQueue<Task> {
    const key = toKey(address);
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    this.#created += 1;
    if (this.#created % SWEEP_EVERY === 0) this.#sweep();
    const queue = new TaskQueue<Task>(address.name, this.#clock);
    this.#queues.set(key, queue);
    return queue;
  }

  #sweep(): void {
    for (const [key, queue] of this.#queues) {
      if (queue.idle) this.#queues.delete(key);
    }
  }
}

function toKey({ namespaceId, type, name }: TaskQueueAddress): string {
  return `${namespaceId}/${type}/${name}`;
}
