import type { WorkflowIDReusePolicy } from "../core/options/id-policies.ts";
import type { Priority } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import type { VersioningOverride } from "../core/options/versioning.ts";
import type { Duration } from "../core/time/duration.ts";
import type { TypedSearchAttributes } from "../payload/search-attributes.ts";
import type { VersioningIntent } from "./activity-options.ts";
import type { EventGroup } from "./event-group.ts";
import type { Headers } from "./headers.ts";
import type { HandlerArgs, Instance, SignalName, WorkflowResult } from "./types.ts";

/**
 * What cancelling a child workflow does.
 *
 * - `abandon`: takes the child for cancelled without asking.
 * - `tryCancel`: asks for it and takes the child for cancelled at once.
 * - `waitCancellationCompleted`: asks for it and waits for how the child ends.
 * - `waitCancellationRequested`: asks for it and waits for how the child ends, as all SDKs on the shared core do: that the
 *   child has been told resolves nothing.
 */
export const ChildWorkflowCancellationType = {
  abandon: "abandon",
  tryCancel: "tryCancel",
  waitCancellationCompleted: "waitCancellationCompleted",
  waitCancellationRequested: "waitCancellationRequested",
} as const;
export type ChildWorkflowCancellationType = keyof typeof ChildWorkflowCancellationType;

/** What becomes of a child workflow when its parent ends. */
export const ParentClosePolicy = {
  terminate: "terminate",
  abandon: "abandon",
  requestCancel: "requestCancel",
} as const;
export type ParentClosePolicy = keyof typeof ParentClosePolicy;

/** How a child workflow is started. */
export interface ChildWorkflowOptions {
  /** @default a random UUID */
  readonly id?: string;
  /** Groups that it belongs to, beside those of the code around it. @default none */
  readonly eventGroups?: readonly EventGroup[];
  /** @default the workflow's */
  readonly taskQueue?: string;
  /** @default "waitCancellationCompleted" */
  readonly cancellationType?: ChildWorkflowCancellationType;
  /** @default "terminate" */
  readonly parentClosePolicy?: ParentClosePolicy;
  /** Of all runs together. */
  readonly executionTimeout?: Duration;
  /** Of one run. */
  readonly runTimeout?: Duration;
  /** Of one workflow task. */
  readonly taskTimeout?: Duration;
  /** @default "allowDuplicate" */
  readonly idReusePolicy?: WorkflowIDReusePolicy;
  /** @default no retries */
  readonly retryPolicy?: RetryPolicy;
  readonly cronSchedule?: string;
  readonly memo?: Readonly<Record<string, unknown>>;
  readonly searchAttributes?: TypedSearchAttributes;
  /** One line about it, for the web UI and the CLI. */
  readonly staticSummary?: string;
  /** More about it, in Temporal's Markdown. */
  readonly staticDetails?: string;
  /** @default the workflow's */
  readonly priority?: Priority;
  /** @default same build id on the same task queue */
  readonly versioningIntent?: VersioningIntent;
  /** Binds it to a version of its worker's code. If none of that version serves its queue, it is not started. @default none */
  readonly versioningOverride?: VersioningOverride;
}

/** A signal's name on a workflow of class `I`; any name where the class is not known. */
export type SignalNameOf<I> = [I] extends [never] ? string : SignalName<I>;

/** Arguments of that signal. */
export type SignalArgsOf<I, K extends string> = [I] extends [never]
  ? readonly unknown[]
  : K extends keyof I
    ? HandlerArgs<I, K>
    : never;

/** A child workflow that has started. */
export interface ChildWorkflowHandle<I extends Instance, R = WorkflowResult<I>> {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
  /** @throws {ChildWorkflowError} If it does not succeed. */
  result(): Promise<R>;
  /** A method's name on a typed handle; the wire name on an untyped one. */
  signal<K extends SignalNameOf<I>>(name: K, ...args: SignalArgsOf<I, K>): Promise<void>;
  /** Asks for its cancellation; how `result` ends then is up to its cancellation type. */
  cancel(reason?: string): void;
}

/** A child workflow about to be started, as interceptors see it. */
export interface StartChildWorkflowInput {
  readonly workflow: string;
  readonly args: readonly unknown[];
  readonly id: string;
  readonly options: ChildWorkflowOptions;
  readonly headers: Headers;
}
