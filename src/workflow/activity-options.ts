import type { Priority } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import type { Duration } from "../core/time/duration.ts";
import type { StandardSchema } from "../payload/schema.ts";
import type { EventGroup } from "./event-group.ts";
import type { Headers } from "./headers.ts";

/**
 * What cancelling an activity does.
 *
 * - `tryCancel`: asks for it and takes the activity for cancelled at once.
 * - `waitCancellationCompleted`: asks for it and waits for how the activity ends.
 * - `abandon`: takes the activity for cancelled without asking.
 */
export const ActivityCancellationType = {
  tryCancel: "tryCancel",
  waitCancellationCompleted: "waitCancellationCompleted",
  abandon: "abandon",
} as const;
export type ActivityCancellationType = keyof typeof ActivityCancellationType;

/** Whether a command goes to a worker with the same build id (legacy versioning). */
export const VersioningIntent = { compatible: "compatible", default: "default" } as const;
export type VersioningIntent = keyof typeof VersioningIntent;

/** What all activities may be told. One of `startToCloseTimeout` and `scheduleToCloseTimeout` has to be there. */
export interface CommonActivityOptions {
  /** Of all attempts together. */
  readonly scheduleToCloseTimeout?: Duration;
  /** How long an attempt may wait for a worker. */
  readonly scheduleToStartTimeout?: Duration;
  /** Of one attempt. */
  readonly startToCloseTimeout?: Duration;
  /** @default the service's: until the timeout, with growing intervals */
  readonly retryPolicy?: RetryPolicy;
  /** @default "tryCancel" */
  readonly cancellationType?: ActivityCancellationType;
  /** @default a number, counted in this workflow */
  readonly activityId?: string;
  /** One line about it, for the web UI and the CLI. */
  readonly summary?: string;
  /** Groups that it belongs to, beside those of the code around it. @default none */
  readonly eventGroups?: readonly EventGroup[];
  /** Reads the result. @default that of the activity's contract, if it is called by one */
  readonly resultSchema?: StandardSchema | undefined;
}

/** How an activity is run by a worker of a task queue. */
export interface ActivityOptions extends CommonActivityOptions {
  /** @default the workflow's */
  readonly taskQueue?: string;
  /** The longest silence before an attempt is taken for dead. @default none */
  readonly heartbeatTimeout?: Duration;
  /** @default the workflow's */
  readonly priority?: Priority;
  /** @default same build id on the same task queue */
  readonly versioningIntent?: VersioningIntent;
}

/** How an activity is run by the worker that runs the workflow task, without a trip over the service. */
export interface LocalActivityOptions extends CommonActivityOptions {
  /** Longer waits for a retry use a timer of the workflow. @default the workflow task timeout */
  readonly localRetryThreshold?: Duration;
}

/** A running activity: a promise of its result. */
export interface ActivityHandle<R> extends Promise<R> {
  readonly activityId: string;
  /** Asks for its cancellation; how it ends then is up to its cancellation type. */
  cancel(): void;
}

/** An activity about to be scheduled, as interceptors see it. */
export interface StartActivityInput {
  readonly activity: string;
  readonly args: readonly unknown[];
  readonly options: ActivityOptions;
  readonly headers: Headers;
}

/** A local activity about to be scheduled, as interceptors see it. */
export interface StartLocalActivityInput {
  readonly activity: string;
  readonly args: readonly unknown[];
  readonly options: LocalActivityOptions;
  readonly headers: Headers;
}
