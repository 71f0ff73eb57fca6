import { advance } from "../execution/advance.ts";
import { ExecutionError } from "../execution/execution-error.ts";
import { triggerCallbacks } from "./callback-state.ts";
import { activityExecutionMachine, type ActivityExecutionInput } from "./machine.ts";
import { isClosed, type ActivityExecutionState, type AttemptState } from "./state.ts";

/** What changes of a state, and of its attempt. */
export interface StateChange extends Partial<Omit<ActivityExecutionState, "phase" | "attempt" | "transitions">> {
  readonly attempt?: Partial<AttemptState>;
}

/** The state after an input, which its machine must allow. */
export function transition(
  state: ActivityExecutionState,
  kind: ActivityExecutionInput["kind"],
  nowMs: number,
  { attempt, ...change }: StateChange = {},
): ActivityExecutionState {
  const phase = advance(activityExecutionMachine, state.phase, kind);
  const next: ActivityExecutionState = {
    ...state,
    ...change,
    attempt: { ...state.attempt, ...attempt },
    phase,
    transitions: state.transitions + 1,
  };
  return isClosed(next) ? { ...next, closeMs: nowMs, callbacks: triggerCallbacks(next.callbacks) } : next;
}

/** A change of the attempt after which it is to be offered at some time, and all offers before are void. */
export function offerAt(
  state: ActivityExecutionState,
  atMs: number,
): Required<Pick<StateChange, "attempt" | "offered">> {
  return { attempt: { dispatchMs: atMs, stamp: state.attempt.stamp + 1 }, offered: false };
}

/** The state does not allow the request. */
export function failedPrecondition(message: string): ExecutionError {
  return new ExecutionError("FAILED_PRECONDITION", message);
}

/** The state as the service's messages name it. */
export function phaseName({ phase }: ActivityExecutionState): string {
  return phase.charAt(0).toUpperCase() + phase.slice(1);
}
