import type { Callback } from "../../proto/gen/common.ts";
import { advance } from "../execution/advance.ts";
import { callbackMachine, type CallbackInput, type CallbackPhase } from "../execution/callback/machine.ts";

/** A callback that waits for the activity to close, and is then told. */
export interface ActivityCallback {
  readonly phase: Exclude<CallbackPhase, "absent">;
  readonly id: string;
  /** Of the request that attached it. */
  readonly requestId: string;
  readonly callback: Callback;
  readonly registeredMs: number;
  /** Attempts that have come to an end. */
  readonly attempt: number;
  readonly lastAttemptCompleteMs: number | undefined;
  readonly lastFailureMessage: string | undefined;
  /** While backing off. */
  readonly nextAttemptMs: number | undefined;
}

/** Callbacks with ids that a repeated request gives them again. */
export function toCallbacks(
  requestId: string,
  callbacks: readonly Callback[],
  registeredMs: number,
): readonly ActivityCallback[] {
  return callbacks.map((callback, index) => ({
    phase: callbackPhaseAfter("absent", "attach"),
    id: `${requestId}-${index}`,
    requestId,
    callback,
    registeredMs,
    attempt: 0,
    lastAttemptCompleteMs: undefined,
    lastFailureMessage: undefined,
    nextAttemptMs: undefined,
  }));
}

/** The activity has closed: all who wait for that are to be told. */
export function triggerCallbacks(callbacks: readonly ActivityCallback[]): readonly ActivityCallback[] {
  return callbacks.map((each) =>
    each.phase === "standby" ? { ...each, phase: callbackPhaseAfter(each.phase, "trigger") } : each,
  );
}

/** Where an input leads a callback. */
export function callbackPhaseAfter(phase: CallbackPhase, kind: CallbackInput["kind"]): ActivityCallback["phase"] {
  return advance(callbackMachine, phase, kind) as ActivityCallback["phase"];
}
