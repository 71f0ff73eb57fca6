import type { ActivityOptions } from "../../proto/gen/activity.ts";
import type { Callback, Link, Payloads } from "../../proto/gen/common.ts";
import type { WorkerDeploymentVersion } from "../../proto/gen/deployment.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { CallbackAnswered } from "./callbacks.ts";
import type { ActivityExecutionState } from "./state.ts";

/** Which attempt a worker's report is about; a report by the activity's id is about whatever attempt there is. */
export type AttemptTarget =
  | { readonly by: "token"; readonly attempt: number; readonly stamp: number }
  | { readonly by: "id" };

/** What a worker, or whoever acts in its place, reports of an attempt. */
export type AttemptReport =
  | { readonly kind: "completeActivity"; readonly result: Payloads | undefined; readonly identity: string }
  | {
      readonly kind: "failActivity";
      readonly failure: Failure | undefined;
      readonly lastHeartbeatDetails?: Payloads | undefined;
      readonly identity: string;
    }
  | { readonly kind: "cancelActivity"; readonly details: Payloads | undefined; readonly identity: string }
  | { readonly kind: "heartbeatActivity"; readonly details: Payloads | undefined; readonly identity: string };

/** A worker takes an attempt that was offered under a stamp. */
export interface AttemptStart {
  readonly kind: "start";
  readonly stamp: number;
  readonly identity: string;
  readonly requestId: string;
  readonly sdkName: string;
  readonly sdkVersion: string;
  readonly deploymentVersion: WorkerDeploymentVersion | undefined;
}

/** Something that a caller asks of an activity, and why. */
export interface Wish<Kind extends string> {
  readonly kind: Kind;
  readonly reason: string;
  readonly identity: string;
  readonly requestId: string;
}

/** Something that happens to a standalone activity. */
export type ActivityExecutionRequest =
  | AttemptStart
  | { readonly kind: "report"; readonly target: AttemptTarget; readonly report: AttemptReport }
  | Wish<"requestCancel">
  | Wish<"terminate">
  | Wish<"pause">
  | { readonly kind: "unpause"; readonly requestId: string; readonly jitterMs: number }
  | {
      readonly kind: "reset";
      readonly requestId: string;
      /** What of the jitter falls to this reset. */
      readonly jitterMs: number;
      readonly resetHeartbeat: boolean;
      readonly keepPaused: boolean;
      readonly restoreOriginalOptions: boolean;
    }
  | {
      readonly kind: "updateOptions";
      readonly activityId: string;
      readonly requestId: string;
      readonly change: "restoreOriginal" | { readonly options: ActivityOptions; readonly paths: readonly string[] };
    }
  | {
      readonly kind: "attach";
      readonly requestId: string;
      readonly callbacks: readonly Callback[];
      readonly links: readonly Link[];
    }
  | CallbackAnswered
  /** Time has passed. */
  | { readonly kind: "tick" };

/** What a heartbeat tells its worker. */
export interface AttemptWish {
  readonly cancelRequested: boolean;
  readonly paused: boolean;
  readonly reset: boolean;
}

/** What becomes of a request. */
export interface ActivityExecutionStep {
  /** The same object if nothing has changed. */
  readonly state: ActivityExecutionState;
  /** The attempt is to be offered to workers now. */
  readonly dispatch?: true;
  /** The offer that was to be taken is void. */
  readonly stale?: true;
  readonly wish?: AttemptWish;
}
