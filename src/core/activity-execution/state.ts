import type { ActivityOptions, ActivityExecutionOutcome } from "../../proto/gen/activity.ts";
import type { Link, Payload, Payloads } from "../../proto/gen/common.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import { ActivityExecutionStatus } from "../../proto/gen/enums.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { StartActivityExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { durationMs } from "../execution/duration.ts";
import { filledSearchAttributes } from "../execution/payload-map.ts";
import { toCallbacks, type ActivityCallback } from "./callback-state.ts";
import type { ActivityExecutionPhase } from "./machine.ts";

/** The attempt that runs, or the one that comes next. Times are milliseconds since the epoch. */
export interface AttemptState {
  /** From 1. */
  readonly count: number;
  /** Changes whenever an offer of the attempt to workers becomes void. */
  readonly stamp: number;
  /** The stamp under which the last worker got an attempt: what makes its task token valid. */
  readonly startedStamp: number;
  /** When the attempt is to be offered to workers; nobody knows yet while the activity is paused. */
  readonly dispatchMs: number | undefined;
  readonly startedMs: number | undefined;
  readonly completeMs: number | undefined;
  readonly startRequestId: string;
  readonly workerIdentity: string;
  readonly sdkName: string;
  readonly sdkVersion: string;
  readonly deploymentVersion: WorkerDeploymentVersion | undefined;
  readonly lastFailure: Failure | undefined;
  readonly retryIntervalMs: number | undefined;
  /** Whether the failure asked for the interval; otherwise it follows from the policy. */
  readonly retryIntervalAsked: boolean;
}

/** What a running attempt's reset leaves for its end. */
export interface PendingReset {
  readonly restoreOptions: boolean;
  readonly clearHeartbeat: boolean;
  readonly pause: boolean;
}

/** Links that one request attached. */
export interface RequestLinks {
  readonly requestId: string;
  readonly links: readonly Link[];
}

/** All that changes of a standalone activity. Its input and what else the start said are kept beside it. */
export interface ActivityExecutionState {
  readonly phase: ActivityExecutionPhase;
  readonly activityType: string;
  /** Of the start. */
  readonly requestId: string;
  readonly scheduleMs: number;
  readonly closeMs: number | undefined;
  readonly options: ActivityOptions;
  readonly originalOptions: ActivityOptions;
  readonly attempt: AttemptState;
  /** When a worker first got an attempt. */
  readonly firstStartedMs: number | undefined;
  readonly heartbeatDetails: Payloads | undefined;
  readonly heartbeatMs: number | undefined;
  readonly heartbeats: number;
  readonly cancelReason: string;
  readonly cancelIdentity: string;
  readonly cancelRequestId: string;
  readonly terminateRequestId: string;
  readonly pauseRequestId: string;
  readonly unpauseRequestId: string;
  readonly resetRequestId: string;
  readonly optionsRequestId: string;
  readonly pendingReset: PendingReset | undefined;
  readonly outcome: ActivityExecutionOutcome | undefined;
  readonly searchAttributes: Readonly<Record<string, Payload>>;
  readonly links: readonly RequestLinks[];
  readonly callbacks: readonly ActivityCallback[];
  /** How often the state has changed. */
  readonly transitions: number;
  /** Whether the attempt has been offered to workers; not kept, since offers do not outlive a server. */
  readonly offered: boolean;
}

const firstAttempt: AttemptState = {
  count: 1,
  stamp: 1,
  startedStamp: 0,
  dispatchMs: undefined,
  startedMs: undefined,
  completeMs: undefined,
  startRequestId: "",
  workerIdentity: "",
  sdkName: "",
  sdkVersion: "",
  deploymentVersion: undefined,
  lastFailure: undefined,
  retryIntervalMs: undefined,
  retryIntervalAsked: false,
};

/** The activity that a start asks for. The request has been validated and its defaults are set. */
export function newActivityExecution(request: StartActivityExecutionRequest, nowMs: number): ActivityExecutionState {
  const options = optionsOf(request);
  const { requestId, links, completionCallbacks } = request;
  return {
    phase: "scheduled",
    activityType: request.activityType?.name ?? "",
    requestId,
    scheduleMs: nowMs,
    closeMs: undefined,
    options,
    originalOptions: options,
    attempt: { ...firstAttempt, dispatchMs: nowMs + durationMs(options.startDelay) },
    firstStartedMs: undefined,
    heartbeatDetails: undefined,
    heartbeatMs: undefined,
    heartbeats: 0,
    cancelReason: "",
    cancelIdentity: "",
    cancelRequestId: "",
    terminateRequestId: "",
    pauseRequestId: "",
    unpauseRequestId: "",
    resetRequestId: "",
    optionsRequestId: "",
    pendingReset: undefined,
    outcome: undefined,
    searchAttributes: filledSearchAttributes(request.searchAttributes)?.indexedFields ?? {},
    links: links.length === 0 ? [] : [{ requestId, links }],
    callbacks: toCallbacks(requestId, completionCallbacks, nowMs),
    transitions: 1,
    offered: false,
  };
}

function optionsOf(request: StartActivityExecutionRequest): ActivityOptions {
  return {
    taskQueue: request.taskQueue,
    scheduleToCloseTimeout: request.scheduleToCloseTimeout,
    scheduleToStartTimeout: request.scheduleToStartTimeout,
    startToCloseTimeout: request.startToCloseTimeout,
    heartbeatTimeout: request.heartbeatTimeout,
    retryPolicy: request.retryPolicy,
    priority: request.priority,
    startDelay: request.startDelay,
  };
}

const finalStatuses: Readonly<Partial<Record<ActivityExecutionPhase, ActivityExecutionStatus>>> = {
  completed: ActivityExecutionStatus.COMPLETED,
  failed: ActivityExecutionStatus.FAILED,
  canceled: ActivityExecutionStatus.CANCELED,
  terminated: ActivityExecutionStatus.TERMINATED,
  timedOut: ActivityExecutionStatus.TIMED_OUT,
};

/** The status that callers are told. */
export function statusOf({ phase }: ActivityExecutionState): ActivityExecutionStatus {
  if (phase === "paused") return ActivityExecutionStatus.PAUSED;
  return finalStatuses[phase] ?? ActivityExecutionStatus.RUNNING;
}

/** Whether the activity is over. */
export function isClosed({ phase }: ActivityExecutionState): boolean {
  return Object.hasOwn(finalStatuses, phase);
}

/** Whether an attempt is with a worker. */
export function isRunning({ phase }: ActivityExecutionState): boolean {
  return phase === "started" || phase === "cancelRequested" || phase === "pauseRequested" || phase === "resetRequested";
}

/** When the first attempt is to be offered. */
export function firstDispatchMs({ scheduleMs, options }: ActivityExecutionState): number {
  return scheduleMs + durationMs(options.startDelay);
}

/** When the activity is out of time; `undefined` if never. */
export function expirationMs(state: ActivityExecutionState): number | undefined {
  const wholeMs = durationMs(state.options.scheduleToCloseTimeout);
  return wholeMs === 0 ? undefined : firstDispatchMs(state) + wholeMs;
}

/** A time at which a worker may get the first attempt: not before the start delay is over. */
export function afterStartDelay(state: ActivityExecutionState, atMs: number): number {
  return state.firstStartedMs === undefined ? Math.max(atMs, firstDispatchMs(state)) : atMs;
}

/** When a retry is to be offered; `undefined` if the attempt is none. */
export function retryDispatchMs({ completeMs, retryIntervalMs }: AttemptState): number | undefined {
  return completeMs === undefined || !retryIntervalMs ? undefined : completeMs + retryIntervalMs;
}
