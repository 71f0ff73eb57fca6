import type { ConnectOptions } from "../client/index.ts";
import type { VersioningBehavior } from "../core/options/versioning.ts";
import type { Duration } from "../core/time/duration.ts";
import type { WorkerOptions } from "../worker/index.ts";

/** What AWS Lambda tells a handler of its invocation, as far as it is used here. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  readonly invokedFunctionArn?: string;
  /** Milliseconds until the invocation is cut off. */
  getRemainingTimeInMillis?(): number;
}

/** A worker in a function, and what is done around it. */
export interface LambdaWorkerOptions {
  /** Options of the worker; those that are left out are as small as a function is. */
  readonly worker: Omit<WorkerOptions, "taskQueue" | "deployment" | "disableEagerActivityExecution"> & {
    /** @default `$TEMPORAL_TASK_QUEUE` */
    readonly taskQueue?: string;
  };
  /** When workflows move to another version that do not say so themselves. @default none: all must */
  readonly defaultVersioningBehavior?: VersioningBehavior;
  /** Laid over what the configuration file and the environment say. @default nothing */
  readonly connect?: ConnectOptions & { readonly address?: string };
  /** How long before the invocation is cut off the worker begins to shut down. @default `gracefulShutdownTimeout` and 2 seconds */
  readonly shutdownDeadlineBuffer?: Duration;
  /** Called one after the other when the worker has stopped, however it did; what one throws is logged. @default none */
  readonly shutdownHooks?: readonly (() => void | Promise<void>)[];
}

/** For the worker's options that are left out: what a function's memory and processor can take. */
export const LAMBDA_DEFAULTS = {
  maxConcurrentActivities: 2,
  maxConcurrentWorkflowTasks: 10,
  maxConcurrentLocalActivities: 2,
  maxConcurrentNexusTasks: 5,
  maxCachedWorkflows: 30,
  gracefulShutdownTimeout: "5s",
  workflowTaskPollerBehavior: { kind: "simpleMaximum", maximum: 2 },
  activityTaskPollerBehavior: { kind: "simpleMaximum", maximum: 1 },
  nexusTaskPollerBehavior: { kind: "simpleMaximum", maximum: 1 },
} as const satisfies Partial<WorkerOptions>;
