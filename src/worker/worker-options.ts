import type { Client, WorkflowHistory } from "../client/index.ts";
import type { VersioningBehavior } from "../core/options/versioning.ts";
import type { Duration } from "../core/time/duration.ts";
import type { DataConverter } from "../payload/data-converter.ts";
import type { FailureType } from "../workflow/definition.ts";
import type { ActivitySource } from "./activities/activity-registry.ts";
import type { Interceptor } from "./interceptor.ts";
import type { NexusServiceHandler } from "./nexus/nexus-registry.ts";
import type { Runtime } from "./runtime/runtime.ts";
import type { BundleOptions } from "./sandbox/bundle.ts";
import type { WorkflowBundle } from "./sandbox/workflow-bundle.ts";
import type { PollerBehavior } from "./tasks/poller-behavior.ts";
import type { WorkerTuner } from "./tuning/worker-tuner.ts";

/** A class that defines a workflow. */
export type WorkflowClass = abstract new (...args: never[]) => { run(...args: never[]): Promise<unknown> };

/** Which version of its code a worker runs, for worker versioning. */
export interface WorkerDeploymentOptions {
  readonly version: { readonly deploymentName: string; readonly buildId: string };
  /** Whether the service routes tasks by version. */
  readonly useWorkerVersioning: boolean;
  /** When workflows move to another version that do not say so themselves. @default none: all must */
  readonly defaultVersioningBehavior?: VersioningBehavior;
}

/** Where workflow code runs, and what it may import. */
export type WorkflowRunnerOptions =
  /** In a sandbox that keeps it deterministic. */
  | ({ readonly kind: "sandboxed" } & SandboxOptions)
  /** On the main thread, as any other code. A workflow says the same of itself with `sandboxed: false`. */
  | { readonly kind: "unsandboxed" };

/** What the sandbox of workflow code may be told. */
export interface SandboxOptions extends Pick<
  BundleOptions,
  | "passthroughModules"
  | "unsharedModules"
  | "converterModule"
  | "interceptorModules"
  | "activityModules"
  | "restrictions"
  | "importNotifications"
> {
  /** Workflow code bundled before, by `bundleWorkflows`; the other options count for nothing then. @default bundled now */
  readonly bundle?: WorkflowBundle;
}

/** What a `Worker` may be told. */
export interface WorkerOptions {
  /** The task queue to work on. */
  readonly taskQueue: string;
  /** Workflow classes. @default none */
  readonly workflows?: readonly WorkflowClass[];
  /** Functions, objects of functions, instances whose methods are activities, or what `inThreads` and `inProcesses` made. @default none */
  readonly activities?: ActivitySource | readonly ActivitySource[];
  /** Handlers of Nexus services, made by `serviceHandler` of `nexus-rpc`. @default none */
  readonly nexusServiceHandlers?: readonly NexusServiceHandler[];
  /** @default the client's own */
  readonly identity?: string;
  /** Names this version of the worker's code in history. @default none */
  readonly buildId?: string;
  /** @default none */
  readonly deployment?: WorkerDeploymentOptions;
  /** Logging, metrics and time. @default that of the client's connection, else `Runtime.default()` */
  readonly runtime?: Runtime;
  /** Called around what the worker runs, first one outermost. @default none */
  readonly interceptors?: readonly Interceptor[];
  /** Change these options and are called around the worker's life, after those of the client. @default none */
  readonly plugins?: readonly WorkerPlugin[];

  /** Workflow runs kept in memory between tasks; 0 turns the cache and the sticky queue off. @default 1000 */
  readonly maxCachedWorkflows?: number;
  /**
   * About how much memory they may take, in megabytes: those not used for longest go first. What a run takes is estimated
   * from its history. @default half of what the heap of a workflow thread may have, for each thread
   */
  readonly maxCachedWorkflowMemoryMb?: number;
  /** Cannot be combined with `tuner`. @default 100 */
  readonly maxConcurrentWorkflowTasks?: number;
  /** Cannot be combined with `tuner`. @default 100 */
  readonly maxConcurrentActivities?: number;
  /** Cannot be combined with `tuner`. @default 100 */
  readonly maxConcurrentLocalActivities?: number;
  /** Cannot be combined with `tuner`. @default 100 */
  readonly maxConcurrentNexusTasks?: number;
  /** Slots for tasks. @default fixed numbers of slots */
  readonly tuner?: WorkerTuner;

  /** @default up to 5 */
  readonly workflowTaskPollerBehavior?: PollerBehavior;
  /** @default up to 5 */
  readonly activityTaskPollerBehavior?: PollerBehavior;
  /** @default up to 5 */
  readonly nexusTaskPollerBehavior?: PollerBehavior;
  /** Share of the polls for workflow tasks that the normal queue gets beside the sticky one, each at least one. @default 0.2 */
  readonly nonstickyToStickyPollRatio?: number;
  /** How long a task may wait for this worker before any other may have it. @default "10s" */
  readonly stickyQueueScheduleToStartTimeout?: Duration;

  /** Handle local activities only. @default false */
  readonly noRemoteActivities?: boolean;
  /** @default "60s" */
  readonly maxHeartbeatThrottleInterval?: Duration;
  /** For activities without a heartbeat timeout; with one it is 80 % of that. @default "30s" */
  readonly defaultHeartbeatThrottleInterval?: Duration;
  /** Activities that this worker starts in a second. @default no limit */
  readonly maxActivitiesPerSecond?: number;
  /** Activities that the service hands out from the task queue in a second, to all workers. @default no limit */
  readonly maxTaskQueueActivitiesPerSecond?: number;
  /** Never ask for activities together with a workflow task's completion. @default false */
  readonly disableEagerActivityExecution?: boolean;
  /** Activities asked for with one workflow task's completion. @default 3 */
  readonly maxEagerActivityReservationsPerWorkflowTask?: number;

