import { writableFrame } from "./runtime/current.ts";
import { Operation, rejected } from "./runtime/operation.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/** Those who wait for their turn, first come first served. A cancelled scope takes its own out. */
class WaitingLine {
  readonly #waiting = new Set<Operation<void>>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Waits for a turn. */
  wait(action: string): Promise<void> {
    const { scope } = writableFrame(action);
    const cancelled = scope.takeUndelivered();
    if (cancelled !== undefined) return rejected(cancelled);
    const operation = new Operation<void>(scope, (error) => {
      this.#waiting.delete(operation);
      operation.fail(error);
    });
    this.#waiting.add(operation);
    return operation.promise;
  }

  /** Gives the first one its turn; false if nobody waits. */
  wakeOne(): boolean {
    for (const operation of this.#waiting) {
      this.#waiting.delete(operation);
      operation.complete();
      return true;
    }
    return false;
  }
}

/** Lets so many at a time into a part of a workflow. */
export class Semaphore {
  readonly #line = new WaitingLine();
  #free: number;

  /** @throws {WorkflowUsageError} If `permits` is no whole number from 0 up. */
  constructor(permits: number) {
    if (!Number.isInteger(permits) || permits < 0)
      throw new WorkflowUsageError(
        `Cannot make a semaphore: found ${permits} permits, expected a whole number from 0 up`,
      );
    this.#free = permits;
  }

  /** Whether one that comes now has to wait. */
  get isLocked(): boolean {
    return this.#free === 0;
  }

  /**
   * Takes a permit, or waits for one.
   *
   * @throws {CancelledError} If the scope is cancelled meanwhile.
   */
  async acquire(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    // A permit given back goes straight to the first in line, so that nobody can get in between.
    else await this.#line.wait("wait for a semaphore");
  }

  /** Gives a permit back. */
  release(): void {
    if (!this.#line.wakeOne()) this.#free += 1;
  }

  /** Runs code that holds a permit. */
  async run<T>(code: () => T | Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await code();
    } finally {
      this.release();
    }
  }
}

/** Lets one at a time into a part of a workflow. */
export class Lock {
  readonly #semaphore = new Semaphore(1);

  get isLocked(): boolean {
    return this.#semaphore.isLocked;
  }

  /**
   * Takes the lock, or waits for it.
   *
   * @throws {CancelledError} If the scope is cancelled meanwhile.
   */
  acquire(): Promise<void> {
    return this.#semaphore.acquire();
  }

  /** @throws {WorkflowUsageError} If nobody holds it. */
  release(): void {
    if (!this.#semaphore.isLocked) throw new WorkflowUsageError("Cannot release a lock: nobody holds it");
    this.#semaphore.release();
  }

  /** Runs code that holds the lock. */
  run<T>(code: () => T | Promise<T>): Promise<T> {
    return this.#semaphore.run(code);
  }
}

/** Something that happens once, until it is cleared. */
export class Event {
  readonly #line = new WaitingLine();
  #isSet = false;

  get isSet(): boolean {
    return this.#isSet;
  }

  /** Lets all who wait go on, and all who come later not wait. */
  set(): void {
    this.#isSet = true;
    while (this.#line.wakeOne());
  }

  /** Makes those who come later wait again. */
  clear(): void {
    this.#isSet = false;
  }

  /**
   * Waits until it is set.
   *
   * @throws {CancelledError} If the scope is cancelled meanwhile.
   */
  async wait(): Promise<void> {
    if (!this.#isSet) await this.#line.wait("wait for an event");
  }
}

/** Items handed from one part of a workflow to another, in their order. */
export class Queue<T> {
  readonly #items: T[] = [];
  readonly #takers = new WaitingLine();
  readonly #givers = new WaitingLine();
  readonly #capacity: number;

  /** @param capacity How many items may wait. @throws {WorkflowUsageError} If it is below 1. */
  constructor(capacity = Infinity) {
    if (!(capacity >= 1))
      throw new WorkflowUsageError(`Cannot make a queue: found capacity ${capacity}, expected at least 1`);
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  get isFull(): boolean {
    return this.#items.length >= this.#capacity;
  }

  /**
   * Adds an item; waits for room first.
   *
   * @throws {CancelledError} If the scope is cancelled meanwhile.
   */
  async put(item: T): Promise<void> {
    while (this.isFull) await this.#givers.wait("wait for room in a queue");
    this.#add(item);
  }

  /** Adds an item; false if there is no room. */
  tryPut(item: T): boolean {
    if (this.isFull) return false;
    this.#add(item);
    return true;
  }

  /**
   * Takes the first item, or waits for one.
   *
   * @throws {CancelledError} If the scope is cancelled meanwhile.
   */
  async get(): Promise<T> {
    while (this.isEmpty) await this.#takers.wait("wait for an item of a queue");
    return this.#take();
  }

  /** Takes the first item, if there is one. */
  tryGet(): T | undefined {
    return this.isEmpty ? undefined : this.#take();
  }

  #add(item: T): void {
    this.#items.push(item);
    this.#takers.wakeOne();
  }

  #take(): T {
    const item = this.#items.shift() as T;
    this.#givers.wakeOne();
    return item;
  }
}
