import type { HistoryEvent, WorkflowExecutionPausedEventAttributes } from "../../../proto/gen/history.ts";
import { WorkflowExecutionStatus } from "../../../proto/gen/enums.ts";
import { timestampMs } from "../duration.ts";
import { put } from "../journal.ts";
import type { ExecutionState } from "../state.ts";
import { setSystemAttribute } from "../system-attribute.ts";

/** A paused event. What was offered to matching becomes void. */
export function foldPaused(
  state: ExecutionState,
  event: HistoryEvent,
  { identity, reason, requestId }: WorkflowExecutionPausedEventAttributes,
): void {
  state.paused = { atMs: timestampMs(event.eventTime), identity, reason, requestId };
  state.status = WorkflowExecutionStatus.PAUSED;
  foldRestamped(state);
  foldPauseInfo(state);
}

/** An unpaused event. */
export function foldUnpaused(state: ExecutionState): void {
  state.paused = undefined;
  state.status = WorkflowExecutionStatus.RUNNING;
  foldRestamped(state);
  foldPauseInfo(state);
}

function foldRestamped(state: ExecutionState): void {
  for (const activity of state.activities.values())
    put(state, state.activities, activity.scheduledEventId, {
      ...activity,
      stamp: activity.stamp + 1,
    });
}

/** Keeps the search attribute that says what is paused. */
export function foldPauseInfo(state: ExecutionState): void {
  const entries: string[] = [];
  if (state.paused !== undefined) {
    entries.push(`Workflow:${state.workflowId}`);
    if (state.paused.reason !== "") entries.push(`Reason:${state.paused.reason}`);
  }
  const types = new Set<string>();
  for (const { paused, scheduled } of state.activities.values())
    if (paused !== undefined) types.add(scheduled.activityType?.name ?? "");
  for (const type of types) entries.push(`property:activityType=${type}`);
  setSystemAttribute(state, "TemporalPauseInfo", entries);
}
