import type { ActivityCancellationDetails } from "../../activity/index.ts";
import { newApplicationFailure } from "../../core/replay/failures.ts";
import type { CancelTimer } from "../../core/time/clock.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { PayloadLimitError } from "../../payload/payload-limits.ts";
import type { Payload } from "../../proto/gen/common.ts";
import { PAYLOADS_TOO_LARGE, payloadsTooLarge } from "../tasks/too-large.ts";
import { asRPCError } from "../../rpc/rpc-error.ts";
import { RPCStatusCode } from "../../rpc/status.ts";
import type { ActivityMetrics } from "../metrics/activity-metrics.ts";
import type { WorkerService } from "../worker-service.ts";
import { ActivityAttempt } from "./activity-attempt.ts";
import type { ActivityHost } from "./activity-host.ts";
import { toActivityTarget, toSerializationContext } from "./activity-info.ts";
import { isBenignFailure, type ActivityOutcome } from "./activity-outcome.ts";
import { toActivityKind, type ActivityTask } from "./activity-task.ts";
import { heartbeatIntervalMs, Heartbeats, type HeartbeatThrottle } from "./heartbeats.ts";

/** How long after a timeout of the service the worker cancels the attempt by its own clock. */
const LOCAL_TIMEOUT_GRACE_MS = 5_000;

/** What a {@link RemoteActivity} needs besides its task. */
export interface RemoteActivityOptions {
  readonly host: ActivityHost;
  readonly service: WorkerService;
  readonly throttle: HeartbeatThrottle;
}

/** One attempt of an activity that the service handed out: runs it, heartbeats for it, reports what came of it. */
export class RemoteActivity {
  readonly #options: RemoteActivityOptions;
  readonly #task: ActivityTask;
  readonly #attempt: ActivityAttempt;
  readonly #heartbeats: Heartbeats;
  #cancelTimeout: CancelTimer | undefined;
  /** The service has forgotten the attempt: there is nobody to report to. */
  #isUnknown = false;

