import type { Failure } from "../../proto/gen/failure.ts";
import type {
  Payload,
  Memo,
  Priority,
  RetryPolicy,
  SearchAttributes,
  WorkflowExecution,
} from "../../proto/gen/common.ts";
import type { EventGroupMarker, UserMetadata } from "../../proto/gen/sdk.ts";
import type { VersioningOverride } from "../../proto/gen/workflow.ts";
import type { Init } from "../../proto/message.ts";

/**
 * What one workflow task asks of workflow code, and what the code answers.
 *
 * The two sides are `core/replay`, which turns events into jobs and commands into protocol commands, and
 * `workflow/runtime`, which runs user code. Everything here is plain data: it crosses into the sandbox by reference.
 * `seq` numbers what the code started, one count for each kind of command, from 1.
 */
export interface Activation {
  /** Workflow time in milliseconds since the epoch: start of the workflow task being applied. */
  readonly timestampMs: number;
  readonly isReplaying: boolean;
  /** Id of the last event that this activation covers. */
  readonly historyLength: number;
  readonly historySizeBytes: number;
  readonly continueAsNewSuggested: boolean;
  /** `temporal.api.enums.v1.SuggestContinueAsNewReason` values. */
  readonly suggestContinueAsNewReasons: readonly number[];
  readonly targetWorkerDeploymentVersionChanged: boolean;
  /** Deployment version that processed or processes this task, when there is one. */
  readonly deploymentVersion?: { readonly deploymentName: string; readonly buildId: string } | undefined;
  /** Flags of the runtime that history has recorded: in replay only these may be used. */
  readonly availableFlags?: readonly number[] | undefined;
  /** The SDK that completed the last task whose completion says so: another one's flags mean something else. */
  readonly lastSdk?: { readonly name: string; readonly version: string } | undefined;
  readonly jobs: readonly ActivationJob[];
}

/** Order within an activation: initialize, patches, random seed, signals and updates in history order, resolutions in history order, cancel; queries come alone. */
export type ActivationJob =
  | { readonly kind: "initializeWorkflow"; readonly details: InitializeWorkflow }
  | { readonly kind: "notifyHasPatch"; readonly patchId: string }
  | { readonly kind: "updateRandomSeed"; readonly seed: string }
  | { readonly kind: "fireTimer"; readonly seq: number }
  | {
      readonly kind: "resolveActivity";
      readonly seq: number;
      readonly isLocal: boolean;
      readonly result: ActivityResolution;
    }
  | { readonly kind: "resolveChildWorkflowStart"; readonly seq: number; readonly result: ChildStartResolution }
  | { readonly kind: "resolveChildWorkflow"; readonly seq: number; readonly result: Resolution }
  | { readonly kind: "resolveSignalExternal"; readonly seq: number; readonly failure?: Failure | undefined }
  | { readonly kind: "resolveCancelExternal"; readonly seq: number; readonly failure?: Failure | undefined }
  | { readonly kind: "resolveNexusOperationStart"; readonly seq: number; readonly result: NexusStartResolution }
  | {
      readonly kind: "resolveNexusOperation";
      readonly seq: number;
      readonly result: Resolution | { readonly status: "timedOut"; readonly failure: Failure };
    }
  | { readonly kind: "cancelWorkflow"; readonly reason: string }
  | {
      readonly kind: "signalWorkflow";
      readonly signalName: string;
      readonly input: readonly Payload[];
      readonly headers: Readonly<Record<string, Payload>>;
      readonly identity: string;
      /** The event that brought it. */
      readonly eventId: number;
    }
  | { readonly kind: "doUpdate"; readonly update: DoUpdate }
  | {
      readonly kind: "queryWorkflow";
      readonly queryId: string;
      readonly queryType: string;
      readonly args: readonly Payload[];
      readonly headers: Readonly<Record<string, Payload>>;
    };

/** How something the workflow awaited ended; a cancellation carries the failure to throw. */
export type Resolution =
  | { readonly status: "completed"; readonly result?: Payload | undefined }
  | { readonly status: "failed" | "cancelled"; readonly failure: Failure };

export type ActivityResolution =
  | Resolution
  /** A local activity whose retry waits longer than the worker may hold the task: the runtime starts a timer, then the activity again. */
  | {
      readonly status: "backoff";
      readonly attempt: number;
      readonly backoffMs: number;
      readonly originalScheduleTimeMs: number;
    };

export type ChildStartResolution =
  | { readonly status: "started"; readonly runId: string }
  | { readonly status: "alreadyExists"; readonly workflowId: string; readonly workflowType: string }
  | { readonly status: "invalidVersioningOverride" }
  | { readonly status: "cancelled"; readonly failure: Failure };

