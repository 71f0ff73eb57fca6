import type { ExecutionState } from "../state.ts";

/** Whether the run still waits for the time of its first workflow task. */
export function isBackingOff(state: ExecutionState): boolean {
  return (
    state.executionTimeMs > state.startTimeMs && state.workflowTask === undefined && state.previousStartedEventId === 0
  );
}