  constructor(options: RemoteActivityOptions, task: ActivityTask) {
    this.#options = options;
    this.#task = task;
    this.#attempt = new ActivityAttempt(options.host, task, (details) => this.#heartbeats.record(details));
    this.#heartbeats = new Heartbeats({
      intervalMs: heartbeatIntervalMs(task.heartbeatTimeoutMs, options.throttle),
      clock: options.host.clock,
      send: (details) => this.#sendHeartbeat(details),
    });
  }

  /** Asks the activity to stop. */
  cancel(reasons: Partial<ActivityCancellationDetails>): void {
    if (reasons.notFound === true) this.#isUnknown = true;
    this.#attempt.cancel(reasons);
  }

  /** Runs the attempt to its end and reports it. Tells whether it failed. Never rejects. */
  async run(): Promise<boolean> {
    this.#startTimeout();
    const { metrics, clock } = this.#options.host;
    const startMs = metrics === undefined ? 0 : clock.now();
    const outcome = await this.#attempt.run();
    if (metrics !== undefined) this.#measure(metrics, outcome, clock.now() - startMs);
    this.#cancelTimeout?.();
    const isKept = outcome.status === "failed" || outcome.status === "cancelled";
    await this.#heartbeats.close({ flush: isKept && !this.#isUnknown });
    const hasFailed = outcome.status === "failed";
    if (this.#isUnknown) return hasFailed;
    try {
      await this.#report(outcome);
    } catch (error) {
      if (error instanceof PayloadLimitError) return this.#reportTooLarge(error);
      this.#logReportError(error);
    }
    return hasFailed;
  }

  #measure(metrics: ActivityMetrics, outcome: ActivityOutcome, runtimeMs: number): void {
    const kind = toActivityKind(this.#task);
    metrics.ended(kind, runtimeMs);
    if (this.#isUnknown) return;
    if (outcome.status === "completed") {
      metrics.succeeded(kind, Math.max(0, this.#options.host.clock.now() - this.#task.scheduledTimeMs));
    } else if (outcome.status === "failed" && !isBenignFailure(outcome.failure)) metrics.failed(kind);
  }

  #report(outcome: ActivityOutcome): Promise<unknown> | undefined {
    const { service } = this.#options;
    const { taskToken } = this.#task;
    switch (outcome.status) {
      case "completesAsync":
        return undefined;
      case "completed":
        return service.completeActivity({ taskToken, result: { payloads: outcome.result } });
      case "failed":
        return service.failActivity({ taskToken, failure: outcome.failure });
      case "cancelled": {
        // Told to the service as a failure, so that another worker tries again at once.
        if (this.#attempt.cancellationDetails?.workerShutdown === true) {
          return service.failActivity({ taskToken, failure: workerShutdownFailure() });
        }
        const info = outcome.failure.failureInfo;
        const details = info?.case === "canceledFailureInfo" ? info.value.details : undefined;
        return service.cancelActivity({ taskToken, details });
      }
    }
  }

  /** Fails the attempt in place of its result, so that mended code can do better with the next one. */
  async #reportTooLarge(error: PayloadLimitError): Promise<true> {
    const { service } = this.#options;
    const failure = payloadsTooLarge(error);
    try {
      await service.failActivity({ taskToken: this.#task.taskToken, failure });
    } catch (cause) {
      this.#logReportError(cause);
    }
    return true;
  }

  #logReportError(cause: unknown): void {
    const { logger } = this.#options.host;
    const error = asRPCError(cause);
    const { activityId, activityType, workflow } = this.#task;
    const attributes = { activityId, activityType, workflowId: workflow?.workflowId, error: error.message };
    if (error.status === RPCStatusCode.NOT_FOUND) {
      logger.warn(
        "Activity was not known any more when it was reported; it may have been cancelled or have timed out",
        attributes,
      );
    } else logger.warn("Activity could not be reported, the attempt runs into its timeout", attributes);
  }

  async #sendHeartbeat(details: readonly Payload[]): Promise<void> {
    const { service, host } = this.#options;
    let payloads: readonly Payload[];
    try {
      const context = toSerializationContext(this.#task, host);
      const target = toActivityTarget(this.#task, host);
      payloads = await host.dataConverter.withContext(context).forTarget(target).encodePayloads(details);
    } catch (error) {
      this.#attempt.failHeartbeat(error);
      return;
    }
    try {
      const reply = await service.heartbeatActivity({
        taskToken: this.#task.taskToken,
        details: { payloads },
      });
      const { cancelRequested, activityPaused: paused, activityReset: reset } = reply;
      if (cancelRequested || paused || reset) this.cancel({ cancelRequested, paused, reset });
      this.#restartTimeout();
    } catch (cause) {
      if (cause instanceof PayloadLimitError) {
        this.#attempt.failHeartbeat(new ApplicationError(cause.message, { type: PAYLOADS_TOO_LARGE }));
        return;
      }
      const error = asRPCError(cause);
      if (error.status === RPCStatusCode.NOT_FOUND) this.cancel({ notFound: true });
      else
        host.logger.warn("Heartbeat could not be sent, the next one is", {
          activityId: this.#task.activityId,
          error: error.message,
        });
    }
  }

  // An activity that does not heartbeat learns of its timeout only here. The whole schedule's timeout is left to the
  // service: it is measured from a time on the service's clock.
  #startTimeout(): void {
    const { heartbeatTimeoutMs = Infinity, startToCloseTimeoutMs = Infinity } = this.#task;
    const timeoutMs = Math.min(heartbeatTimeoutMs, startToCloseTimeoutMs);
    if (timeoutMs === Infinity) return;
    const { clock } = this.#options.host;
    this.#cancelTimeout = clock.schedule(clock.now() + timeoutMs + LOCAL_TIMEOUT_GRACE_MS, () =>
      this.cancel({ notFound: true, timedOut: true }),
    );
  }

  #restartTimeout(): void {
    const { heartbeatTimeoutMs = Infinity, startToCloseTimeoutMs = Infinity } = this.#task;
    if (heartbeatTimeoutMs > startToCloseTimeoutMs || this.#cancelTimeout === undefined) return;
    this.#cancelTimeout();
    this.#startTimeout();
  }
}

function workerShutdownFailure(): ReturnType<typeof newApplicationFailure> {
  return newApplicationFailure("Worker is shutting down and this activity did not complete in time", "WorkerShutdown");
}
