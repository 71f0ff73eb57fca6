import type {
  ActivityResolution,
  ChildStartResolution,
  NexusStartResolution,
  Resolution,
} from "../../core/replay/activation.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { Trace } from "./trace.ts";

/** A timer that runs. */
export interface PendingTimer {
  readonly trace: Trace;
  fire(): void;
}

/** An activity that has not ended. */
export interface PendingActivity {
  readonly trace: Trace;
  readonly activityId: string;
  resolve(result: ActivityResolution): void;
}

/** A child workflow that has not ended. */
export interface PendingChild {
  readonly trace: Trace;
  readonly workflowId: string;
  resolveStart(result: ChildStartResolution): void;
  resolve(result: Resolution): void;
}

/** A Nexus operation that has not ended. */
export interface PendingNexusOperation {
  readonly trace: Trace;
  resolveStart(result: NexusStartResolution): void;
  resolve(result: Resolution | { readonly status: "timedOut"; readonly failure: Failure }): void;
}

/** A request to another workflow that has not been answered. */
export interface PendingRequest {
  readonly trace: Trace;
  complete(value: void): void;
  fail(error: unknown): void;
}
