import type { ActivityExecutionRequest } from "./contract.ts";
import { toCallbacks } from "./callback-state.ts";
import { isClosed, type ActivityExecutionState } from "./state.ts";
import { failedPrecondition } from "./transition.ts";

/** Callbacks and links that one activity may have, as in the service. */
const CALLBACKS_MAX = 2000;
const LINKS_MAX = 2000;

/** Adds what a caller wants of the activity that it would have started. The same request again adds nothing. */
export function attach(
  state: ActivityExecutionState,
  { requestId, callbacks, links }: Extract<ActivityExecutionRequest, { kind: "attach" }>,
  nowMs: number,
): ActivityExecutionState {
  const newCallbacks = state.callbacks.some((known) => known.requestId === requestId) ? [] : callbacks;
  const newLinks = state.links.some((known) => known.requestId === requestId) ? [] : links;
  if (newCallbacks.length === 0 && newLinks.length === 0) return state;
  if (newCallbacks.length > 0) checkCallbacks(state, newCallbacks.length);
  if (newLinks.length > 0) checkLinks(state, newLinks.length);
  return {
    ...state,
    callbacks: [...state.callbacks, ...toCallbacks(requestId, newCallbacks, nowMs)],
    links: newLinks.length === 0 ? state.links : [...state.links, { requestId, links: newLinks }],
    transitions: state.transitions + 1,
  };
}

/** @throws {ExecutionError} If there would be too many callbacks, or it is too late for any. */
export function checkCallbacks(state: ActivityExecutionState | undefined, added: number): void {
  if (state !== undefined && isClosed(state)) throw failedPrecondition("cannot attach callbacks to a closed activity");
  const known = state?.callbacks.length ?? 0;
  if (known + added > CALLBACKS_MAX) {
    throw failedPrecondition(
      `cannot attach more than ${CALLBACKS_MAX} callbacks to an activity (${known} callbacks already attached)`,
    );
  }
}

function checkLinks(state: ActivityExecutionState, added: number): void {
  if (isClosed(state)) throw failedPrecondition("cannot attach links to a closed activity");
  const known = state.links.reduce((count, { links }) => count + links.length, 0);
  if (known + added > LINKS_MAX) {
    throw failedPrecondition(
      `cannot attach more than ${LINKS_MAX} links to an activity (${known} links already attached)`,
    );
  }
}
