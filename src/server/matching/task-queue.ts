import type { CancelTimer, Clock } from "../../core/time/clock.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import type { CallSignal } from "../../rpc/transport.ts";
import { Backlog } from "./backlog.ts";
import { PollScaling } from "./poll-scaling.ts";
import { PollerLog } from "./poller-log.ts";
import { RateLimit, RateMeter } from "./rate.ts";
import type { QueuedTask } from "./task.ts";

// As the service has it: a sticky queue without a poller for this long counts as gone.
const RECENT_POLLER_MS = 10_000;
// A queue that nobody used for this long holds nothing worth keeping.
const IDLE_MS = 5 * 60_000;

/** One long poll. */
export interface Poll {
  readonly identity: string;
  /** The poll ends empty at this instant, in milliseconds since the epoch. */
  readonly untilMs: number;
  readonly signal: CallSignal;
  /** Names the worker process, so that its polls can be ended together. */
  readonly workerInstanceKey: string;
  /** Tasks a second this queue may hand out; the last poller's word counts. */
  readonly ratePerSecond: number | undefined;
  readonly deploymentOptions: Uint8Array | undefined;
  /** Encoded `WorkerVersionCapabilities`, as workers before deployments say of themselves. */
  readonly versionCapabilities?: Uint8Array | undefined;
  /** Of the worker; undefined if it has none, and on queues that one worker alone polls. */
  readonly version?: WorkerDeploymentVersion | undefined;
  /** Told, before the poll is answered with a task, by how many polls the worker should have more or less. */
  readonly onScaling?: ((pollsDelta: number) => void) | undefined;
}

/**
 * Tries to turn a task into the poll's answer, at once and for good. `undefined` means that the task is no longer wanted:
 * it is dropped and the poll goes on.
 */
export type TakeTask<T, Answer> = (task: T) => Answer | undefined;

interface Waiter<T> {
  readonly poll: Poll;
  readonly sinceMs: number;
  /** Whether the task was used; if not, it is stale and the waiter goes on waiting. */
  readonly give: (task: T, scale: () => void) => boolean;
  readonly end: () => void;
}

