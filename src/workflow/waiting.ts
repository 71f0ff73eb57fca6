import { type Duration, toDurationMs } from "../core/time/duration.ts";
import { WaitTimeoutError } from "../payload/wait-timeout-error.ts";
import type { EventGroup } from "./event-group.ts";
import { inGroups } from "./event-groups.ts";
import type { Condition } from "./runtime/conditions.ts";
import { writableFrame } from "./runtime/current.ts";
import { Operation, rejected } from "./runtime/operation.ts";
import { startDetachedTimer, startTimer } from "./runtime/timer.ts";
import { toUserMetadata } from "./runtime/user-metadata.ts";

/** What {@link sleep} may be told. */
export interface SleepOptions {
  /** One line about it, for the web UI and the CLI. */
  readonly summary?: string;
  /** Groups that it belongs to, beside those of the code around it. @default none */
  readonly eventGroups?: readonly EventGroup[];
}

/** What {@link waitCondition} may be told. */
export interface WaitConditionOptions {
  /** With 0 the condition is asked once, without a timer. @default none */
  readonly timeout?: Duration;
  /** One line about the timer of the timeout, for the web UI and the CLI. */
  readonly timeoutSummary?: string;
  /** Groups that the timer of the timeout belongs to, beside those of the code around it. @default none */
  readonly eventGroups?: readonly EventGroup[];
}

/**
 * Waits so long, by a timer that outlives the worker.
 *
 * @throws {CancelledError} If the scope is cancelled.
 */
export function sleep(duration: Duration, options: SleepOptions = {}): Promise<void> {
  const { run, scope } = writableFrame("sleep");
  const durationMs = toDurationMs(duration);
  const cancelled = scope.takeUndelivered();
  if (cancelled !== undefined) return rejected(cancelled);
  const userMetadata = toUserMetadata(run.settings.payloadConverter, options.summary);
  return inGroups(options.eventGroups, () => startTimer(run, durationMs, { scope, userMetadata }));
}

/**
 * Waits until `condition` answers true. It is asked whenever the workflow's code has nothing else to do, and must change nothing.
 *
 * @throws {TimeoutError} If that takes longer than the timeout.
 * @throws {CancelledError} If the scope is cancelled.
 */
export function waitCondition(condition: () => boolean, options: WaitConditionOptions = {}): Promise<void> {
  const { run, scope } = writableFrame("wait for a condition");
  const timeoutMs = options.timeout === undefined ? undefined : toDurationMs(options.timeout);
  const cancelled = scope.takeUndelivered();
  if (cancelled !== undefined) return rejected(cancelled);
  let stopTimer: (() => void) | undefined;
  const operation = new Operation<void>(scope, (error) => {
    run.conditions.remove(waiting);
    stopTimer?.();
    operation.fail(error);
  });
  const expire = (): void => operation.fail(new WaitTimeoutError(`Condition was not met within ${timeoutMs} ms`));
  const waiting: Condition = {
    predicate: condition,
    operation,
    onMet: () => stopTimer?.(),
    // No time is no timer: the condition is asked once.
    onUnmet: timeoutMs === 0 ? expire : undefined,
  };
  run.conditions.add(waiting);
  if (timeoutMs !== undefined && timeoutMs > 0) {
    const onTimeout = (): void => {
      run.conditions.remove(waiting);
      expire();
    };
    const userMetadata = toUserMetadata(run.settings.payloadConverter, options.timeoutSummary);
    stopTimer = inGroups(options.eventGroups, () => startDetachedTimer(run, timeoutMs, onTimeout, userMetadata));
  }
  return operation.promise;
}
