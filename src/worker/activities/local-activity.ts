import type { ActivityCancellationDetails } from "../../activity/index.ts";
import { newApplicationFailure, newCanceledFailure, newTimeoutFailure } from "../../core/replay/failures.ts";
import type { LocalActivityRequest, LocalActivityResult } from "../../core/replay/local-activity-queue.ts";
import {
  decideRetry,
  isRetryable,
  requestedDelayMs,
  retryPolicyMs,
  withRetryDefaults,
} from "../../core/schedule/retry.ts";
import { TimeoutType } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { Slot, Slots } from "../tasks/slots.ts";
import { sleep } from "../tasks/waiting.ts";
import type { LocalEnd } from "../metrics/activity-metrics.ts";
import { ActivityAttempt } from "./activity-attempt.ts";
import { isBenignFailure } from "./activity-outcome.ts";
import type { ActivityHost } from "./activity-host.ts";
import type { ActivityTask, ActivityWorkflow } from "./activity-task.ts";

/** A retry that would wait longer than this becomes a timer of the workflow's, unless the workflow says otherwise. */
const RETRY_THRESHOLD_MS = 60_000;

type Outcome = LocalActivityResult["outcome"];

/** What a {@link LocalActivity} is made of. */
export interface LocalActivityOptions {
  readonly host: ActivityHost;
  readonly slots: Slots;
  readonly workflow: ActivityWorkflow;
  readonly request: LocalActivityRequest;
}

/** One local activity from its request to its result, with all attempts made while the workflow task is held. */
export class LocalActivity {
  readonly #options: LocalActivityOptions;
  /** Aborts when the activity is not to go on: no slot is waited for, no attempt begun. */
  readonly #ending = new AbortController();
  readonly #scheduledTimeMs: number;
  #attempt: ActivityAttempt | undefined;
  #cancellation: Partial<ActivityCancellationDetails> | undefined;
  #timedOut: TimeoutType | undefined;
  #expireAttempt: ((type: TimeoutType) => void) | undefined;

  constructor(options: LocalActivityOptions) {
    this.#options = options;
    this.#scheduledTimeMs = options.host.clock.now();
  }

  /** Asks the activity to stop. */
  cancel(reasons: Partial<ActivityCancellationDetails>): void {
    this.#cancellation ??= reasons;
    this.#attempt?.cancel(reasons);
    this.#ending.abort(new Error("Local activity was cancelled"));
  }

  /** Runs it. Call it once. Rejects only if it was stopped because the worker shuts down: then nothing came of it. */
  async run(): Promise<LocalActivityResult> {
    const { host, request } = this.#options;
    const { activity } = request;
    const cancelDeadline = this.#startDeadline(activity.scheduleToCloseTimeoutMs);
    let attempt = Math.max(1, request.attempt);
    try {
      for (;;) {
        const { outcome, runtimeMs } = await this.#runAttempt(attempt);
        if (outcome.status === "cancelled" && this.#cancellation?.workerShutdown === true) {
          throw new Error("Local activity was stopped because the worker shuts down");
        }
        const delayMs = this.#retryDelayMs(outcome, attempt);
        const result = this.#toResult(outcome, attempt, runtimeMs);
        if (delayMs === undefined) return result;
        if (delayMs > (request.localRetryThresholdMs ?? RETRY_THRESHOLD_MS)) return { ...result, backoffMs: delayMs };
        const ended = await sleep(host.clock, delayMs, this.#ending.signal).then(
          () => false,
          () => true,
        );
        if (ended) return this.#toResult(this.#endedOutcome(), attempt, 0);
        attempt++;
      }
    } finally {
      cancelDeadline?.();
    }
  }

