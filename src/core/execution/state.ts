import type { Link, Payload, Payloads, Priority, WorkerVersionStamp } from "../../proto/gen/common.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import { WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import type {
  ActivityTaskScheduledEventAttributes,
  HistoryEvent,
  RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
  SignalExternalWorkflowExecutionInitiatedEventAttributes,
  StartChildWorkflowExecutionInitiatedEventAttributes,
  WorkflowExecutionStartedEventAttributes,
} from "../../proto/gen/history.ts";
import type { UserMetadata } from "../../proto/gen/sdk.ts";
import type { VersioningOverride } from "../../proto/gen/workflow.ts";
import type { ActivityPhase } from "./activity/machine.ts";
import type { CallbackState } from "./callback/callback-state.ts";
import type { RunClose } from "./contract.ts";
import type { NexusOperationState } from "./nexus/nexus-state.ts";
import type { RunPhase } from "./run/machine.ts";
import type { RetryPolicyMs } from "../schedule/retry.ts";
import type { UpdateState } from "./update/update-state.ts";
import type { TimeSkippingState } from "./time-skipping/skipping-state.ts";
import { UNVERSIONED, type VersioningState } from "./versioning/versioning-state.ts";
import type { WorkflowTaskPhase } from "./workflow-task/machine.ts";

/** Event id of what has begun but is not in history yet, because its event waits for the workflow task to end. */
export const BUFFERED_EVENT_ID = -123;

/**
 * Everything about one run that later requests depend on. Changed by folds only.
 *
 * The object is changed in place; what hangs on its fields is not (but for the maps, by way of the journal), so that a
 * shallow copy and a journal of the maps are enough to take a failed step back.
 */
export interface ExecutionState {
  namespace: string;
  namespaceId: string;
  workflowId: string;
  runId: string;
  phase: RunPhase;
  status: WorkflowExecutionStatus;
  /** Of the start request. */
  requestId: string;
  started: WorkflowExecutionStartedEventAttributes | undefined;
  startLinks: readonly Link[];
  userMetadata: UserMetadata | undefined;
  /** Of the end of the chain of runs, and of updates. A place in the list is a callback's name. */
  callbacks: readonly CallbackState[];
  /** Requests that found the run going on and attached themselves to it. */
  attachedRequests: readonly AttachedRequest[];
  startTimeMs: number;
  /** When the started event was made; a reset does not change that. */
  originalStartTimeMs: number;
  /** When the first workflow task may be scheduled. */
  executionTimeMs: number;
  closeTimeMs: number | undefined;
  runExpirationMs: number | undefined;
  executionExpirationMs: number | undefined;
  nextEventId: number;
  historySizeBytes: number;
  stateTransitionCount: number;
  memo: Readonly<Record<string, Payload>>;
  searchAttributes: Readonly<Record<string, Payload>>;
  priority: Priority | undefined;
  versioningOverride: VersioningOverride | undefined;
  versioning: VersioningState;
  /** Versions whose workers have completed workflow tasks, as the search attribute names them. */
  usedVersions: readonly string[];
  /** Build of the worker of the last completed workflow task, if it goes by sets of compatible builds. */
  compatibleBuildId: string;
  /** Build of the worker that started the last workflow task, if rules assign builds; empty otherwise. */
  assignedBuildId: string;
  /** How often that has changed. */
  buildIdRedirects: number;
  /** Of the worker of the last completed workflow task. */
  workerVersion: WorkerVersionStamp | undefined;
  /** Nothing is started while the run is paused. */
  paused: Pause | undefined;
  /** Run that goes on instead of this one since a reset. */
  resetRunId: string;
  /** Of a run that came of a reset: the one whose history it took over. */
  baseRunId: string;
  taskQueue: string;
  sticky: StickyQueue | undefined;
  workflowTask: WorkflowTaskState | undefined;
  /** Attempt of the pending workflow task or, where there is none, of the next. Above one, tasks are transient. */
  workflowTaskAttempt: number;
  /** Workflow tasks that failed or timed out since the last one that was completed. */
  workflowTaskFailures: number;
  /** Build ids of the workers that have completed workflow tasks, as the search attribute names them. */
  buildIds: readonly string[];
  /** Started event of the last completed workflow task; zero before the first. */
  previousStartedEventId: number;
  /** Undefined until the run is told to skip time, or begins ahead of the clock. All times of the run are its own. */
  timeSkipping: TimeSkippingState | undefined;
  cancelRequested: boolean;
  cancelRequestId: string;
  /** The last workflow task tried to close the run while there was news: signals wait until the next one has ended. */
  closeAttempted: boolean;
  buffered: BufferedEvent[];
  signalCount: number;
  /** Request ids of signals, against duplicates, with the event of each; {@link BUFFERED_EVENT_ID} while that waits. */
  readonly signalRequestIds: Map<string, number>;
  /** By scheduled event id. */
  readonly activities: Map<number, ActivityState>;
  /** Activity id to scheduled event id. */
  readonly activityIds: Map<string, number>;
  /** By timer id. */
  readonly timers: Map<string, TimerState>;
  /** By initiated event id. */
  readonly children: Map<number, ChildState>;
  readonly externalSignals: Map<number, ExternalSignalState>;
  readonly externalCancels: Map<number, ExternalCancelState>;
  /** By scheduled event id. */
  readonly nexusOperations: Map<number, NexusOperationState>;
  /** By update id. */
  readonly updates: Map<string, UpdateState>;
  /** Of the next update to be admitted. */
  updateOrder: number;
  close: RunClose | undefined;
  journal: Journal | undefined;
}

/** What the maps held before each change, as triples of map, key and old value. */
export type Journal = (readonly [map: Map<unknown, unknown>, key: unknown, before: unknown])[];

