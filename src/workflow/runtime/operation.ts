import type { CancelledError } from "../../payload/failure-error.ts";
import type { Cancellable, Scope } from "./scope.ts";
import { captureTrace, type Trace } from "./trace.ts";

/**
 * Something that workflow code has started and that will end once: a timer, a wait, an activity.
 *
 * It belongs to a scope until it ends. What its cancellation does is up to `onCancel`, which may end it at once or leave
 * it waiting for the service's word.
 */
export class Operation<T> implements Cancellable {
  readonly promise: Promise<T>;
  /** Where it was started. */
  readonly trace: Trace = captureTrace();
  readonly #scope: Scope | undefined;
  readonly #onCancel: ((error: CancelledError) => void) | undefined;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #isEnded = false;

  /** Without a scope nobody cancels it. */
  constructor(scope: Scope | undefined, onCancel?: (error: CancelledError) => void) {
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#scope = scope;
    this.#onCancel = onCancel;
    scope?.add(this);
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  complete(value: T): void {
    if (this.#end()) this.#resolve(value);
  }

  fail(error: unknown): void {
    if (!this.#end()) return;
    void unobserved(this.promise);
    this.#reject(error);
  }

  cancel(error: CancelledError): void {
    if (!this.#isEnded) this.#onCancel?.(error);
  }

  #end(): boolean {
    if (this.#isEnded) return false;
    this.#isEnded = true;
    this.#scope?.remove(this);
    return true;
  }
}

/** A promise that is rejected from the start, whether or not somebody waits for it. */
export function rejected<T>(error: unknown): Promise<T> {
  const operation = new Operation<T>(undefined);
  operation.fail(error);
  return operation.promise;
}

/** The same promise, which nobody has to wait for: that it failed is then nobody's concern. */
export function unobserved<T>(promise: Promise<T>): Promise<T> {
  promise.catch(ignore);
  return promise;
}

function ignore(): void {
  // Whoever waits is told by the promise itself.
}