/** One task queue: tasks without pollers, or pollers without tasks. */
export class TaskQueue<T extends QueuedTask> {
  readonly name: string;
  readonly pollers = new PollerLog();
  readonly added: RateMeter;
  readonly dispatched: RateMeter;
  readonly #clock: Clock;
  readonly #backlog = new Backlog<T>();
  readonly #waiters = new Set<Waiter<T>>();
  readonly #scaling: PollScaling;
  #limit: RateLimit | undefined;
  /** Tasks a second that an operator allows, whatever the pollers say. */
  #fixedRate: number | undefined;
  #cancelDrain: CancelTimer | undefined;
  #usedMs: number;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
    this.#usedMs = clock.now();
    this.#scaling = new PollScaling(this.#usedMs);
    this.added = new RateMeter(this.#usedMs);
    this.dispatched = new RateMeter(this.#usedMs);
  }

  get backlog(): Backlog<T> {
    return this.#backlog;
  }

  /** Tasks a second that pollers allow; `undefined` without a limit. */
  get ratePerSecond(): number | undefined {
    return this.#limit?.perSecond;
  }

  /** Tasks a second to hand out at most; undefined leaves that to the pollers. */
  fixRate(ratePerSecond: number | undefined): void {
    this.#fixedRate = ratePerSecond;
    if (ratePerSecond === undefined) this.#limit = undefined;
    else this.#setLimit(ratePerSecond, this.#clock.now());
    this.#drain();
  }

  get idle(): boolean {
    return this.#backlog.size === 0 && this.#waiters.size === 0 && this.#clock.now() - this.#usedMs > IDLE_MS;
  }

  /** Whether a worker is polling or did so a moment ago. */
  get hasRecentPoller(): boolean {
    return this.#waiters.size > 0 || this.#clock.now() - this.pollers.lastAccessMs <= RECENT_POLLER_MS;
  }

  /** Hands the task to a waiting poller or keeps it. */
  offer(task: T): void {
    const nowMs = this.#clock.now();
    this.#usedMs = nowMs;
    this.added.count(nowMs);
    if (this.#backlog.size === 0 && this.#waiters.size > 0 && this.#mayDispatch(nowMs)) {
      if (this.#give(task, nowMs, false)) return;
    } else {
      this.#backlog.push(task);
      this.#drain();
    }
  }

  /** Waits for a task; `undefined` when none came in time, or the caller or the queue ended the poll. */
  poll<Answer>(poll: Poll, take: TakeTask<T, Answer>): Promise<Answer | undefined> {
    const nowMs = this.#clock.now();
    this.#usedMs = nowMs;
    this.pollers.record({
      identity: poll.identity,
      lastAccessMs: nowMs,
      ratePerSecond: poll.ratePerSecond,
      deploymentOptions: poll.deploymentOptions,
      versionCapabilities: poll.versionCapabilities,
    });
    this.#setLimit(this.#fixedRate ?? poll.ratePerSecond, nowMs);
    if (poll.signal.aborted || poll.untilMs <= nowMs) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => this.#wait(poll, take, resolve, reject));
  }

  /** Ends the polls of one worker process, or all of them. */
  endPolls(workerInstanceKey?: string): number {
    let ended = 0;
    for (const waiter of this.#waiters) {
      if (workerInstanceKey !== undefined && waiter.poll.workerInstanceKey !== workerInstanceKey) continue;
      waiter.end();
      if (workerInstanceKey !== undefined) this.pollers.remove(waiter.poll.identity);
      ended += 1;
    }
    return ended;
  }

  close(): void {
    this.endPolls();
    this.#cancelDrain?.();
    this.#cancelDrain = undefined;
  }

  #wait<Answer>(
    poll: Poll,
    take: TakeTask<T, Answer>,
    resolve: (answer: Answer | undefined) => void,
    reject: (error: unknown) => void,
  ): void {
    const leave = (): void => {
      this.#waiters.delete(waiter);
      cancelTimer();
      poll.signal.removeEventListener("abort", end);
    };
    const end = (): void => {
      leave();
      resolve(undefined);
    };
    const give = (task: T, scale: () => void): boolean => {
      try {
        const answer = take(task);
        if (answer === undefined) return false;
        leave();
        scale();
        resolve(answer);
      } catch (error) {
        leave();
        reject(error);
      }
      return true;
    };
    const waiter: Waiter<T> = { poll, sinceMs: this.#clock.now(), give, end };
    const cancelTimer = this.#clock.schedule(poll.untilMs, end);
    poll.signal.addEventListener("abort", end);
    this.#waiters.add(waiter);
    this.#drain();
  }

  #drain(): void {
    while (this.#backlog.size > 0 && this.#waiters.size > 0) {
      const nowMs = this.#clock.now();
      if (!this.#mayDispatch(nowMs)) return;
      const task = this.#backlog.shift();
      if (task !== undefined) this.#give(task, nowMs, true);
    }
  }

  /** Gives to the poller that has waited longest. */
  #give(task: T, nowMs: number, wasWaiting: boolean): boolean {
    for (const waiter of this.#waiters) {
      return waiter.give(task, () => {
        this.dispatched.count(nowMs);
        this.#scale(waiter, nowMs, wasWaiting);
      });
    }
    return false;
  }

  #scale({ poll, sinceMs }: Waiter<T>, nowMs: number, wasWaiting: boolean): void {
    const { onScaling } = poll;
    if (onScaling === undefined) return;
    const { oldestMs } = this.#backlog;
    const pollsDelta = this.#scaling.suggest({
      nowMs,
      waitedMs: nowMs - sinceMs,
      wasWaiting,
      workers: this.pollers.size,
      backlogAgeMs: oldestMs === undefined ? undefined : nowMs - oldestMs,
      isLimited: this.#cancelDrain !== undefined,
      addedPerSecond: () => this.added.perSecond(nowMs),
      dispatchedPerSecond: () => this.dispatched.perSecond(nowMs),
    });
    if (pollsDelta !== undefined) onScaling(pollsDelta);
  }

  #mayDispatch(nowMs: number): boolean {
    const limit = this.#limit;
    if (limit === undefined || limit.take(nowMs)) return true;
    const nextMs = limit.nextMs(nowMs);
    if (this.#cancelDrain === undefined && Number.isFinite(nextMs)) {
      this.#cancelDrain = this.#clock.schedule(nextMs, () => {
        this.#cancelDrain = undefined;
        this.#drain();
      });
    }
    return false;
  }

  #setLimit(ratePerSecond: number | undefined, nowMs: number): void {
    if (ratePerSecond === undefined || ratePerSecond === this.#limit?.perSecond) return;
    this.#limit = new RateLimit(ratePerSecond, nowMs);
  }
}
