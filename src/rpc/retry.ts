import type { Clock } from "../core/time/clock.ts";
import type { Backoff } from "./backoff.ts";
import { backoffMs } from "./backoff.ts";
import { asRPCError, RPCError } from "./rpc-error.ts";
import { RPCStatusCode } from "./status.ts";
import type { CallSignal } from "./transport.ts";

/** How a failed call is tried again. */
export interface RetryConfig extends Backoff {
  /** First wait, in milliseconds. @default 100 */
  readonly initialIntervalMs: number;
  /** Share of a wait by which chance makes it longer or shorter. @default 0.2 */
  readonly randomizationFactor: number;
  /** What the wait is multiplied with after each try. @default 1.7 */
  readonly multiplier: number;
  /** Longest wait, in milliseconds. @default 5000 */
  readonly maxIntervalMs: number;
  /** No try is started later than this after the first, in milliseconds; `undefined` means no limit. @default 10000 */
  readonly maxElapsedTimeMs: number | undefined;
  /** Tries at most, the first included; 0 means no limit. @default 10 */
  readonly maxRetries: number;
}

/** Waiting differs with what a call is for: a `longPoll` for something to happen, a `taskPoll` of a worker for work. */
export type CallKind = "normal" | "longPoll" | "taskPoll";

/** {@link RetryConfig} where nothing else is said. */
export const defaultRetryConfig: RetryConfig = {
  initialIntervalMs: 100,
  randomizationFactor: 0.2,
  multiplier: 1.7,
  maxIntervalMs: 5_000,
  maxElapsedTimeMs: 10_000,
  maxRetries: 10,
};

// A worker never gives up polling.
const taskPollRetryConfig: RetryConfig = {
  initialIntervalMs: 200,
  randomizationFactor: 0.2,
  multiplier: 2,
  maxIntervalMs: 10_000,
  maxElapsedTimeMs: undefined,
  maxRetries: 0,
};

// What a service that is overloaded is given at least.
const throttleBackoff: Backoff = {
  initialIntervalMs: 1_000,
  randomizationFactor: 0.2,
  multiplier: 2,
  maxIntervalMs: 10_000,
};

// Proxies and starting services may answer anything for a while; a poll bears with it so long.
const TASK_POLL_GRACE_MS = 60_000;

const retryable: ReadonlySet<number> = new Set([
  RPCStatusCode.DATA_LOSS,
  RPCStatusCode.INTERNAL,
  RPCStatusCode.UNKNOWN,
  RPCStatusCode.RESOURCE_EXHAUSTED,
  RPCStatusCode.ABORTED,
  RPCStatusCode.OUT_OF_RANGE,
  RPCStatusCode.UNAVAILABLE,
]);

const TOO_LARGE = /^grpc: (?:received message (?:after decompression )?|message after decompression )larger than max/;

/** True if a message was refused for its size, which no retry changes. */
export function isMessageTooLarge(error: RPCError): boolean {
  return error.status === RPCStatusCode.RESOURCE_EXHAUSTED && TOO_LARGE.test(error.message);
}

/** True if the same call, made again later, may succeed; for calls that do no harm when they are made twice. */
export function mayPass(error: RPCError): boolean {
  const { CANCELLED, DEADLINE_EXCEEDED } = RPCStatusCode;
  const isPassing = retryable.has(error.status) || error.status === CANCELLED || error.status === DEADLINE_EXCEEDED;
  return isPassing && !isMessageTooLarge(error);
}

/** What {@link callWithRetry} needs. */
export interface RetryOptions {
  readonly clock: Clock;
  /** A number of at least 0 and less than 1. */
  readonly random: () => number;
  /** @default "normal" */
  readonly kind?: CallKind;
  /** Takes effect for calls that are no task polls. @default {@link defaultRetryConfig} */
  readonly config?: RetryConfig | undefined;
  /** Ends the wait between tries with `CANCELLED`. */
  readonly signal?: CallSignal | undefined;
  /** Names errors that end the call although they could be tried again. @default none */
  readonly isFinal?: ((error: RPCError) => boolean) | undefined;
  /** Hears of each failed try that another one will follow. */
  readonly onRetry?: ((error: RPCError, tries: number) => void) | undefined;
}

/** Sends a call until it succeeds or its error is final, which it then throws. */
export async function callWithRetry<T>(send: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, random, kind = "normal", isFinal = () => false } = options;
  const config = kind === "taskPoll" ? taskPollRetryConfig : (options.config ?? defaultRetryConfig);
  const startMs = clock.now();
  const state = { config, kind, tries: 0, throttles: 0, elapsedMs: 0, random };
  for (;;) {
    try {
      return await send();
    } catch (thrown) {
      const error = asRPCError(thrown);
      state.tries += 1;
      state.elapsedMs = clock.now() - startMs;
      if (error.status === RPCStatusCode.RESOURCE_EXHAUSTED) state.throttles += 1;
      const ended = options.signal?.aborted === true || isFinal(error);
      const waitMs = ended ? undefined : retryWaitMs(error, state);
      if (waitMs === undefined) throw error;
      options.onRetry?.(error, state.tries);
      await sleep(clock, waitMs, options.signal);
    }
  }
}

/** Where a call stands after a failed try. */
export interface RetryState {
  readonly config: RetryConfig;
  readonly kind: CallKind;
  /** Tries so far, at least 1. */
  readonly tries: number;
  /** How many of them the service refused because it is overloaded, this one included. */
  readonly throttles: number;
  /** Milliseconds since the first try started. */
  readonly elapsedMs: number;
  readonly random: () => number;
}

/** Time to wait before the next try, in milliseconds; `undefined` if there shall be none. */
export function retryWaitMs(error: RPCError, state: RetryState): number | undefined {
  const { config, kind, tries, elapsedMs, random } = state;
  if (config.maxRetries > 0 && tries >= config.maxRetries) return undefined;
  if (isMessageTooLarge(error)) return undefined;
  if (!isRetryable(error, kind)) {
    const bearable = kind === "taskPoll" && elapsedMs <= TASK_POLL_GRACE_MS;
    return bearable ? config.maxIntervalMs : undefined;
  }
  const waitMs = backoffMs(config, tries, random());
  const limitMs = config.maxElapsedTimeMs;
  if (limitMs !== undefined && elapsedMs + waitMs > limitMs) return undefined;
  if (error.status !== RPCStatusCode.RESOURCE_EXHAUSTED) return waitMs;
  return Math.max(waitMs, backoffMs(throttleBackoff, state.throttles, random()));
}

function isRetryable(error: RPCError, kind: CallKind): boolean {
  if (retryable.has(error.status)) return true;
  // A poll that ended without work is simply sent again.
  const { CANCELLED, DEADLINE_EXCEEDED } = RPCStatusCode;
  return kind === "taskPoll" && (error.status === CANCELLED || error.status === DEADLINE_EXCEEDED);
}

function sleep(clock: Clock, waitMs: number, signal: CallSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancelTimer();
      const message = "Cannot finish call: its signal was aborted between two tries";
      reject(new RPCError(RPCStatusCode.CANCELLED, message, { cause: signal?.reason }));
    };
    const cancelTimer = clock.schedule(clock.now() + waitMs, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
