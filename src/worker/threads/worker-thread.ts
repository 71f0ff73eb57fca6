import { Worker, type ResourceLimits } from "node:worker_threads";
import { Outbox } from "../../rpc/thread-message.ts";
import { createHeartbeat, readBeat, type Beat } from "./heartbeat.ts";
import { WorkflowThreadLostError } from "./thread-error.ts";
import {
  fromPlainError,
  toPlainError,
  type CallMessage,
  type MainMessage,
  type ThreadData,
  type ThreadMessage,
} from "./thread-message.ts";
import type { ThreadScript } from "./thread-script.ts";
import type { ThreadHost } from "./thread-service.ts";
import { stackOfStuckThread } from "./thread-stack.ts";

/** What a {@link WorkerThread} is made of. */
export interface WorkerThreadOptions {
  readonly name: string;
  readonly script: ThreadScript;
  readonly host: ThreadHost;
  readonly resourceLimits: ResourceLimits;
  /** Called once, if the thread ends before it is told to. */
  readonly onLost: (error: Error) => void;
}

interface PendingCall {
  readonly runId: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One thread with its service, and the calls that it has not answered yet. */
export class WorkerThread {
  readonly #worker: Worker;
  readonly #outbox: Outbox<MainMessage>;
  readonly #heartbeat = createHeartbeat();
  readonly #host: ThreadHost;
  readonly #pending = new Map<number, PendingCall>();
  /** Runs held, each with the number by which the heartbeat names it. */
  readonly #runs = new Map<string, number>();
  #lastId = 0;
  #lastRun = 0;
  #hasEnded = false;

  constructor({ name, script, host, resourceLimits, onLost }: WorkerThreadOptions) {
    this.#host = host;
    const workerData: ThreadData = { heartbeat: this.#heartbeat };
    // Loaders that the process was started with would be loaded by every thread again, which needs none of them.
    const options = { name, workerData, resourceLimits, execArgv: [] };
    this.#worker =
      script.kind === "file" ? new Worker(script.url, options) : new Worker(script.code, { ...options, eval: true });
    this.#outbox = new Outbox(this.#worker);
    this.#worker.on("message", (messages: readonly ThreadMessage[]) => {
      for (const message of messages) this.#receive(message);
    });
    let lastError: Error | undefined;
    this.#worker.on("error", (error: Error) => (lastError = error));
    this.#worker.once("exit", (code) => {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      onLost(lastError ?? new Error(`Workflow thread "${name}" ended by itself: exit code ${code}`));
    });
    this.#worker.unref();
  }

  /** Gives the thread what its service is made from. To be called once, before any call. */
  initialize(init: unknown): void {
    this.#outbox.post({ kind: "init", init });
  }

  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  get runCount(): number {
    return this.#runs.size;
  }

  get runIds(): readonly string[] {
    return [...this.#runs.keys()];
  }

  /** What the thread is doing now, as it says itself. */
  beat(): Beat {
    return readBeat(this.#heartbeat);
  }

  /** The run that the heartbeat calls by this number. */
  runByNumber(number: number): string | undefined {
    for (const [runId, own] of this.#runs) if (own === number) return runId;
    return undefined;
  }

  call(runId: string, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#hasEnded)
      return Promise.reject(new WorkflowThreadLostError(`Cannot call "${method}": the workflow thread has ended`));
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.#pending.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { runId, resolve, reject });
      this.#outbox.post({ kind: "call", id, method, args, run: this.#numberOf(runId) });
    });
  }

  notify(runId: string, method: string, args: readonly unknown[]): void {
    this.#outbox.post({ kind: "call", id: undefined, method, args, run: this.#numberOf(runId) });
  }

  release(runId: string): void {
    if (this.#runs.delete(runId)) this.#outbox.post({ kind: "release", runId });
  }

  /** Where the thread hangs, if that can be found out; to be asked only before {@link end}. */
  stack(): Promise<string | undefined> {
    return stackOfStuckThread(this.#worker);
  }

  /** Ends the thread at once; calls in progress are rejected with what `errorFor` says of their run. */
  async end(errorFor: (runId: string) => Error): Promise<void> {
    this.#hasEnded = true;
    this.rejectAll(errorFor);
    this.#worker.unref();
    await this.#worker.terminate();
  }

  rejectAll(errorFor: (runId: string) => Error): void {
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const { runId, reject } of calls) reject(errorFor(runId));
  }

  #numberOf(runId: string): { readonly id: string; readonly number: number } {
    let number = this.#runs.get(runId);
    if (number === undefined) {
      // Zero says that no run is known; the rest of the 32 bits go round.
      this.#lastRun = (this.#lastRun % 0x7fffffff) + 1;
      number = this.#lastRun;
      this.#runs.set(runId, number);
    }
    return { id: runId, number };
  }

  #receive(message: ThreadMessage): void {
    switch (message.kind) {
      case "ready":
        return;
      case "call":
        void this.#answer(message);
        return;
      case "answer":
        this.#take(message.id)?.resolve(message.result);
        return;
      case "fail":
        this.#take(message.id)?.reject(fromPlainError(message.error));
    }
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    if (this.#pending.delete(id) && this.#pending.size === 0) this.#worker.unref();
    return call;
  }

  async #answer({ id, method, args }: CallMessage): Promise<void> {
    try {
      const called = this.#host[method];
      if (called === undefined)
        throw new TypeError(`Cannot call "${method}" from a workflow thread: its host has no such method`);
      const result = await called.apply(this.#host, args as never[]);
      if (id !== undefined) this.#outbox.post({ kind: "answer", id, result });
    } catch (error) {
      if (id !== undefined) this.#outbox.post({ kind: "fail", id, error: toPlainError(error) });
    }
  }
}
