import { durationMs } from "../duration.ts";
import { put } from "../journal.ts";
import type { Op } from "../operation.ts";
import type { ExecutionState } from "../state.ts";

/** The run has taken over events of another one. All time that is left to it counts from now. */
export function foldReset(state: ExecutionState, op: Extract<Op, { op: "reset" }>): void {
  const { started } = state;
  const runMs = durationMs(started?.workflowRunTimeout);
  const executionMs = durationMs(started?.workflowExecutionTimeout);
  state.baseRunId = op.baseRunId;
  state.startTimeMs = op.atMs;
  state.executionTimeMs = op.atMs;
  state.executionExpirationMs = executionMs === 0 ? undefined : op.atMs + executionMs;
  state.runExpirationMs = runMs === 0 ? undefined : Math.min(op.atMs + runMs, state.executionExpirationMs ?? Infinity);
  state.sticky = undefined;
  for (const activity of state.activities.values())
    put(state, state.activities, activity.scheduledEventId, {
      ...activity,
      scheduledMs: op.atMs,
      firstScheduledMs: op.atMs,
    });
}
