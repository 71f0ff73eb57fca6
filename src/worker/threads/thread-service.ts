/** What a thread does for the main thread: methods over plain data. */
export type ThreadService = Readonly<Record<string, (...args: never[]) => unknown>>;

/** What a thread's service is given. */
export interface ThreadContext {
  /** Calls a method of the main thread's host and waits for its answer. */
  call(method: string, ...args: unknown[]): Promise<unknown>;
  /** Calls a method of the main thread's host and does not wait. */
  notify(method: string, ...args: unknown[]): void;
  /** Runs code of a workflow run under the eyes of the watchdog, which ends the thread if it does not return. */
  guard<T>(runId: string, code: () => T): T;
}

/** Makes a thread's service; `init` is plain data from the main thread. Exported as `createService` by a thread's module. */
export type CreateThreadService = (init: unknown, context: ThreadContext) => ThreadService | Promise<ThreadService>;

/** What the main thread does for its threads: methods over plain data. */
export type ThreadHost = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Why a thread ended before it was stopped, and what went with it. */
export interface LostThread {
  readonly cause: "deadlock" | "outOfMemory" | "crash";
  /** The run that was at work then, as far as it is known. */
  readonly runId: string | undefined;
  /** Where the run was, if that could be found out. */
  readonly stack: string | undefined;
  /** Every run that the thread held; each starts anew from its history. */
  readonly runIds: readonly string[];
  readonly error: Error;
}

/** Runs services beside the main thread, or in line, and keeps each run with the one that holds its state. */
export interface ServicePool {
  /** Runs that services hold now. */
  readonly runCount: number;
  /**
   * Calls a method of the service that holds run `runId`.
   *
   * @throws {WorkflowDeadlockError} If the run held its thread for too long.
   * @throws {WorkflowOutOfMemoryError} If the thread ran out of memory while it ran this run.
   * @throws {WorkflowThreadLostError} If the thread ended for another reason: call again, and the run starts anew elsewhere.
   * @throws {WorkflowThreadsStoppedError} If the pool has been stopped.
   */
  call(runId: string, method: string, ...args: unknown[]): Promise<unknown>;
  /** Calls a method of the service that holds the run, if one does, and does not wait. */
  notify(runId: string, method: string, ...args: unknown[]): void;
  /**
   * Forgets which service holds the run, unless more calls than `calls` have been made since it was forgotten last: then
   * the service holds the run again by now.
   */
  release(runId: string, calls?: number): void;
  /** Calls a method of every service that has been started, then ends them; `undefined` calls none. */
  stop(method?: string): Promise<void>;
}
