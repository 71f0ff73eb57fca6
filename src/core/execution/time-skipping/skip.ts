import { toTimestamp } from "../duration.ts";
import { isBackingOff } from "../run/backoff.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { pendingFastForwardMs } from "./skipping-state.ts";

/** Where a run's time goes. */
interface Skip {
  /** Undefined where only skipping ends. */
  readonly targetMs: number | undefined;
  readonly ends: boolean;
}

/** Lets the run's time go on to where something comes about, if it waits for nothing but time and may skip it. */
export function skipTime(t: Transition): void {
  const { state } = t;
  if (state.timeSkipping?.config?.enabled !== true || !waitsForTimeOnly(state, t.nowMs)) return;
  const skip = nextSkip(state, t.nowMs);
  if (skip === undefined) return;
  t.flush();
  addTransitioned(t, skip);
}

/** Ends skipping when the time of its end has come, even if the run waits for more than time. */
export function endFastForward(t: Transition): void {
  if (pendingFastForwardMs(t.state) !== undefined) addTransitioned(t, { targetMs: undefined, ends: true });
}

function addTransitioned(t: Transition, { targetMs, ends }: Skip): void {
  t.add(
    {
      case: "workflowExecutionTimeSkippingTransitionedEventAttributes",
      value: {
        targetTime: targetMs === undefined ? undefined : toTimestamp(targetMs),
        disabledAfterFastForward: ends,
        wallClockTime: toTimestamp(t.context.nowMs),
      },
    },
    { workerMayIgnore: true },
  );
}

/** Whether nobody is at work for the run. */
function waitsForTimeOnly(state: ExecutionState, nowMs: number): boolean {
  if (state.phase !== "running" || state.paused !== undefined || state.workflowTask !== undefined) return false;
  for (const { phase, scheduledMs } of state.activities.values())
    if (phase !== "backingOff" || scheduledMs <= nowMs) return false;
  const { nexusOperations, children, externalSignals, externalCancels } = state;
  return nexusOperations.size + children.size + externalSignals.size + externalCancels.size === 0;
}

function nextSkip(state: ExecutionState, nowMs: number): Skip | undefined {
  const nextMs = nextChangeMs(state, nowMs);
  const endMs = pendingFastForwardMs(state);
  if (endMs === undefined || nextMs < endMs) return nextMs === Infinity ? undefined : { targetMs: nextMs, ends: false };
  return { targetMs: endMs > nowMs ? endMs : undefined, ends: true };
}

/** When something comes about next that is still to come. */
function nextChangeMs(state: ExecutionState, nowMs: number): number {
  let nextMs = Infinity;
  const consider = (atMs: number | undefined): void => {
    if (atMs !== undefined && atMs > nowMs && atMs < nextMs) nextMs = atMs;
  };
  for (const { fireMs } of state.timers.values()) consider(fireMs);
  for (const { scheduledMs } of state.activities.values()) consider(scheduledMs);
  if (isBackingOff(state)) consider(state.executionTimeMs);
  else {
    consider(state.runExpirationMs);
    consider(state.executionExpirationMs);
  }
  return nextMs;
}
