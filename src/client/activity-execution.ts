import type { Priority } from "../core/options/priority.ts";
import { fromPriorityMessage } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import { fromRetryPolicyMessage } from "../core/options/retry-policy.ts";
import type { WorkerDeploymentVersion } from "../core/options/versioning.ts";
import { toMs } from "../core/replay/proto-time.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import { decodeSearchAttributes } from "../payload/search-attribute-codec.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { ActivityExecutionListInfo } from "../proto/gen/activity.ts";
import { ActivityExecutionInfo } from "../proto/gen/activity.ts";
import type { Payload, Payloads } from "../proto/gen/common.ts";
import type { Duration, Timestamp } from "../proto/gen/google/protobuf.ts";
import type { DescribeActivityExecutionResponse } from "../proto/gen/workflowservice.ts";
import type { ActivityExecutionStatus, PendingActivityState } from "./activity-status.ts";
import { toActivityStatus, toPendingState } from "./activity-status.ts";

/** An activity that no workflow started, as lists show it. */
export class ActivityExecution {
  readonly activityId: string;
  readonly activityRunId: string;
  readonly activityType: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** `undefined` if the service knows one that this SDK does not. */
  readonly status: ActivityExecutionStatus | undefined;
  /** When it was started. */
  readonly scheduleTime: Date | undefined;
  /** When its first attempt was or will be offered to workers: later than {@link scheduleTime} with a start delay. */
  readonly executionTime: Date | undefined;
  /** `undefined` while it is open. */
  readonly closeTime: Date | undefined;
  /** From its start to its end, in milliseconds; `undefined` while it is open. */
  readonly executionDurationMs: number | undefined;
  readonly searchAttributes: TypedSearchAttributes;
  /** How often its state has changed; lists tell it of closed activities only. */
  readonly stateTransitionCount: number | undefined;
  /** What the service said. */
  readonly rawInfo: ActivityExecutionListInfo | ActivityExecutionInfo;

  constructor(info: ActivityExecutionListInfo | ActivityExecutionInfo, namespace: string) {
    this.activityId = info.activityId;
    this.activityRunId = info.runId;
    this.activityType = info.activityType?.name ?? "";
    this.namespace = namespace;
    this.taskQueue = info.taskQueue;
    this.status = toActivityStatus(info.status);
    this.scheduleTime = toDate(info.scheduleTime);
    this.executionTime = toDate(info.executionTime);
    this.closeTime = toDate(info.closeTime);
    this.executionDurationMs = toDurationMs(info.executionDuration);
    this.searchAttributes = decodeSearchAttributes(info.searchAttributes);
    this.stateTransitionCount = info.stateTransitionCount === 0 ? undefined : info.stateTransitionCount;
    this.rawInfo = info;
  }
}

/** An activity that no workflow started, with all that the service tells of it. */
export class ActivityExecutionDescription extends ActivityExecution {
  /** The attempt that runs or comes next, from 1. */
  readonly attempt: number;
  /** More exactly, while it is not over. */
  readonly runState: PendingActivityState | undefined;
  /** Why it was to be cancelled, if it was. */
  readonly canceledReason: string | undefined;
  /** How long its next attempt waits after the one before, while it waits for that. */
  readonly currentRetryIntervalMs: number | undefined;
  /** When it is out of time. */
  readonly expirationTime: Date | undefined;
  readonly lastStartedTime: Date | undefined;
  readonly lastAttemptCompleteTime: Date | undefined;
  readonly lastHeartbeatTime: Date | undefined;
  readonly nextAttemptScheduleTime: Date | undefined;
  readonly lastWorkerIdentity: string | undefined;
  readonly lastDeploymentVersion: WorkerDeploymentVersion | undefined;
  readonly totalHeartbeatCount: number;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly priority: Priority;
  readonly scheduleToCloseTimeoutMs: number | undefined;
  readonly scheduleToStartTimeoutMs: number | undefined;
  readonly startToCloseTimeoutMs: number | undefined;
  readonly heartbeatTimeoutMs: number | undefined;
  readonly startDelayMs: number | undefined;
  /** With which a later description waits for a change; `undefined` if the service gave none. */
  readonly longPollToken: Uint8Array | undefined;
  /** What the service said. */
  readonly raw: DescribeActivityExecutionResponse;
  readonly #converter: DataConverter;

