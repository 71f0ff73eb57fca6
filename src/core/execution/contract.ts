import type { AdministrativeRequest } from "./administration.ts";
import type { CallbackAnswer } from "./callback/callback-state.ts";
import type { EncodedEvent } from "./encoded-event.ts";
import type { ExecutionError } from "./execution-error.ts";
import type { ExecutionLimits } from "./limits.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type {
  Link,
  Payload,
  Payloads,
  TimeSkippingStatePropagation,
  WorkflowExecution,
} from "../../proto/gen/common.ts";
import type { Outcome, Request } from "../../proto/gen/update.ts";
import type { NexusEffect, NexusRequest } from "./nexus/request.ts";
import type { StepReply } from "./reply.ts";
import type { InheritedVersioning, PollerRoute, ServesQueue } from "./versioning/versioning-state.ts";
import type { WorkflowTaskToken } from "./workflow-task-token.ts";
import type {
  RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest,
  SignalWorkflowExecutionRequest,
  StartWorkflowExecutionRequest,
} from "../../proto/gen/workflowservice.ts";

export type { ActivitySelector, AdministrativeRequest } from "./administration.ts";
export type { EncodedEvent } from "./encoded-event.ts";
export type { ExecutionLimits } from "./limits.ts";
export type { StartedActivityTask, StartedWorkflowTask, StepReply, UpdateStatus } from "./reply.ts";
export type { WorkflowTaskToken } from "./workflow-task-token.ts";

/**
 * The server's half of the protocol, as a function: state and request in; record, effects and reply out.
 *
 *     newState(): ExecutionState                                    before its "start" step or first fold (state.ts)
 *     firstOrigin(request, place, nowMs): StartOrigin               of a run that begins a chain (start-origin.ts)
 *     step(state, request, context): StepResult                     step.ts
 *     fold(state, record): void                                     fold.ts
 *     encodeOps(ops): Uint8Array; decodeRecord(stored): StepRecord  record.ts
 *     snapshot(state): Uint8Array; restore(bytes): ExecutionState   snapshot.ts
 *     nextDeadlineMs(state): number | undefined                     deadline.ts
 *     outstandingEffects(state): Effect[]                           outstanding.ts
 *     executionInfo(state), pendingActivities(state), …             view.ts
 *
 * A run's state is changed by nothing but the fold of its records, so that what a crash leaves on disk is what memory
 * held. `step` folds each event and operation into the live state as it makes it. When it throws, it has taken all of
 * that back: the state is as it was. When it returns, the record must be committed; if that fails, drop the state.
 * Everything is pure and synchronous.
 */
export interface StepContext {
  /** Milliseconds since the epoch, by the clock; a run's own time may be ahead of it. */
  readonly nowMs: number;
  /** A fresh UUID. */
  readonly newId: () => string;
  readonly limits: ExecutionLimits;
  /** Answers why search attributes are not allowed here, in the service's words; absent means all are. */
  readonly searchAttributesFault?: (attributes: Readonly<Record<string, Payload>>) => string | undefined;
  /** Search attributes with the type in each payload's metadata; absent means that no types are known. */
  readonly typedSearchAttributes?: (attributes: Readonly<Record<string, Payload>>) => Record<string, Payload>;
  /** The id of another namespace, undefined if there is none of that name; absent means that only the run's own is known. */
  readonly namespaceId?: (name: string) => string | undefined;
  /** Whether workers of a version serve a workflow task queue; absent means that nobody knows. */
  readonly servesQueue?: ServesQueue;
  /** The id of a Nexus endpoint, undefined if there is none of that name; absent means that there are none. */
  readonly nexusEndpointId?: (name: string) => string | undefined;
  /** Answers why an operation of the system's own endpoint cannot be, in the service's words. */
  readonly systemOperationFault?: (operation: SystemOperation) => string | undefined;
}

/** What a workflow asks of the system's own Nexus endpoint. */
export interface SystemOperation {
  readonly namespaceId: string;
  readonly service: string;
  readonly operation: string;
  readonly input: Payload | undefined;
}

