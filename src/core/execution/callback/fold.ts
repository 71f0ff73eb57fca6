import type { Callback } from "../../../proto/gen/common.ts";
import type { Outcome } from "../../../proto/gen/update.ts";
import { advance } from "../advance.ts";
import type { ExecutionState } from "../state.ts";
import type { CallbackOp, CallbackState } from "./callback-state.ts";
import { callbackMachine, type CallbackInput, type CallbackPhase } from "./machine.ts";

interface Attachment {
  readonly requestId: string;
  readonly updateId?: string;
  readonly atMs: number;
}

/** Callbacks have been attached to the run or to one of its updates. */
export function attachCallbacks(
  state: ExecutionState,
  callbacks: readonly Callback[],
  { requestId, updateId, atMs }: Attachment,
): void {
  if (callbacks.length === 0) return;
  const attached = callbacks.map((callback): CallbackState => ({
    phase: to("absent", "attach"),
    callback,
    requestId,
    updateId,
    registeredMs: atMs,
    updateOutcome: undefined,
    attempt: 0,
    lastAttemptCompleteMs: undefined,
    lastFailureMessage: undefined,
    nextAttemptMs: undefined,
  }));
  state.callbacks = [...state.callbacks, ...attached];
}

/** Callbacks of the end of the chain of runs, which the next run takes over. */
export function runCallbacks({ callbacks }: ExecutionState): Callback[] {
  return callbacks.filter(({ updateId }) => updateId === undefined).map(({ callback }) => callback);
}

/** What callbacks of the run, or of an update, wait for has happened. */
export function triggerCallbacks(
  state: ExecutionState,
  updateId: string | undefined,
  updateOutcome: Outcome | undefined,
): void {
  if (!state.callbacks.some((each) => each.updateId === updateId && each.phase === "standby")) return;
  state.callbacks = state.callbacks.map((each) =>
    each.updateId === updateId && each.phase === "standby"
      ? { ...each, phase: to(each.phase, "trigger"), updateOutcome }
      : each,
  );
}

/** An attempt is over. */
export function foldEndCallbackAttempt(
  state: ExecutionState,
  { index, atMs, message, nextMs }: Extract<CallbackOp, { op: "endCallbackAttempt" }>,
): void {
  change(state, index, (each) => ({
    ...each,
    phase: to(each.phase, nextMs !== undefined ? "failAttempt" : message === undefined ? "succeed" : "fail"),
    attempt: each.attempt + 1,
    lastAttemptCompleteMs: atMs,
    lastFailureMessage: message,
    nextAttemptMs: nextMs,
  }));
}

/** The time of the next attempt has come. */
export function foldRescheduleCallback(
  state: ExecutionState,
  { index }: Extract<CallbackOp, { op: "rescheduleCallback" }>,
): void {
  change(state, index, (each) => ({ ...each, phase: to(each.phase, "reschedule"), nextAttemptMs: undefined }));
}

function change(state: ExecutionState, index: number, edit: (before: CallbackState) => CallbackState): void {
  state.callbacks = state.callbacks.map((each, place) => (place === index ? edit(each) : each));
}

function to(phase: CallbackPhase, kind: CallbackInput["kind"]): CallbackState["phase"] {
  return advance(callbackMachine, phase, kind) as CallbackState["phase"];
}
