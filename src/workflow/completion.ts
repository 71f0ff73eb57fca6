import { type Duration, toDurationMs } from "../core/time/duration.ts";
import { WaitTimeoutError } from "../payload/wait-timeout-error.ts";
import { writableFrame } from "./runtime/current.ts";
import { unobserved } from "./runtime/operation.ts";
import { startDetachedTimer } from "./runtime/timer.ts";
import { Queue } from "./synchronization.ts";

/** When {@link wait} is over. */
export type ReturnWhen = "firstCompleted" | "firstException" | "allCompleted";

/** What {@link wait} may be told. */
export interface WaitOptions {
  /** @default none */
  readonly timeout?: Duration;
  /** @default "allCompleted" */
  readonly returnWhen?: ReturnWhen;
}

/** Promises by whether they have ended, in the order in which they were given. */
export interface WaitResult<P> {
  readonly done: P[];
  readonly pending: P[];
}

/**
 * The outcomes of promises in the order in which they end: `for await (const result of asCompleted(calls)) …`.
 *
 * @throws Whatever the promise whose turn it is was rejected with.
 * @throws {TimeoutError} If the whole takes longer than the timeout.
 */
export async function* asCompleted<T>(
  promises: Iterable<PromiseLike<T>>,
  options: { readonly timeout?: Duration } = {},
): AsyncGenerator<T, void, undefined> {
  const { run } = writableFrame("wait for promises");
  const all = [...promises];
  const outcomes = new Queue<() => T>();
  const end = (outcome: () => T): void => void outcomes.tryPut(outcome);
  for (const promise of all) {
    promise.then(
      (value) => end(() => value),
      (error: unknown) => end(() => raise(error)),
    );
  }
  const timeoutMs = options.timeout === undefined ? undefined : toDurationMs(options.timeout);
  const onTimeout = (): void => end(() => raise(new WaitTimeoutError(`Promises did not end within ${timeoutMs} ms`)));
  const stopTimer =
    timeoutMs === undefined || all.length === 0 ? undefined : startDetachedTimer(run, timeoutMs, onTimeout);
  try {
    for (let left = all.length; left > 0; left--) {
      const outcome = await outcomes.get();
      // With the last one in, the timer has nothing left to limit.
      if (left === 1) stopTimer?.();
      yield outcome();
    }
  } finally {
    stopTimer?.();
  }
}

/** Waits for promises without throwing what they are rejected with. A timeout ends the wait as well, and throws nothing. */
export async function wait<P extends PromiseLike<unknown>>(
  promises: Iterable<P>,
  options: WaitOptions = {},
): Promise<WaitResult<P>> {
  const { run } = writableFrame("wait for promises");
  const { returnWhen = "allCompleted" } = options;
  const all = [...promises];
  const endings = new Map<P, "fulfilled" | "rejected">();
  const signals = new Queue<"ended" | "timeout">();
  for (const promise of all) {
    const end = (ending: "fulfilled" | "rejected"): void => {
      endings.set(promise, ending);
      signals.tryPut("ended");
    };
    promise.then(
      () => end("fulfilled"),
      () => end("rejected"),
    );
  }
  const stopTimer =
    options.timeout === undefined
      ? undefined
      : startDetachedTimer(run, toDurationMs(options.timeout), () => void signals.tryPut("timeout"));
  const isOver = (): boolean => {
    const isRejected = [...endings.values()].includes("rejected");
    return (
      endings.size === all.length ||
      (returnWhen === "firstCompleted" && endings.size > 0) ||
      (returnWhen === "firstException" && isRejected)
    );
  };
  try {
    while (!isOver() && (await signals.get()) !== "timeout");
  } finally {
    stopTimer?.();
  }
  return {
    done: all.filter((promise) => endings.has(promise)),
    pending: all.filter((promise) => !endings.has(promise)),
  };
}

/** A promise and what ends it, for code that waits for other code of the workflow. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Makes a promise that other code of the workflow ends. Nobody has to wait for it. */
export function createDeferred<T>(): Deferred<T> {
  let ends: Omit<Deferred<T>, "promise"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject };
  });
  return { promise: unobserved(promise), ...(ends as unknown as Omit<Deferred<T>, "promise">) };
}

function raise(error: unknown): never {
  throw error;
}
