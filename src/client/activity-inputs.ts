import type { Duration } from "../core/time/duration.ts";
import type { Payload } from "../proto/gen/common.ts";
import type { ActivityOptionsUpdate, StartActivityOptions } from "./activity-options.ts";
import type { CallOptions } from "./call-options.ts";

/** An activity that calls are for; without a run id, the latest run of that activity id. */
export interface ActivityTarget {
  readonly activityId: string;
  readonly activityRunId?: string | undefined;
}

/** The start of an activity as interceptors see it. */
export interface StartActivityInput {
  readonly activityType: string;
  readonly args: readonly unknown[];
  readonly options: StartActivityOptions;
  /** For the activity's inbound interceptors. */
  readonly headers: Readonly<Record<string, Payload>>;
}

/** What the start of an activity gives. */
export interface StartedActivity {
  readonly activityId: string;
  readonly activityRunId: string;
}

/** What may be asked of a description besides what it always has. */
export interface DescribeActivityOptions {
  /** @default false */
  readonly includeInput?: boolean | undefined;
  /** @default false */
  readonly includeOutcome?: boolean | undefined;
  /** @default false */
  readonly includeHeartbeatDetails?: boolean | undefined;
  /** @default false */
  readonly includeLastFailure?: boolean | undefined;
  /** Of an earlier description: waits for a change after that. Needs a run id. */
  readonly longPollToken?: Uint8Array | undefined;
}

/** A look at an activity as interceptors see it. */
export interface DescribeActivityInput extends ActivityTarget, DescribeActivityOptions {
  readonly call: CallOptions;
}

/** A request to cancel an activity as interceptors see it. */
export interface CancelActivityInput extends ActivityTarget {
  readonly reason: string;
  readonly call: CallOptions;
}

/** The termination of an activity as interceptors see it. */
export interface TerminateActivityInput extends ActivityTarget {
  readonly reason: string;
  readonly call: CallOptions;
}

/** A pause of an activity as interceptors see it. */
export interface PauseActivityInput extends ActivityTarget {
  readonly reason: string;
  readonly call: CallOptions;
}

/** The end of an activity's pause as interceptors see it. */
export interface UnpauseActivityInput extends ActivityTarget {
  readonly reason: string;
  readonly jitter: Duration | undefined;
  readonly call: CallOptions;
}

/** A change of an activity's options as interceptors see it. */
export interface UpdateActivityOptionsInput extends ActivityTarget {
  readonly update: ActivityOptionsUpdate | "restoreOriginal";
  readonly call: CallOptions;
}

/** A list of activities as interceptors see it. */
export interface ListActivitiesInput {
  readonly query: string;
  readonly pageSize: number;
  readonly nextPageToken: Uint8Array | undefined;
  readonly limit: number | undefined;
  readonly call: CallOptions;
}

/** A count of activities as interceptors see it. */
export interface CountActivitiesInput {
  readonly query: string;
  readonly call: CallOptions;
}
