import type { Callback, Payloads } from "../../proto/gen/common.ts";
import type { Failure } from "../../proto/gen/failure.ts";
import type { Request } from "../../proto/gen/update.ts";
import type { CallbackOp } from "./callback/callback-state.ts";
import type { NexusOp } from "./nexus/request.ts";
import type { ActivityOptionsMs, Pause } from "./state.ts";
import type { VersioningState } from "./versioning/versioning-state.ts";

/** Changes of a run that leave no event in history, or say more than their event does. Encoded as JSON. */
export type Op =
  /** Comes before the started event and tells what that does not. */
  | {
      readonly op: "begin";
      readonly namespace: string;
      readonly namespaceId: string;
      readonly runId: string;
      readonly requestId: string;
    }
  /** After the events taken over from another run: this one goes on from there, as if it had begun now. */
  | { readonly op: "reset"; readonly baseRunId: string; readonly atMs: number }
  /** The run that goes on instead of this one. */
  | { readonly op: "setResetRunId"; readonly resetRunId: string }
  /** A workflow task whose scheduled event is not in history. */
  | {
      readonly op: "scheduleWorkflowTask";
      readonly kind: "transient" | "speculative";
      readonly timeoutMs: number;
      readonly atMs: number;
    }
  /** A heartbeat's successor keeps the time of the first of its chain. */
  | { readonly op: "prolongWorkflowTask"; readonly originalScheduledMs: number }
  /** A workflow task whose started event is not in history. */
  | {
      readonly op: "startWorkflowTask";
      readonly atMs: number;
      readonly requestId: string;
      readonly reasons: readonly number[];
      readonly historySizeBytes: number;
    }
  | { readonly op: "assignBuild"; readonly buildId: string }
  | { readonly op: "failWorkflowTask"; readonly cause: number }
  | { readonly op: "timeOutWorkflowTask" }
  | { readonly op: "discardWorkflowTask" }
  | { readonly op: "setSticky"; readonly queue: string; readonly scheduleToStartMs: number }
  | { readonly op: "clearSticky" }
  | { readonly op: "setVersioning"; readonly versioning: VersioningState }
  /** An encoded event that waits for the started workflow task. */
  | { readonly op: "buffer"; readonly event: Uint8Array }
  /** The buffer goes into history; of the events that follow, those at these places (from zero) were folded when buffered. */
  | { readonly op: "flush"; readonly folded: readonly number[] }
  /** A timer that had fired is cancelled after all: its event leaves the buffer. */
  | { readonly op: "withdrawTimerFired"; readonly timerId: string }
  | { readonly op: "setCancelRequestId"; readonly requestId: string }
  | {
      readonly op: "startActivity";
      readonly id: number;
      readonly atMs: number;
      readonly requestId: string;
      readonly identity: string;
    }
  | {
      readonly op: "retryActivity";
      readonly id: number;
      readonly scheduledMs: number;
      readonly completedMs: number | undefined;
      readonly failure: Failure | undefined;
    }
  /** The time of the next attempt has come. */
  | { readonly op: "dispatchActivity"; readonly id: number }
  | {
      readonly op: "heartbeatActivity";
      readonly id: number;
      readonly atMs: number;
      readonly details: Payloads | undefined;
    }
  | { readonly op: "changeActivity"; readonly id: number; readonly change: ActivityChange }
  | { readonly op: "admitUpdate"; readonly updateId: string; readonly request: Request }
  /** Waiting updates go to the worker with the workflow task that was started. */
  | { readonly op: "sendUpdates"; readonly updateIds: readonly string[] }
  | { readonly op: "rejectUpdate"; readonly updateId: string }
  | {
      readonly op: "holdUpdateCallbacks";
      readonly updateId: string;
      readonly requestId: string;
      readonly callbacks: readonly Callback[];
    }
  | NexusOp
  | CallbackOp;

/** Parts of an activity that a pause, an unpause, a reset or new options replace; `null` clears. */
export interface ActivityChange {
  readonly attempt?: number;
  readonly scheduledMs?: number;
  readonly stamp?: number;
  readonly paused?: Pause | null;
  readonly reset?: boolean;
  readonly resetHeartbeats?: boolean;
  /** Forgets the heartbeat at once. */
  readonly heartbeat?: null;
  readonly lastFailure?: null;
  readonly options?: ActivityOptionsMs;
  /** Waits for `scheduledMs` before it is offered. */
  readonly backOff?: true;
}

/** An operation and how many events of its record come before it. */
export type PlacedOp = Op & { readonly at: number };