  constructor(raw: DescribeActivityExecutionResponse, namespace: string, converter: DataConverter) {
    const info = raw.info ?? ActivityExecutionInfo.create();
    super(info, namespace);
    this.attempt = info.attempt;
    this.runState = toPendingState(info.runState);
    this.canceledReason = info.canceledReason === "" ? undefined : info.canceledReason;
    this.currentRetryIntervalMs = toDurationMs(info.currentRetryInterval);
    this.expirationTime = toDate(info.expirationTime);
    this.lastStartedTime = toDate(info.lastStartedTime);
    this.lastAttemptCompleteTime = toDate(info.lastAttemptCompleteTime);
    this.lastHeartbeatTime = toDate(info.lastHeartbeatTime);
    this.nextAttemptScheduleTime = toDate(info.nextAttemptScheduleTime);
    this.lastWorkerIdentity = info.lastWorkerIdentity === "" ? undefined : info.lastWorkerIdentity;
    this.lastDeploymentVersion = info.lastDeploymentVersion;
    this.totalHeartbeatCount = info.totalHeartbeatCount;
    this.retryPolicy = info.retryPolicy === undefined ? undefined : fromRetryPolicyMessage(info.retryPolicy);
    this.priority = fromPriorityMessage(info.priority);
    this.scheduleToCloseTimeoutMs = toDurationMs(info.scheduleToCloseTimeout);
    this.scheduleToStartTimeoutMs = toDurationMs(info.scheduleToStartTimeout);
    this.startToCloseTimeoutMs = toDurationMs(info.startToCloseTimeout);
    this.heartbeatTimeoutMs = toDurationMs(info.heartbeatTimeout);
    this.startDelayMs = toDurationMs(info.startDelay);
    this.longPollToken = raw.longPollToken.length === 0 ? undefined : raw.longPollToken;
    this.raw = raw;
    this.#converter = converter;
  }

  /** Arguments that it was started with; `undefined` unless they were asked for. */
  input(): Promise<readonly unknown[] | undefined> {
    return this.#values(this.raw.input);
  }

  /** Details of its last heartbeat; `undefined` without any, or unless they were asked for. */
  heartbeatDetails(): Promise<readonly unknown[] | undefined> {
    return this.#values(this.raw.info?.heartbeatDetails);
  }

  /** Whether it has a result and that was asked for. */
  get hasResult(): boolean {
    return this.raw.outcome?.value?.case === "result";
  }

  /** Its result; `undefined` if it has none, or unless the outcome was asked for. */
  async result(): Promise<unknown> {
    const value = this.raw.outcome?.value;
    return value?.case === "result" ? (await this.#converter.decode(value.value.payloads))[0] : undefined;
  }

  /** Why it ended otherwise; `undefined` if it did not, or unless the outcome was asked for. */
  async outcomeFailure(): Promise<Error | undefined> {
    const value = this.raw.outcome?.value;
    return value?.case === "failure" ? this.#converter.decodeFailure(value.value) : undefined;
  }

  /** Why its last attempt failed; `undefined` if none did, or unless that was asked for. */
  async lastFailure(): Promise<Error | undefined> {
    const failure = this.raw.info?.lastFailure;
    return failure === undefined ? undefined : this.#converter.decodeFailure(failure);
  }

  /** One line about it, given when it was started. */
  async staticSummary(): Promise<string | undefined> {
    const summary: Payload | undefined = this.raw.info?.userMetadata?.summary;
    const text = summary === undefined ? undefined : (await this.#converter.decode([summary]))[0];
    return typeof text === "string" ? text : undefined;
  }

  async #values(payloads: Payloads | undefined): Promise<readonly unknown[] | undefined> {
    return payloads === undefined ? undefined : this.#converter.decode(payloads.payloads);
  }
}

function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : new Date(toMs(timestamp));
}

function toDurationMs(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : duration.seconds * 1000 + duration.nanos / 1e6;
}
