import type { ActivityIDConflictPolicy, ActivityIDReusePolicy } from "../core/options/id-policies.ts";
import type { Priority } from "../core/options/priority.ts";
import type { RetryPolicy } from "../core/options/retry-policy.ts";
import type { Duration } from "../core/time/duration.ts";
import type { SearchAttributePair } from "../payload/search-attributes.ts";
import type { Callback, Link } from "../proto/gen/common.ts";
import type { Init } from "../proto/message.ts";
import type { CallOptions } from "./call-options.ts";

/** How an activity is run that no workflow starts. One of `startToCloseTimeout` and `scheduleToCloseTimeout` has to be there. */
export interface StartActivityOptions extends CallOptions {
  /** What the activity is called by; at most one of an id runs at a time. */
  readonly id: string;
  /** Workers that poll this queue run it. */
  readonly taskQueue: string;
  /** Of all attempts together, counted from the end of the start delay. */
  readonly scheduleToCloseTimeout?: Duration | undefined;
  /** How long an attempt may wait for a worker. */
  readonly scheduleToStartTimeout?: Duration | undefined;
  /** Of one attempt. */
  readonly startToCloseTimeout?: Duration | undefined;
  /** The longest silence before an attempt is taken for dead. @default none */
  readonly heartbeatTimeout?: Duration | undefined;
  /** What becomes of the start if an activity of that id has closed. @default "allowDuplicate" */
  readonly idReusePolicy?: ActivityIDReusePolicy | undefined;
  /** What becomes of the start if an activity of that id runs. @default "fail" */
  readonly idConflictPolicy?: ActivityIDConflictPolicy | undefined;
  /** @default the service's: until the timeout, with growing intervals */
  readonly retryPolicy?: RetryPolicy | undefined;
  /** Attributes by which it can be found. */
  readonly searchAttributes?: Iterable<SearchAttributePair> | undefined;
  /** One line about it for people, in Markdown. */
  readonly summary?: string | undefined;
  /** Which of the tasks that wait in a queue goes first. */
  readonly priority?: Priority | undefined;
  /** Time to wait before its first attempt. @default none */
  readonly startDelay?: Duration | undefined;
  /** Where it comes from. */
  readonly links?: readonly Init<Link>[] | undefined;
  /** Called when it closes. */
  readonly completionCallbacks?: readonly Init<Callback>[] | undefined;
  /** Makes starts with the same value one start. @default a new UUID */
  readonly requestId?: string | undefined;
}

/** What of an activity's options is to change; `null` takes an option away, what is left out stays. */
export interface ActivityOptionsUpdate {
  readonly taskQueue?: string;
  readonly scheduleToCloseTimeout?: Duration | null;
  readonly scheduleToStartTimeout?: Duration | null;
  readonly startToCloseTimeout?: Duration | null;
  readonly heartbeatTimeout?: Duration | null;
  /** Only before the first attempt. */
  readonly startDelay?: Duration | null;
  /** As a whole; `null` means the service's own. */
  readonly retryPolicy?: RetryPolicy | null;
  /** As a whole. */
  readonly priority?: Priority | null;
}

/** An activity's options as the service has them now. Times are in milliseconds; `undefined` where there is none. */
export interface ActivityExecutionOptions {
  readonly taskQueue: string | undefined;
  readonly scheduleToCloseTimeoutMs: number | undefined;
  readonly scheduleToStartTimeoutMs: number | undefined;
  readonly startToCloseTimeoutMs: number | undefined;
  readonly heartbeatTimeoutMs: number | undefined;
  readonly startDelayMs: number | undefined;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly priority: Priority | undefined;
}