  /** How long activities may go on after shutdown has begun before they are cancelled. @default 0 */
  readonly gracefulShutdownTimeout?: Duration;
  /** How long cancelled activities may go on before the worker stops without them. @default no limit */
  readonly forcedShutdownTimeout?: Duration;
  /** Called before the worker shuts down because it cannot go on. */
  readonly onFatalError?: (error: unknown) => Promise<void>;

  /** @default in a sandbox */
  readonly workflowRunner?: WorkflowRunnerOptions;
  /** Error classes of user code, or their names, that fail the workflow instead of its task. @default none */
  readonly workflowFailureErrorTypes?: readonly FailureType[];
  /** Calls of external storage in progress at a time, for one workflow task. @default 3 */
  readonly maxWorkflowTaskExternalStorageConcurrency?: number;
  /** Leave it to the service to refuse payloads and memos that are too large. @default false: the worker fails the task before anything is sent, so that mended code can go on */
  readonly disablePayloadErrorLimit?: boolean;
  /** Ids of patches that workflow code of this worker does not take yet, as long as workers without them may run. @default none */
  readonly heldBackPatches?: readonly string[];
  /** Threads that run workflow code. @default 1 */
  readonly workflowThreads?: number;
  /** Memory of each workflow thread in megabytes: one that needs more is replaced, and its runs are replayed. @default 1024 */
  readonly workflowThreadMemoryMb?: number;
  /** How long workflow code may run without yielding before its task fails; 0 for ever. @default "2s" */
  readonly deadlockTimeout?: Duration;
  /** Runs workflow code on the main thread and never ends a stuck task. @default true if TEMPORAL_DEBUG is set or coverage is measured */
  readonly debugMode?: boolean;
}

/** What a `Replayer` may be told. */
export interface ReplayerOptions {
  /** The workflow classes whose histories are replayed. @default none: give `workflowModules` then */
  readonly workflows?: readonly WorkflowClass[];
  /**
   * Modules that define workflows, or export them on: paths or `file:` URLs. They are compiled for the sandbox, and this
   * process never loads them. Not together with `workflows`.
   *
   * @default none
   */
  readonly workflowModules?: readonly string[];
  /** @default "ReplayNamespace" */
  readonly namespace?: string;
  /** The converter of the worker that wrote the histories. @default that without a codec and external storage */
  readonly dataConverter?: DataConverter;
  /** @default `Runtime.default()` */
  readonly runtime?: Runtime;
  /** @default in a sandbox */
  readonly workflowRunner?: WorkflowRunnerOptions;
  /** As for the worker that wrote the histories. @default none */
  readonly workflowFailureErrorTypes?: readonly FailureType[];
  /** Those of the worker, as far as they see workflow code. @default none */
  readonly interceptors?: readonly Interceptor[];
  /** Change these options and are called around replays. @default none */
  readonly plugins?: readonly WorkerPlugin[];
  /** Threads that run workflow code. @default 1 */
  readonly workflowThreads?: number;
  /** Runs workflow code on the main thread. @default true if TEMPORAL_DEBUG is set */
  readonly debugMode?: boolean;
}

/** How the replay of one history ended. */
export interface WorkflowReplayResult {
  readonly history: WorkflowHistory;
  /** A `NondeterminismError`, or what else kept the code from following; absent if it followed. */
  readonly replayFailure: Error | undefined;
  /** Where workflow code waited when it differed: a stack for each thing it waited for; absent if that is not known. */
  readonly workflowStack?: string | undefined;
}

/** A worker as plugins see it. */
export interface RunningWorker {
  readonly identity: string;
  readonly taskQueue: string;
  readonly client: Client;
  config(): WorkerOptions;
  shutdown(): Promise<void>;
}

/** A replayer as plugins see it. */
export interface RunningReplayer {
  config(): ReplayerOptions;
}

/** Histories on their way to be replayed. */
export type ReplayedHistories = Iterable<WorkflowHistory> | AsyncIterable<WorkflowHistory>;

/** Replays histories as their results are asked for. */
export type ReplayHistories = (
  replayer: RunningReplayer,
  histories: ReplayedHistories,
) => AsyncIterable<WorkflowReplayResult>;

/** Changes how workers and replayers are made, and is called around what they do. */
export interface WorkerPlugin {
  /** Names the plugin in errors; no two of a worker may share it. */
  readonly name: string;
  /** Changes what a worker is made with. Called in the order of the plugins, those of its client first. */
  configureWorker?(options: WorkerOptions, client: Client): WorkerOptions;
  /** Called around a worker's life, the first plugin outermost. The worker polls while `next` runs. */
  runWorker?(worker: RunningWorker, next: (worker: RunningWorker) => Promise<void>): Promise<void>;
  /** Changes what a replayer is made with. */
  configureReplayer?(options: ReplayerOptions): ReplayerOptions;
  /** Called around each replay of histories. */
  runReplayer?(
    replayer: RunningReplayer,
    histories: ReplayedHistories,
    next: ReplayHistories,
  ): AsyncIterable<WorkflowReplayResult>;
}