export type NexusStartResolution =
  | { readonly status: "startedAsync"; readonly operationToken: string }
  | { readonly status: "startedSync" }
  | { readonly status: "failed"; readonly failure: Failure };

export interface InitializeWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  readonly firstExecutionRunId: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly workflowType: string;
  readonly arguments: readonly Payload[];
  readonly headers: Readonly<Record<string, Payload>>;
  /** Decimal; seeds every random stream of the run. */
  readonly randomSeed: string;
  readonly identity: string;
  readonly attempt: number;
  readonly startTimeMs: number;
  readonly workflowStartTimeMs: number;
  readonly executionTimeoutMs?: number | undefined;
  readonly runTimeoutMs?: number | undefined;
  readonly taskTimeoutMs: number;
  readonly parent?: { readonly namespace: string; readonly workflowId: string; readonly runId: string } | undefined;
  readonly root?: WorkflowExecution | undefined;
  readonly continuedFromRunId: string;
  /** `temporal.api.enums.v1.ContinueAsNewInitiator`. */
  readonly continuedInitiator: number;
  readonly continuedFailure?: Failure | undefined;
  readonly lastCompletionResult: readonly Payload[];
  readonly cronSchedule: string;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly memo?: Memo | undefined;
  readonly searchAttributes?: SearchAttributes | undefined;
  readonly priority?: Priority | undefined;
}

export interface DoUpdate {
  readonly id: string;
  readonly protocolInstanceId: string;
  readonly name: string;
  readonly input: readonly Payload[];
  readonly headers: Readonly<Record<string, Payload>>;
  readonly identity: string;
  /** False in replay: history says that the validator accepted. */
  readonly runValidator: boolean;
}

/** The answer to one {@link Activation}. */
export type ActivationCompletion =
  | {
      readonly status: "completed";
      readonly commands: readonly WorkflowCommand[];
      readonly usedFlags: readonly number[];
      readonly versioningBehavior: number;
    }
  /** The workflow task fails and is tried again; the workflow itself goes on. */
  | { readonly status: "failed"; readonly failure: Failure; /** `WorkflowTaskFailedCause`. */ readonly cause: number };

export type ActivityCancellation = "tryCancel" | "waitCancellationCompleted" | "abandon";
export type ChildCancellation = "abandon" | "tryCancel" | "waitCancellationCompleted" | "waitCancellationRequested";

/** Options that a remote and a local activity share. Times in milliseconds. */
export interface ScheduledActivity {
  readonly activityId: string;
  readonly activityType: string;
  readonly arguments: readonly Payload[];
  readonly headers: Readonly<Record<string, Payload>>;
  readonly scheduleToCloseTimeoutMs?: number | undefined;
  readonly scheduleToStartTimeoutMs?: number | undefined;
  readonly startToCloseTimeoutMs?: number | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly cancellationType: ActivityCancellation;
}

export type WorkflowCommand = WorkflowCommandOfKind & {
  /** Groups that the command and its event belong to; what cancels something belongs to that one's. */
  readonly eventGroupMarkers?: readonly EventGroupMarker[] | undefined;
};