/** Where a run came from; all a started event must know that its request does not. */
export interface StartOrigin {
  readonly namespace: string;
  readonly namespaceId: string;
  readonly runId: string;
  readonly firstExecutionRunId: string;
  readonly originalExecutionRunId: string;
  readonly attempt: number;
  readonly continuedFromRunId?: string | undefined;
  /** `ContinueAsNewInitiator`. */
  readonly initiator?: number | undefined;
  readonly continuedFailure?: Failure | undefined;
  readonly lastCompletionResult?: Payloads | undefined;
  /** Delay before the first workflow task: cron, retry, start delay, continue-as-new backoff. */
  readonly firstWorkflowTaskBackoffMs: number;
  /** Absolute end of the whole chain of runs, when there is an execution timeout. */
  readonly executionExpirationMs?: number | undefined;
  readonly retryExpirationMs?: number | undefined;
  readonly parent?:
    | {
        readonly namespace: string;
        readonly namespaceId: string;
        readonly execution: WorkflowExecution;
        readonly initiatedEventId: number;
      }
    | undefined;
  readonly root?: WorkflowExecution | undefined;
  readonly versioning?: InheritedVersioning | undefined;
  /** Where the run's own time begins, if that is not the clock's. */
  readonly time?: TimeSkippingStatePropagation | undefined;
}

/** Something that happens to a run. The RPC's own message is passed where it already says everything. */
export type ExecutionRequest =
  | {
      readonly kind: "start";
      readonly origin: StartOrigin;
      readonly request: StartWorkflowExecutionRequest;
      /** Signal-with-start: recorded before the first workflow task. */ readonly signal?: SignalWorkflowExecutionRequest;
      /** Start the first workflow task at once for this identity (eager start). */ readonly eagerIdentity?: string;
    }
  | {
      readonly kind: "signal";
      readonly request: SignalWorkflowExecutionRequest;
      readonly fromExternal?: WorkflowExecution;
    }
  | {
      readonly kind: "requestCancel";
      readonly requestId: string;
      readonly reason: string;
      readonly identity: string;
      readonly external?: {
        readonly execution: WorkflowExecution;
        readonly initiatedEventId: number;
      };
      readonly links?: readonly Link[];
    }
  | {
      readonly kind: "terminate";
      readonly reason: string;
      readonly details?: Payloads | undefined;
      readonly identity: string;
      /** The run is terminated because it was reset, and this one goes on: children stay, and the parent is not told. */
      readonly resetRunId?: string;
      readonly links?: readonly Link[];
    }
  /** A poller got the workflow task. Replies with what the frontend needs to answer the poll, or `stale`. */
  | {
      readonly kind: "startWorkflowTask";
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly identity: string;
      readonly requestId: string;
      readonly stickyQueue: boolean;
      /** What matching knows of the worker; absent means that it has no version and nothing was asked. */
      readonly route?: PollerRoute;
    }
  | {
      readonly kind: "completeWorkflowTask";
      readonly token: WorkflowTaskToken;
      readonly request: RespondWorkflowTaskCompletedRequest;
    }
  | {
      readonly kind: "failWorkflowTask";
      readonly token: WorkflowTaskToken;
      readonly request: RespondWorkflowTaskFailedRequest;
    }
  /** Forgets the sticky queue, so that the next workflow task goes to the normal one with full history. */
  | { readonly kind: "resetSticky" }
  | {
      readonly kind: "startActivityTask";
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly stamp: number;
      readonly identity: string;
      readonly requestId: string;
      /** What matching knows of the worker. The target is that of the run's own workflow task queue. */
      readonly route?: PollerRoute;
    }
  | {
      readonly kind: "completeActivity";
      readonly activity: ActivityTarget;
      readonly result?: Payloads | undefined;
      readonly identity: string;
    }
  | {
      readonly kind: "failActivity";
      readonly activity: ActivityTarget;
      readonly failure?: Failure | undefined;
      readonly lastHeartbeatDetails?: Payloads | undefined;
      readonly identity: string;
    }
  | {
      readonly kind: "cancelActivity";
      readonly activity: ActivityTarget;
      readonly details?: Payloads | undefined;
      readonly identity: string;
    }
  | {
      readonly kind: "heartbeatActivity";
      readonly activity: ActivityTarget;
      readonly details?: Payloads | undefined;
      readonly identity: string;
    }
  | { readonly kind: "childStarted"; readonly initiatedEventId: number; readonly runId: string }
  | { readonly kind: "childStartFailed"; readonly initiatedEventId: number; readonly cause: number }
  | {
      readonly kind: "childClosed";
      readonly initiatedEventId: number;
      readonly runId: string;
      readonly close: RunClose;
    }
  | {
      readonly kind: "externalSignalResolved";
      readonly initiatedEventId: number;
      /** `SignalExternalWorkflowExecutionFailedCause`, absent on success. */ readonly failedCause?: number;
    }
  | {
      readonly kind: "externalCancelResolved";
      readonly initiatedEventId: number;
      readonly failedCause?: number;
    }
  /** An update's request has come. Replies with the update's status, be it new or known by its id. */
  | { readonly kind: "admitUpdate"; readonly request: Request }
  | AdministrativeRequest
  | NexusRequest
  /** An attempt to tell a callback is over. It may belong to a run that has closed. */
  | {
      readonly kind: "callbackAnswered";
      readonly index: number;
      readonly attempt: number;
      readonly answer: CallbackAnswer;
    }
  /** Time has come to `nextDeadlineMs(state)`: everything due happens, in order of its time. Harmless when nothing is due. */
  | { readonly kind: "tick" };

