import type { Callback } from "../../../proto/gen/common.ts";
import type { Outcome } from "../../../proto/gen/update.ts";
import type { CallbackPhase } from "./machine.ts";

/** A callback of a run: of the end of its chain or, with an update id, of that update. */
export interface CallbackState {
  readonly phase: Exclude<CallbackPhase, "absent">;
  readonly callback: Callback;
  /** Of the request that attached it. */
  readonly requestId: string;
  readonly updateId: string | undefined;
  readonly registeredMs: number;
  /** What the update came to; of a run, its end is in the state itself. */
  readonly updateOutcome: Outcome | undefined;
  /** Attempts that have come to an end. */
  readonly attempt: number;
  readonly lastAttemptCompleteMs: number | undefined;
  readonly lastFailureMessage: string | undefined;
  /** While backing off. */
  readonly nextAttemptMs: number | undefined;
}

/** What came of an attempt to tell somebody. */
export type CallbackAnswer =
  | { readonly kind: "succeeded" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "retry"; readonly message: string };

/** Of an attempt that is over; without `nextMs` there will be no other. */
export type CallbackOp =
  | {
      readonly op: "endCallbackAttempt";
      readonly index: number;
      readonly atMs: number;
      readonly message: string | undefined;
      readonly nextMs: number | undefined;
    }
  | { readonly op: "rescheduleCallback"; readonly index: number };
