import type { WorkflowIDConflictPolicy, WorkflowIDReusePolicy } from "../core/options/id-policies.ts";
import type { Priority } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import type { VersioningOverride } from "../core/options/versioning.ts";
import type { Duration } from "../core/time/duration.ts";
import type { SearchAttributePair } from "../payload/search-attributes.ts";
import type { Callback, Link, TimeSkippingConfig } from "../proto/gen/common.ts";
import type { Init } from "../proto/message.ts";
import type { CallOptions } from "./call-options.ts";

/** What a workflow is started with, besides its type and arguments. */
export interface WorkflowOptions {
  /** What the workflow is called by; at most one of an id runs at a time. */
  readonly id: string;
  /** Workers that poll this queue run it. */
  readonly taskQueue: string;
  /** Longest time the workflow may take, all runs together. @default no limit */
  readonly executionTimeout?: Duration | undefined;
  /** Longest time a single run may take. @default no limit */
  readonly runTimeout?: Duration | undefined;
  /** Longest time a worker may take for one task of it. @default "10s" */
  readonly taskTimeout?: Duration | undefined;
  /** What becomes of the start if a workflow of that id has closed. @default "allowDuplicate" */
  readonly idReusePolicy?: WorkflowIDReusePolicy | undefined;
  /** What becomes of the start if a workflow of that id runs. @default "unspecified", which fails */
  readonly idConflictPolicy?: WorkflowIDConflictPolicy | undefined;
  /** How the workflow is tried again when it fails. @default not at all */
  readonly retryPolicy?: RetryPolicy | undefined;
  /** When it is run again and again; a schedule does this better. @default once */
  readonly cronSchedule?: string | undefined;
  /** Values kept with it for whoever describes or lists it. */
  readonly memo?: Readonly<Record<string, unknown>> | undefined;
  /** Attributes by which it can be found. */
  readonly searchAttributes?: Iterable<SearchAttributePair> | undefined;
  /** Time to wait before its first task. A signal ends the wait. */
  readonly startDelay?: Duration | undefined;
  /** Which of the tasks that wait in a queue goes first. */
  readonly priority?: Priority | undefined;
  /** One line about it for people, in Markdown. */
  readonly staticSummary?: string | undefined;
  /** More about it for people, in Markdown. */
  readonly staticDetails?: string | undefined;
  /** Overrules which version of the workers' code runs it. */
  readonly versioningOverride?: VersioningOverride | undefined;
  /** Where it comes from. */
  readonly links?: readonly Init<Link>[] | undefined;
  /** Called when it closes. */
  readonly completionCallbacks?: readonly Init<Callback>[] | undefined;
  /** Lets its time run ahead where only timers are waited for. */
  readonly timeSkipping?: Init<TimeSkippingConfig> | undefined;
  /** Makes starts with the same value one start. @default a new UUID */
  readonly requestId?: string | undefined;
}

/** How a workflow is started. */
export interface StartWorkflowOptions extends WorkflowOptions, CallOptions {
  /** Wire name of a signal that is sent with the start, to the running workflow of that id if there is one. */
  readonly startSignal?: string | undefined;
  /** Arguments of {@link startSignal}. */
  readonly startSignalArgs?: readonly unknown[] | undefined;
  /** Hands the first task straight to a worker of this client, if it has a slot. @default false */
  readonly requestEagerStart?: boolean | undefined;
}
