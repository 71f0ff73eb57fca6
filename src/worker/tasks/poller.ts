import { setMaxListeners } from "node:events";
import type { Clock } from "../../core/time/clock.ts";
import type { Logger } from "../../core/telemetry/logger.ts";
import { callWithRetry } from "../../rpc/retry.ts";
import { asRPCError, type RPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode, statusName } from "../../rpc/status.ts";
import type { PollMetrics } from "../metrics/worker-metrics.ts";
import type { PollScale } from "./poll-scale.ts";
import type { Slot, Slots } from "./slots.ts";
import { Pending } from "./waiting.ts";

/** What a long poll is given on the worker's side; the service answers an idle one after about a minute. */
export const POLL_TIMEOUT_MS = 70_000;
/** From this failure in a row on, failures of a poll are worth a warning. */
const WARN_FAILURES = 5;

/** A poll's answer: a task, or none when the poll ran out of time. */
export interface PollAnswer<Task> {
  readonly task: Task | undefined;
  /** How many polls more or less the service would have. */
  readonly pollsDelta: number | undefined;
}

/** How polling goes. */
export interface PollReport {
  readonly open: number;
  /** Milliseconds since the epoch. */
  readonly lastAnswerMs: number | undefined;
}

/** What a {@link Poller} polls, with what, and for whom. */
export interface PollerOptions<Task> {
  /** What is polled for, for logs and errors. */
  readonly name: string;
  readonly slots: Slots;
  readonly isSticky?: boolean;
  readonly scale: PollScale;
  readonly clock: Clock;
  readonly logger: Logger;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** Waited for before a slot is asked for: rate limits and balance between queues. */
  readonly beforePoll?: ((signal: AbortSignal) => Promise<void> | undefined) | undefined;
  readonly poll: (signal: AbortSignal) => Promise<PollAnswer<Task>>;
  /** Takes over the task and its slot. Must not throw. */
  readonly onTask: (task: Task, slot: Slot) => void;
  readonly metrics?: PollMetrics | undefined;
}

/** Keeps long polls of one task queue open, each with a slot reserved before it. */
export class Poller<Task> {
  readonly #options: PollerOptions<Task>;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  readonly #pending = new Pending();
  #lastAnswerMs: number | undefined;
  #fatal: ((error: RPCError) => void) | undefined;

  constructor(options: PollerOptions<Task>) {
    this.#options = options;
    // Every poll and every wait listens to these.
    setMaxListeners(0, this.#stopping.signal, this.#aborting.signal);
  }

  /** Polls open now, and when one was answered last. */
  get report(): PollReport {
    return { open: this.#options.scale.active, lastAnswerMs: this.#lastAnswerMs };
  }

  /** Resolves when the poller was stopped and its last poll has ended; rejects when polling cannot go on. */
  async run(): Promise<void> {
    const failed = new Promise<never>((_resolve, reject) => {
      this.#fatal = reject;
    });
    try {
      await Promise.race([this.#loop(), failed]);
    } finally {
      this.stop();
    }
    await this.#pending.idle();
  }

  /** Opens no more polls. Those that are open may still bring tasks. */
  stop(): void {
    this.#stopping.abort(new Error(`Polling for ${this.#options.name} has stopped`));
  }

  /** Stops and ends open polls. */
  abort(): void {
    this.stop();
    this.#aborting.abort(new Error(`Polling for ${this.#options.name} has ended`));
  }

  async #loop(): Promise<void> {
    const { slots, scale, beforePoll, isSticky, metrics } = this.#options;
    const { signal } = this.#stopping;
    let slot: Slot | undefined;
    try {
      for (;;) {
        await beforePoll?.(signal);
        slot = await slots.reserve(signal, isSticky);
        await scale.enter(signal);
        metrics?.opened(scale.active);
        const taken = slot;
        slot = undefined;
        this.#pending.add();
        void this.#pollOnce(taken).finally(() => this.#pending.remove());
      }
    } catch (error) {
      slot?.release();
      if (!signal.aborted) throw error;
    }
  }

  async #pollOnce(slot: Slot): Promise<void> {
    const { clock, onTask, metrics } = this.#options;
    let answer: PollAnswer<Task>;
    try {
      answer = await this.#pollWithRetry();
    } catch (error) {
      slot.release();
      this.#leave();
      if (!this.#stopping.signal.aborted) this.#fatal?.(asRPCError(error));
      return;
    }
    this.#lastAnswerMs = clock.now();
    this.#options.scale.answered(answer.task === undefined, answer.pollsDelta);
    this.#leave();
    metrics?.answered(answer.task !== undefined);
    if (answer.task === undefined) slot.release();
    else onTask(answer.task, slot);
  }

  #leave(): void {
    const { scale, metrics } = this.#options;
    scale.leave();
    metrics?.opened(scale.active);
  }

  #pollWithRetry(): Promise<PollAnswer<Task>> {
    const { clock, random, poll } = this.#options;
    const { signal } = this.#stopping;
    return callWithRetry(() => poll(this.#aborting.signal), {
      clock,
      random,
      kind: "taskPoll",
      signal,
      isFinal: () => signal.aborted,
      onRetry: (error, tries) => this.#noteFailure(error, tries),
    });
  }

  #noteFailure(error: RPCError, tries: number): void {
    const { name, logger, scale } = this.#options;
    if (error.status === RPCStatusCode.CANCELLED || error.status === RPCStatusCode.DEADLINE_EXCEEDED) return;
    scale.failed(error.status === RPCStatusCode.RESOURCE_EXHAUSTED);
    const level = tries >= WARN_FAILURES ? "warn" : "debug";
    logger[level](`Poll for ${name} failed, it is tried again after a wait`, {
      status: statusName(error.status),
      error: error.message,
      tries,
    });
  }
}
