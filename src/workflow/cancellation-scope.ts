import { type Duration, toDurationMs } from "../core/time/duration.ts";
import { CancelledError } from "../payload/failure-error.ts";
import { isCancelledException } from "../payload/operation-error.ts";
import { WaitTimeoutError } from "../payload/wait-timeout-error.ts";
import { currentFrame, inFrame, writableFrame } from "./runtime/current.ts";
import { type Cancellable, Scope } from "./runtime/scope.ts";
import { startDetachedTimer } from "./runtime/timer.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/** How a {@link CancellationScope} behaves. */
export interface CancellationScopeOptions {
  /** Whether the cancellation of the scope around it reaches what runs in it. @default true */
  readonly cancellable?: boolean;
  /** Cancels the scope so long after it begins to run. @default never */
  readonly timeout?: Duration;
  /** The scope around it; null for none. @default the one in which it is made */
  readonly parent?: CancellationScope | null;
}

/** What every `AbortSignal` has; the type is declared by whoever has the class. */
export interface ScopeSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
  throwIfAborted(): void;
}

interface SignalSource {
  readonly signal: ScopeSignal;
  abort(reason: unknown): void;
}

/**
 * A part of a workflow that is cancelled as a whole.
 *
 * Timers, waits, activities and child workflows belong to the scope in which they are started, and so does all that an
 * asynchronous function called in a scope starts later. A workflow's run method has a scope of its own, which a request
 * to cancel the workflow cancels; every handler has one too, which nothing cancels.
 *
 * Cancelling is an event, not a state: it reaches, once, whatever the scope waits for at that moment, by way of a
 * `CancelledError` (an activity or child workflow says itself how it ended). If the scope waits for nothing it reaches
 * the next thing that is started in it. What is started after that, such as a clean-up in a `catch` or `finally`, runs
 * as usual.
 */
export class CancellationScope extends Scope {
  readonly #timeoutMs: number | undefined;
  #signals: SignalSource | undefined;

  constructor(options: CancellationScopeOptions = {}) {
    const parent = options.parent === undefined ? currentFrame("create a cancellation scope").scope : options.parent;
    super(parent ?? undefined, options.cancellable ?? true);
    this.#timeoutMs = options.timeout === undefined ? undefined : toDurationMs(options.timeout);
  }

  /** The scope of the code that asks. */
  static current(): CancellationScope {
    return currentFrame("ask for the cancellation scope").scope as CancellationScope;
  }

  /** Runs code in a scope that is cancelled with the one around it, or by `scope.cancel()`. */
  static cancellable<T>(code: (scope: CancellationScope) => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    return scope.run(() => code(scope));
  }

  /** Runs code that the cancellation of the scope around it does not reach. The caller waits for its end: compare `shield`. */
  static nonCancellable<T>(code: (scope: CancellationScope) => Promise<T>): Promise<T> {
    const scope = new CancellationScope({ cancellable: false });
    return scope.run(() => code(scope));
  }

  /** Runs code that is cancelled after a time; if it ends by that it rejects with a `TimeoutError`. */
  static withTimeout<T>(timeout: Duration, code: (scope: CancellationScope) => Promise<T>): Promise<T> {
    const scope = new CancellationScope({ timeout });
    return scope.run(() => code(scope));
  }

  /** Aborts when the scope is cancelled, and stays aborted. */
  get signal(): ScopeSignal {
    this.#signals ??= newSignalSource();
    return this.#signals.signal;
  }

  /** Cancels what the scope waits for, or else the next thing started in it. */
  override cancel(reason?: CancelledError | string): void {
    const error = typeof reason === "object" ? reason : new CancelledError(reason);
    writableFrame("cancel a scope");
    this.#signals?.abort(error);
    super.cancel(error);
  }

  /** Runs code in this scope. */
  async run<T>(code: () => Promise<T>): Promise<T> {
    const frame = writableFrame("run a cancellation scope");
    const timer = { isOver: false, stop: (): void => undefined };
    if (this.#timeoutMs !== undefined)
      timer.stop = startDetachedTimer(frame.run, this.#timeoutMs, () => this.#onTimeout(timer));
    this.enter();
    try {
      return await inFrame({ ...frame, scope: this }, code);
    } catch (error) {
      if (!timer.isOver || !isCancelledException(error)) throw error;
      throw new WaitTimeoutError(`Cancelled after ${this.#timeoutMs} ms`, { cause: error });
    } finally {
      timer.stop();
      this.leave();
    }
  }

  #onTimeout(timer: { isOver: boolean }): void {
    timer.isOver = true;
    this.cancel(`Cancelled after ${this.#timeoutMs} ms`);
  }
}

/**
 * Runs code that the cancellation of the scope around it does not reach.
 *
 * The caller does not wait for its end then: it gets a `CancelledError` at once, while the code goes on.
 */
export async function shield<T>(code: () => Promise<T>): Promise<T> {
  const { scope } = writableFrame("shield code");
  const early = scope.takeUndelivered();
  const work = new CancellationScope({ cancellable: false }).run(code);
  let member: Cancellable | undefined;
  const cancelled = new Promise<never>((_resolve, reject) => {
    member = { cancel: reject };
    scope.add(member);
  });
  try {
    if (early !== undefined) throw early;
    return await Promise.race([work, cancelled]);
  } finally {
    // Whichever of the two came second is nobody's concern any more.
    work.catch(ignore);
    if (member !== undefined) scope.remove(member);
  }
}

function newSignalSource(): SignalSource {
  const { AbortController } = globalThis as unknown as { readonly AbortController?: new () => SignalSource };
  if (AbortController === undefined)
    throw new WorkflowUsageError("Cannot make an abort signal: this runtime has no AbortController");
  return new AbortController();
}

function ignore(): void {
  // See its callers.
}