type WorkflowCommandOfKind =
  | {
      readonly kind: "startTimer";
      readonly seq: number;
      readonly durationMs: number;
      readonly userMetadata?: UserMetadata | undefined;
    }
  | { readonly kind: "cancelTimer"; readonly seq: number }
  | {
      readonly kind: "scheduleActivity";
      readonly seq: number;
      readonly activity: ScheduledActivity;
      readonly taskQueue: string;
      readonly heartbeatTimeoutMs?: number | undefined;
      readonly requestEagerExecution: boolean;
      readonly useWorkflowBuildId: boolean;
      readonly priority?: Priority | undefined;
      readonly userMetadata?: UserMetadata | undefined;
    }
  | { readonly kind: "requestCancelActivity"; readonly seq: number }
  | {
      readonly kind: "scheduleLocalActivity";
      readonly seq: number;
      readonly activity: ScheduledActivity;
      /** From 1; more after a `backoff` resolution. */
      readonly attempt: number;
      readonly originalScheduleTimeMs?: number | undefined;
      readonly localRetryThresholdMs?: number | undefined;
      readonly userMetadata?: UserMetadata | undefined;
    }
  | { readonly kind: "requestCancelLocalActivity"; readonly seq: number }
  | { readonly kind: "startChildWorkflow"; readonly seq: number; readonly child: StartChildWorkflow }
  | { readonly kind: "cancelChildWorkflow"; readonly seq: number; readonly reason: string }
  | {
      readonly kind: "signalExternalWorkflow";
      readonly seq: number;
      readonly target:
        | { readonly kind: "external"; readonly namespace: string; readonly workflowId: string; readonly runId: string }
        | { readonly kind: "child"; readonly workflowId: string };
      readonly signalName: string;
      readonly args: readonly Payload[];
      readonly headers: Readonly<Record<string, Payload>>;
    }
  | { readonly kind: "cancelSignalExternal"; readonly seq: number }
  | {
      readonly kind: "requestCancelExternal";
      readonly seq: number;
      readonly namespace: string;
      readonly workflowId: string;
      readonly runId: string;
      readonly reason: string;
    }
  | {
      readonly kind: "scheduleNexusOperation";
      readonly seq: number;
      readonly endpoint: string;
      readonly service: string;
      readonly operation: string;
      readonly input?: Payload | undefined;
      readonly headers: Readonly<Record<string, string>>;
      readonly scheduleToCloseTimeoutMs?: number | undefined;
      readonly scheduleToStartTimeoutMs?: number | undefined;
      readonly startToCloseTimeoutMs?: number | undefined;
      readonly cancellationType: ChildCancellation;
      readonly userMetadata?: UserMetadata | undefined;
    }
  | { readonly kind: "requestCancelNexusOperation"; readonly seq: number }
  | { readonly kind: "setPatchMarker"; readonly patchId: string; readonly deprecated: boolean }
  | { readonly kind: "upsertSearchAttributes"; readonly searchAttributes: Readonly<Record<string, Payload>> }
  | { readonly kind: "modifyProperties"; readonly upsertedMemo: Readonly<Record<string, Payload>> }
  | {
      readonly kind: "updateResponse";
      readonly protocolInstanceId: string;
      readonly response:
        | { readonly status: "accepted" }
        | { readonly status: "rejected"; readonly failure: Failure }
        | { readonly status: "completed"; readonly result?: Payload | undefined }
        | { readonly status: "failed"; readonly failure: Failure };
    }
  | {
      readonly kind: "respondToQuery";
      readonly queryId: string;
      readonly result:
        | { readonly status: "succeeded"; readonly response?: Payload | undefined }
        | { readonly status: "failed"; readonly failure: Failure };
    }
  | { readonly kind: "completeWorkflow"; readonly result?: Payload | undefined }
  | { readonly kind: "failWorkflow"; readonly failure: Failure }
  | { readonly kind: "cancelWorkflow" }
  | { readonly kind: "continueAsNew"; readonly next: ContinueAsNew };

export interface StartChildWorkflow {
  readonly namespace: string;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: readonly Payload[];
  readonly headers: Readonly<Record<string, Payload>>;
  readonly executionTimeoutMs?: number | undefined;
  readonly runTimeoutMs?: number | undefined;
  readonly taskTimeoutMs?: number | undefined;
  /** Numbers of `temporal.api.enums.v1`. */
  readonly parentClosePolicy: number;
  readonly workflowIdReusePolicy: number;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly cronSchedule: string;
  readonly memo: Readonly<Record<string, Payload>>;
  readonly searchAttributes?: SearchAttributes | undefined;
  readonly cancellationType: ChildCancellation;
  readonly inheritBuildId: boolean;
  readonly priority?: Priority | undefined;
  readonly versioningOverride?: Init<VersioningOverride> | undefined;
  readonly userMetadata?: UserMetadata | undefined;
}

export interface ContinueAsNew {
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly arguments: readonly Payload[];
  readonly headers: Readonly<Record<string, Payload>>;
  readonly runTimeoutMs?: number | undefined;
  readonly taskTimeoutMs?: number | undefined;
  readonly memo?: Readonly<Record<string, Payload>> | undefined;
  readonly searchAttributes?: SearchAttributes | undefined;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly backoffStartIntervalMs?: number | undefined;
  readonly inheritBuildId: boolean;
  readonly initialVersioningBehavior?: number | undefined;
}

/**
 * One run of workflow code, as whoever holds it drives it.
 *
 * `begin` applies the jobs; the driver then lets microtasks drain and calls `advance` until it answers false; `finish`
 * collects the commands. The sandbox drains synchronously, the unsandboxed runner with the event loop's help.
 * None of the three throws: a failure of user code or of the runtime is an {@link ActivationCompletion}.
 */
export interface WorkflowInstance {
  begin(activation: Activation): void;
  /** True when it made more work for the microtask queue: drain and call it again. */
  advance(): boolean;
  finish(): ActivationCompletion;
  /** Where the user's code issued a command that replay refuses, or else where it waits or has waited last: "file:line:column". */
  placeOf?(command: IssuedCommand | undefined): string | undefined;
}

/** A command as the messages of replay name it. */
export interface IssuedCommand {
  readonly kind: string;
  readonly id?: string | undefined;
}