  async #runAttempt(attempt: number): Promise<{ readonly outcome: Outcome; readonly runtimeMs: number }> {
    const { host, slots, request } = this.#options;
    const { scheduleToStartTimeoutMs = Infinity, activityType } = request.activity;
    if (this.#ending.signal.aborted) return { outcome: this.#endedOutcome(), runtimeMs: 0 };
    let slot: Slot;
    try {
      slot = slots.tryReserve() ?? (await slots.reserve(this.#ending.signal));
    } catch {
      return { outcome: this.#endedOutcome(), runtimeMs: 0 };
    }
    const startedTimeMs = host.clock.now();
    const waitedMs = startedTimeMs - this.#scheduledTimeMs;
    if (waitedMs > scheduleToStartTimeoutMs && attempt <= Math.max(1, request.attempt)) {
      slot.release();
      return { outcome: timedOut(TimeoutType.SCHEDULE_TO_START), runtimeMs: waitedMs };
    }
    slot.use({ slotType: "localActivity", activityType });
    const kind = { activityType, workflowType: this.#options.workflow.workflowType };
    host.metrics?.localStarted(kind);
    const outcome = await this.#execute(this.#toTask(attempt, startedTimeMs));
    slot.release();
    const runtimeMs = host.clock.now() - startedTimeMs;
    host.metrics?.localEnded(kind, {
      status: statusOf(outcome),
      runtimeMs,
      sinceScheduledMs: runtimeMs + startedTimeMs - (request.originalScheduleTimeMs ?? this.#scheduledTimeMs),
    });
    return { outcome, runtimeMs };
  }

  /** Runs the function; a timeout ends the wait for it, though not the function itself. */
  async #execute(task: ActivityTask): Promise<Outcome> {
    const { host } = this.#options;
    const attempt = new ActivityAttempt(host, task, () => undefined);
    this.#attempt = attempt;
    if (this.#cancellation !== undefined) attempt.cancel(this.#cancellation);
    let cancelTimer: (() => void) | undefined;
    const timeout = new Promise<Outcome>((resolve) => {
      const expire = (type: TimeoutType): void => {
        attempt.cancel({ timedOut: true });
        resolve(timedOut(type));
      };
      this.#expireAttempt = expire;
      const { startToCloseTimeoutMs } = task;
      if (startToCloseTimeoutMs === undefined) return;
      const atMs = host.clock.now() + startToCloseTimeoutMs;
      cancelTimer = host.clock.schedule(atMs, () => expire(TimeoutType.START_TO_CLOSE));
    });
    const finished = attempt.run().then((outcome): Outcome => {
      if (outcome.status === "completed") return { status: "completed", result: outcome.result[0] };
      if (outcome.status !== "completesAsync") return outcome;
      const message = "A local activity cannot be completed asynchronously";
      return { status: "failed", failure: newApplicationFailure(message, "CompleteAsync", true) };
    });
    const outcome = await Promise.race([finished, timeout]);
    cancelTimer?.();
    this.#attempt = undefined;
    this.#expireAttempt = undefined;
    return outcome;
  }

  #toTask(attempt: number, startedTimeMs: number): ActivityTask {
    const { request, workflow } = this.#options;
    const { activity } = request;
    const { scheduleToCloseTimeoutMs } = activity;
    return {
      taskToken: new Uint8Array(),
      activityId: activity.activityId,
      activityType: activity.activityType,
      attempt,
      input: activity.arguments,
      headers: activity.headers,
      heartbeatDetails: [],
      isLocal: true,
      scheduledTimeMs: this.#scheduledTimeMs,
      currentAttemptScheduledTimeMs: this.#scheduledTimeMs,
      startedTimeMs,
      scheduleToCloseTimeoutMs,
      startToCloseTimeoutMs: activity.startToCloseTimeoutMs ?? scheduleToCloseTimeoutMs,
      heartbeatTimeoutMs: undefined,
      retryPolicy: withRetryDefaults(activity.retryPolicy),
      priority: undefined,
      workflow,
      activityRunId: undefined,
    };
  }

  /** Wait before another attempt; `undefined` when there is none. */
  #retryDelayMs(outcome: Outcome, attempt: number): number | undefined {
    if (outcome.status !== "failed" && outcome.status !== "timedOut") return undefined;
    if (this.#ending.signal.aborted) return undefined;
    const policy = retryPolicyMs(withRetryDefaults(this.#options.request.activity.retryPolicy));
    if (!isRetryable(outcome.failure, policy.nonRetryableErrorTypes)) return undefined;
    const decision = decideRetry({
      nowMs: this.#options.host.clock.now(),
      attempt,
      policy,
      expirationMs: undefined,
      delayMs: requestedDelayMs(outcome.failure),
    });
    return decision.retry ? decision.delayMs : undefined;
  }

  /** The timeout of the whole schedule, counted from the very first attempt. */
  #startDeadline(timeoutMs: number | undefined): (() => void) | undefined {
    if (timeoutMs === undefined) return undefined;
    const { clock } = this.#options.host;
    const fromMs = this.#options.request.originalScheduleTimeMs ?? this.#scheduledTimeMs;
    const expire = (): void => {
      this.#timedOut = TimeoutType.SCHEDULE_TO_CLOSE;
      this.#ending.abort(new Error("Local activity has timed out"));
      this.#expireAttempt?.(TimeoutType.SCHEDULE_TO_CLOSE);
    };
    if (fromMs + timeoutMs > clock.now()) return clock.schedule(fromMs + timeoutMs, expire);
    expire();
    return undefined;
  }

  #endedOutcome(): Outcome {
    if (this.#timedOut !== undefined) return timedOut(this.#timedOut);
    return { status: "cancelled", failure: newCanceledFailure("Local activity cancelled") };
  }

  #toResult(outcome: Outcome, attempt: number, runtimeMs: number): LocalActivityResult {
    const { originalScheduleTimeMs = this.#scheduledTimeMs } = this.#options.request;
    return { seq: this.#options.request.seq, outcome, attempt, runtimeMs, originalScheduleTimeMs };
  }
}

/** For metrics, which count benign failures as nothing. */
function statusOf(outcome: Outcome): LocalEnd["status"] {
  if (outcome.status === "completed" || outcome.status === "cancelled") return outcome.status;
  return isBenignFailure(outcome.failure) ? "benign" : "failed";
}

function timedOut(type: TimeoutType): Outcome {
  const failure: Failure = newTimeoutFailure("Activity timed out", type);
  return { status: "timedOut", failure };
}