/** The queue on which a worker keeps the run in its cache. */
export interface StickyQueue {
  readonly queue: string;
  /** Zero means none. */
  readonly scheduleToStartMs: number;
}

/** A request that has attached itself to the run. */
export interface AttachedRequest {
  readonly requestId: string;
  /** Its event; {@link BUFFERED_EVENT_ID} while that waits. */
  readonly eventId: number;
  /** `EventType` of that event. */
  readonly eventType: number;
}

export interface WorkflowTaskState {
  readonly phase: WorkflowTaskPhase;
  /** Only a normal task has scheduled and started events in history; the others get them when it matters. */
  readonly kind: "normal" | "transient" | "speculative";
  readonly scheduledEventId: number;
  /** Zero until started. */
  readonly startedEventId: number;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly scheduledMs: number;
  readonly originalScheduledMs: number;
  readonly startedMs: number;
  /** When the sticky queue is given up; undefined where there is no such limit. */
  readonly scheduleToStartDeadlineMs: number | undefined;
  readonly taskQueue: string;
  readonly sticky: boolean;
  readonly requestId: string;
  readonly suggestContinueAsNewReasons: readonly number[];
  readonly historySizeBytes: number;
}

/** An event that has happened and waits for the started workflow task to end; it has no id yet. */
export interface BufferedEvent {
  readonly event: HistoryEvent;
  readonly sizeBytes: number;
}

export interface ActivityState {
  readonly phase: ActivityPhase;
  readonly scheduledEventId: number;
  readonly activityId: string;
  readonly scheduled: ActivityTaskScheduledEventAttributes;
  readonly attempt: number;
  readonly firstScheduledMs: number;
  /** Of the current attempt; while backing off, when it will be. */
  readonly scheduledMs: number;
  readonly startedMs: number | undefined;
  readonly requestId: string;
  /** Worker of the current attempt, or of the last one. */
  readonly identity: string;
  readonly lastFailure: Failure | undefined;
  readonly lastAttemptCompleteMs: number | undefined;
  readonly lastHeartbeatMs: number | undefined;
  readonly heartbeatDetails: Payloads | undefined;
  /** Cancel-requested event; zero while the workflow has not asked. */
  readonly cancelRequestedEventId: number;
  /** Counts changes that make a task already offered obsolete. */
  readonly stamp: number;
  readonly paused: Pause | undefined;
  /** A reset came while the attempt ran: the worker is told, and the next attempt is the first. */
  readonly reset: boolean;
  readonly resetHeartbeats: boolean;
  readonly options: ActivityOptionsMs;
}

/** Who has paused a run or an activity, and why. */
export interface Pause {
  readonly atMs: number;
  readonly identity: string;
  readonly reason: string;
  readonly requestId: string;
}

/** An activity's options in force, which may differ from those it was scheduled with. Zero means no timeout. */
export interface ActivityOptionsMs {
  readonly taskQueue: string;
  readonly scheduleToCloseMs: number;
  readonly scheduleToStartMs: number;
  readonly startToCloseMs: number;
  readonly heartbeatMs: number;
  readonly retry: RetryPolicyMs;
  readonly priority: Priority | undefined;
}

export interface TimerState {
  readonly timerId: string;
  readonly startedEventId: number;
  readonly fireMs: number;
}

export interface ChildState {
  readonly initiatedEventId: number;
  readonly initiated: StartChildWorkflowExecutionInitiatedEventAttributes;
  /** Zero until started; {@link BUFFERED_EVENT_ID} while its event waits. */
  readonly startedEventId: number;
  /** First run of the child's chain. */
  readonly runId: string;
}

export interface ExternalSignalState {
  readonly initiatedEventId: number;
  readonly initiated: SignalExternalWorkflowExecutionInitiatedEventAttributes;
}

export interface ExternalCancelState {
  readonly initiatedEventId: number;
  readonly initiated: RequestCancelExternalWorkflowExecutionInitiatedEventAttributes;
}

/** The state of a run of which nothing is known yet. */
export function newState(): ExecutionState {
  return {
    namespace: "",
    namespaceId: "",
    workflowId: "",
    runId: "",
    phase: "absent",
    status: WorkflowExecutionStatus.UNSPECIFIED,
    requestId: "",
    started: undefined,
    startLinks: [],
    userMetadata: undefined,
    callbacks: [],
    attachedRequests: [],
    startTimeMs: 0,
    originalStartTimeMs: 0,
    executionTimeMs: 0,
    closeTimeMs: undefined,
    runExpirationMs: undefined,
    executionExpirationMs: undefined,
    nextEventId: 1,
    historySizeBytes: 0,
    stateTransitionCount: 0,
    memo: {},
    searchAttributes: {},
    priority: undefined,
    versioningOverride: undefined,
    versioning: UNVERSIONED,
    usedVersions: [],
    compatibleBuildId: "",
    assignedBuildId: "",
    buildIdRedirects: 0,
    workerVersion: undefined,
    paused: undefined,
    resetRunId: "",
    baseRunId: "",
    taskQueue: "",
    sticky: undefined,
    workflowTask: undefined,
    workflowTaskAttempt: 1,
    workflowTaskFailures: 0,
    buildIds: [],
    previousStartedEventId: 0,
    timeSkipping: undefined,
    cancelRequested: false,
    cancelRequestId: "",
    closeAttempted: false,
    buffered: [],
    signalCount: 0,
    signalRequestIds: new Map(),
    activities: new Map(),
    activityIds: new Map(),
    timers: new Map(),
    children: new Map(),
    externalSignals: new Map(),
    externalCancels: new Map(),
    nexusOperations: new Map(),
    updates: new Map(),
    updateOrder: 0,
    close: undefined,
    journal: undefined,
  };
}
