import { repeatInBackground } from "../../rpc/host-clock.ts";
import { StuckDetector } from "./stuck-detector.ts";
import {
  WorkflowDeadlockError,
  WorkflowOutOfMemoryError,
  WorkflowThreadLostError,
  WorkflowThreadsStoppedError,
} from "./thread-error.ts";
import { threadScript } from "./thread-script.ts";
import type { LostThread, ServicePool, ThreadHost } from "./thread-service.ts";
import { WorkerThread } from "./worker-thread.ts";

/** What a {@link ThreadPool} is made of. */
export interface ThreadPoolOptions {
  /** Module that exports `createService`. */
  readonly module: URL;
  /** Given to `createService` in every thread: plain data, or a promise of it, while which threads load their code. */
  readonly init: unknown;
  /** What threads may call. */
  readonly host: ThreadHost;
  /** Threads started at most, each when it is first needed. @default 1 */
  readonly threadsMax?: number;
  /** How long workflow code may run without yielding; 0 never ends a thread. @default 2000 */
  readonly deadlockTimeoutMs?: number;
  /** Heap of each thread in megabytes. @default V8's own limit */
  readonly memoryMbMax?: number | undefined;
  /** Makes the stack of a stuck thread readable. @default as the engine gives it */
  readonly mapStack?: (stack: string) => string;
  /** Told of every thread that ended before it was stopped; calls that it had not answered are rejected too. */
  readonly onLost?: (lost: LostThread) => void;
}

interface Slot {
  readonly name: string;
  thread: Promise<WorkerThread> | undefined;
  /** The same thread once it has been started. */
  started: WorkerThread | undefined;
  runs: number;
}

/** Which slot has a run, and the calls about it. */
interface Pin {
  readonly slot: Slot;
  calls: number;
}

const LOOKS_PER_TIMEOUT = 5;

