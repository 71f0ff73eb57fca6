import type { ActivityExecutionRequest } from "./contract.ts";
import { isPossible } from "./machine.ts";
import { restoreOptions } from "./options.ts";
import { afterStartDelay, isClosed, isRunning, retryDispatchMs, type ActivityExecutionState } from "./state.ts";
import { failedPrecondition, offerAt, phaseName, transition, type StateChange } from "./transition.ts";

type Request<Kind extends ActivityExecutionRequest["kind"]> = Extract<ActivityExecutionRequest, { kind: Kind }>;

/** Holds the activity up: no attempt follows the one that runs. */
export function pauseActivity(
  state: ActivityExecutionState,
  { requestId }: Request<"pause">,
  nowMs: number,
): ActivityExecutionState {
  if (requestId !== "" && requestId === state.pauseRequestId) return state;
  if (!isPossible(state.phase, "pause")) {
    throw failedPrecondition(`activity is in non-pausable state ${phaseName(state)}`);
  }
  // What was offered to workers is void; a worker that has the attempt keeps it.
  const attempt = isRunning(state) ? {} : { stamp: state.attempt.stamp + 1 };
  return transition(state, "pause", nowMs, { pauseRequestId: requestId, attempt });
}

/** Lets a paused activity go on. */
export function unpauseActivity(
  state: ActivityExecutionState,
  { requestId, jitterMs }: Request<"unpause">,
  nowMs: number,
): ActivityExecutionState {
  if (requestId !== "" && requestId === state.unpauseRequestId) return state;
  if (isClosed(state)) throw failedPrecondition(`activity is in terminal state ${phaseName(state)}`);
  if (!isPossible(state.phase, "unpause")) {
    throw failedPrecondition(`activity is in non-unpausable state ${phaseName(state)}`);
  }
  if (isRunning(state)) return transition(state, "unpause", nowMs, { unpauseRequestId: requestId });
  const atMs = Math.max(afterStartDelay(state, nowMs + jitterMs), retryDispatchMs(state.attempt) ?? 0);
  return transition(state, "unpause", nowMs, { unpauseRequestId: requestId, ...offerAt(state, atMs) });
}

/** Has the activity begin again with its first attempt: at once, or when the attempt that runs has ended. */
export function resetActivity(
  state: ActivityExecutionState,
  request: Request<"reset">,
  nowMs: number,
): ActivityExecutionState {
  const { requestId } = request;
  if (requestId !== "" && requestId === state.resetRequestId) return state;
  if (state.phase === "cancelRequested") {
    throw failedPrecondition("cannot reset an activity with a pending cancellation");
  }
  if (state.phase === "resetRequested") throw failedPrecondition("cannot reset an activity with a pending reset");
  if (isClosed(state)) throw failedPrecondition("activity execution is not running");
  return isRunning(state) ? resetLater(state, request, nowMs) : resetNow(state, request, nowMs);
}

function resetLater(
  state: ActivityExecutionState,
  { requestId, keepPaused, restoreOriginalOptions, resetHeartbeat }: Request<"reset">,
  nowMs: number,
): ActivityExecutionState {
  return transition(state, "reset", nowMs, {
    resetRequestId: requestId,
    pendingReset: {
      restoreOptions: restoreOriginalOptions,
      clearHeartbeat: resetHeartbeat,
      pause: keepPaused && state.phase === "pauseRequested",
    },
  });
}

function resetNow(
  state: ActivityExecutionState,
  { requestId, keepPaused, restoreOriginalOptions, resetHeartbeat, jitterMs }: Request<"reset">,
  nowMs: number,
): ActivityExecutionState {
  const restored = restoreOriginalOptions ? restoreOptions(state) : state;
  const stays = keepPaused && state.phase === "paused";
  const { attempt, offered } = offerAt(restored, afterStartDelay(restored, nowMs + jitterMs));
  const change: StateChange = {
    offered,
    resetRequestId: requestId,
    ...(resetHeartbeat ? { heartbeatDetails: undefined, heartbeatMs: undefined } : {}),
    attempt: {
      ...attempt,
      count: 1,
      retryIntervalMs: undefined,
      retryIntervalAsked: false,
      ...(stays ? { dispatchMs: undefined } : {}),
    },
  };
  return transition(restored, stays ? "keepPaused" : "reset", nowMs, change);
}
