import { WorkflowExecutionStatus } from "../../proto/gen/enums.ts";
import type { RunClose } from "../execution/contract.ts";
import {
  changeState,
  RECENT_ACTIONS_MAX,
  type ActionRun,
  type BufferedStart,
  type ScheduleState,
} from "./schedule-state.ts";

/** Notes that a start was made. An overlapping run is in nobody's way. */
export function recordStart(
  state: ScheduleState,
  start: BufferedStart,
  { workflowId, runId }: ActionRun,
  at: { readonly nowMs: number; readonly overlapping: boolean },
): void {
  state.actionCount += 1;
  const action = {
    workflowId,
    runId,
    scheduledMs: start.actualMs,
    actualMs: at.nowMs,
    status: WorkflowExecutionStatus.RUNNING,
  };
  state.recentActions = [...state.recentActions.slice(1 - RECENT_ACTIONS_MAX), action];
  if (!at.overlapping) state.running = [...state.running, { workflowId, runId }];
}

/** Notes that the chain which began with a run has come to its end. */
export function recordClose(state: ScheduleState, { workflowId, runId }: ActionRun, close: RunClose): void {
  const status = close.status as WorkflowExecutionStatus;
  state.recentActions = state.recentActions.map((action) => (action.runId === runId ? { ...action, status } : action));
  if (!state.running.some((run) => run.runId === runId)) return;
  state.running = state.running.filter((run) => run.runId !== runId);
  if (close.result !== undefined) {
    state.lastCompletionResult = close.result;
    state.continuedFailure = undefined;
  } else if (close.failure !== undefined) {
    // The last result stays, for the run that makes it good.
    state.continuedFailure = close.failure;
  }
  pauseOnFailure(state, workflowId, close);
}

function pauseOnFailure(state: ScheduleState, workflowId: string, { status, failure }: RunClose): void {
  const { policies, state: now } = state.schedule;
  if (!policies.pauseOnFailure || now.paused) return;
  if (status === WorkflowExecutionStatus.FAILED) {
    const notes = `paused due to workflow failure: ${workflowId}: ${failure?.message ?? ""}`;
    changeState(state, { paused: true, notes });
  } else if (status === WorkflowExecutionStatus.TIMED_OUT) {
    changeState(state, { paused: true, notes: `paused due to workflow timeout: ${workflowId}` });
  }
}