/** Runs a service in threads: each run stays with one thread, and a thread that hangs or dies is replaced. */
export class ThreadPool implements ServicePool {
  readonly #options: ThreadPoolOptions;
  readonly #deadlockTimeoutMs: number;
  readonly #slots: readonly Slot[];
  readonly #pins = new Map<string, Pin>();
  readonly #detectors = new WeakMap<WorkerThread, StuckDetector>();
  #stopWatching: (() => void) | undefined;
  #isStopped = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
    this.#deadlockTimeoutMs = options.deadlockTimeoutMs ?? 2_000;
    this.#slots = Array.from({ length: Math.max(1, options.threadsMax ?? 1) }, (_, index) => ({
      name: `perdure-workflows-${index + 1}`,
      thread: undefined,
      started: undefined,
      runs: 0,
    }));
  }

  get runCount(): number {
    return this.#pins.size;
  }

  /** Starts the first thread before it is needed; whether it can start, the first call finds out. */
  start(): void {
    const [first] = this.#slots;
    if (first !== undefined) this.#start(first).catch(() => undefined);
  }

  async call(runId: string, method: string, ...args: unknown[]): Promise<unknown> {
    const slot = this.#pin(runId);
    const thread = slot.started ?? (await this.#start(slot));
    if (this.#isStopped) throw stoppedError();
    return thread.call(runId, method, args);
  }

  notify(runId: string, method: string, ...args: unknown[]): void {
    this.#pins.get(runId)?.slot.started?.notify(runId, method, args);
  }

  release(runId: string, calls = Infinity): void {
    const pin = this.#pins.get(runId);
    if (pin === undefined) return;
    pin.calls -= calls;
    if (pin.calls > 0) return;
    this.#pins.delete(runId);
    pin.slot.runs -= 1;
    pin.slot.started?.release(runId);
  }

  async stop(method?: string): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopWatching?.();
    await Promise.all(this.#slots.map((slot) => this.#stopSlot(slot, method)));
  }

  async #stopSlot(slot: Slot, method: string | undefined): Promise<void> {
    const thread = slot.started ?? (await slot.thread?.catch(() => undefined));
    if (thread === undefined) return;
    try {
      if (method !== undefined) await thread.call("", method, []);
    } finally {
      await thread.end(stoppedError);
    }
  }

  #pin(runId: string): Slot {
    if (this.#isStopped) throw stoppedError();
    let pin = this.#pins.get(runId);
    if (pin === undefined) {
      const slot = this.#slots.reduce((least, other) => (other.runs < least.runs ? other : least));
      slot.runs += 1;
      pin = { slot, calls: 0 };
      this.#pins.set(runId, pin);
    }
    pin.calls += 1;
    return pin.slot;
  }

  #start(slot: Slot): Promise<WorkerThread> {
    slot.thread ??= this.#startThread(slot).catch((error: unknown) => {
      slot.thread = undefined;
      throw error;
    });
    return slot.thread;
  }

  async #startThread(slot: Slot): Promise<WorkerThread> {
    const { module, init, host, memoryMbMax } = this.#options;
    const script = await threadScript(module);
    if (this.#isStopped) throw stoppedError();
    const resourceLimits = memoryMbMax === undefined ? {} : { maxOldGenerationSizeMb: memoryMbMax };
    const onLost = (error: Error): void => this.#lose(slot, thread, error);
    const thread = new WorkerThread({ name: slot.name, script, host, resourceLimits, onLost });
    try {
      thread.initialize(await init);
    } catch (error) {
      await thread.end(() => new WorkflowThreadLostError("Cannot run workflow code: it could not be prepared"));
      throw error;
    }
    slot.started = thread;
    this.#watch(thread);
    return thread;
  }

  #watch(thread: WorkerThread): void {
    const limitMs = this.#deadlockTimeoutMs;
    if (limitMs === 0) return;
    const intervalMs = Math.max(1, limitMs / LOOKS_PER_TIMEOUT);
    this.#detectors.set(thread, new StuckDetector(limitMs, 2 * intervalMs));
    if (this.#stopWatching !== undefined) return;
    let lastMs = performance.now();
    this.#stopWatching = repeatInBackground(intervalMs, () => {
      const nowMs = performance.now();
      for (const slot of this.#slots) this.#look(slot, nowMs - lastMs);
      lastMs = nowMs;
    });
  }

  #look(slot: Slot, elapsedMs: number): void {
    const thread = slot.started;
    if (thread === undefined) return;
    const beat = thread.beat();
    if (this.#detectors.get(thread)?.look(beat, elapsedMs) !== true) return;
    this.#detectors.delete(thread);
    void this.#endStuck(slot, thread, thread.runByNumber(beat.run));
  }

  async #endStuck(slot: Slot, thread: WorkerThread, runId: string | undefined): Promise<void> {
    const raw = await thread.stack();
    const stack = raw === undefined ? undefined : (this.#options.mapStack?.(raw) ?? raw);
    const seconds = this.#deadlockTimeoutMs / 1_000;
    const message = `[TMPRL1101] Potential deadlock detected: workflow run "${runId}" did not yield within ${seconds} s, look for a loop without an end or for blocking work`;
    const error = new WorkflowDeadlockError(stack === undefined ? message : `${message}\n${stack}`);
    this.#forget(slot, thread, { cause: "deadlock", runId, stack, runIds: thread.runIds, error });
    await thread.end((pendingRun) =>
      pendingRun === runId ? error : lostError("another workflow run on it did not yield"),
    );
  }

  /** A thread has ended by itself. */
  #lose(slot: Slot, thread: WorkerThread, cause: Error): void {
    const { isBusy, run } = thread.beat();
    const runId = isBusy ? thread.runByNumber(run) : undefined;
    const isMemory = "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
    const error = isMemory
      ? new WorkflowOutOfMemoryError(
          `Cannot go on with workflow run "${runId}": its thread ran out of memory, let the workflow hold less or raise the limit`,
          { cause },
        )
      : new WorkflowThreadLostError(`Cannot go on with workflow runs: their thread ended, ${cause.message}`, { cause });
    this.#forget(slot, thread, {
      cause: isMemory ? "outOfMemory" : "crash",
      runId,
      stack: undefined,
      runIds: thread.runIds,
      error,
    });
    thread.rejectAll((pendingRun) => (!isMemory || pendingRun === runId ? error : lostError(cause.message)));
  }

  /** The runs of a thread that is no more go anywhere; the next call starts a new thread. */
  #forget(slot: Slot, thread: WorkerThread, lost: LostThread): void {
    if (slot.started !== thread) return;
    slot.started = undefined;
    slot.thread = undefined;
    for (const runId of thread.runIds) {
      if (this.#pins.delete(runId)) slot.runs -= 1;
    }
    this.#options.onLost?.(lost);
  }
}

function stoppedError(): Error {
  return new WorkflowThreadsStoppedError(`Cannot run workflow code: the worker's threads have been stopped`);
}

function lostError(reason: string): Error {
  return new WorkflowThreadLostError(`Cannot go on with workflow run: its thread ended, ${reason}; replay the run`);
}