/** An activity by the token of one attempt, or by its id (completion by id). */
export type ActivityTarget =
  | {
      readonly by: "token";
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly startedEventId: number;
    }
  | { readonly by: "id"; readonly activityId: string };

/** How a run ended, as a parent or a waiting client needs it. */
export interface RunClose {
  /** `WorkflowExecutionStatus`. */
  readonly status: number;
  readonly result?: Payloads | undefined;
  readonly failure?: Failure | undefined;
  readonly cancelDetails?: Payloads | undefined;
  /** `RetryState`. */
  readonly retryState: number;
  /** Set when another run of the chain goes on: the parent is not told yet. */
  readonly newRunId?: string | undefined;
}

/** An operation without an event. The set is private to `core/execution`; `encodeOps` makes bytes of them. */
export interface Operation {
  readonly op: string;
}

/** What a step adds to the log. */
export interface StepRecord {
  readonly firstEventId: number;
  readonly events: readonly EncodedEvent[];
  readonly ops: readonly Operation[];
}

/** What the engine must do because of a step, in order. Cross-run effects are carried out in the same commit. */
export type Effect =
  /** Offer a workflow task to matching. On a sticky queue it falls back to the normal one after its schedule-to-start timeout (a tick). */
  | {
      readonly kind: "dispatchWorkflowTask";
      readonly taskQueue: string;
      readonly sticky: boolean;
      readonly normalTaskQueue: string;
      readonly scheduledEventId: number;
      readonly attempt: number;
    }
  | {
      readonly kind: "dispatchActivityTask";
      readonly taskQueue: string;
      readonly scheduledEventId: number;
      readonly attempt: number;
      readonly stamp: number;
      readonly priority: number;
    }
  /** The run goes on as a new one: continue-as-new, workflow retry or cron. */
  | {
      readonly kind: "startRun";
      readonly origin: StartOrigin;
      readonly request: StartWorkflowExecutionRequest;
    }
  | {
      readonly kind: "startChild";
      readonly initiatedEventId: number;
      readonly namespace: string;
      /** The parent was reset: if a child of that id runs already, it is this one, and is reported as started. */
      readonly reconnects?: true;
      readonly versioning?: InheritedVersioning;
      readonly time?: TimeSkippingStatePropagation | undefined;
      readonly request: StartWorkflowExecutionRequest;
    }
  | {
      readonly kind: "signalExternal";
      readonly initiatedEventId: number;
      readonly namespace: string;
      readonly request: SignalWorkflowExecutionRequest;
      readonly childOnly: boolean;
    }
  | {
      readonly kind: "cancelExternal";
      readonly initiatedEventId: number;
      readonly namespace: string;
      readonly execution: WorkflowExecution;
      readonly childOnly: boolean;
      readonly reason: string;
    }
  | {
      readonly kind: "notifyParent";
      readonly parent: NonNullable<StartOrigin["parent"]>;
      readonly close: RunClose;
    }
  /** Parent close policy of one open child: `ParentClosePolicy`, never abandon. `execution.runId` is the first run of the child's chain; whatever run of it is open is meant. */
  | {
      readonly kind: "closeChild";
      readonly namespace: string;
      readonly execution: WorkflowExecution;
      readonly policy: number;
    }
  | NexusEffect
  /** Tell a callback what it waited for (`completionOf`). */
  | { readonly kind: "invokeCallback"; readonly index: number; readonly attempt: number }
  | { readonly kind: "closed"; readonly close: RunClose }
  /** For those who wait for an update. A completed one's outcome stays in history, a rejected one's is told only now. */
  | { readonly kind: "updateAccepted"; readonly updateId: string; readonly acceptedEventId: number }
  | {
      readonly kind: "updateCompleted";
      readonly updateId: string;
      readonly outcome: Outcome;
      readonly rejected: boolean;
    }
  /** The update will not be answered. With `continued`, its caller may be sent on to the run that follows. */
  | {
      readonly kind: "updateAborted";
      readonly updateId: string;
      readonly error: ExecutionError;
      readonly continued: boolean;
    };

/** What a step did. Its record has been folded into the state already. */
export interface StepResult {
  readonly record: StepRecord;
  readonly effects: readonly Effect[];
  readonly reply: StepReply;
}
