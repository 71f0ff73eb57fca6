import { toTimestamp } from "../execution/duration.ts";
import type { Timestamp } from "../../proto/gen/google/protobuf.ts";
import type { ScheduleActionResult, ScheduleInfo, ScheduleListInfo } from "../../proto/gen/schedule.ts";
import type { Init } from "../../proto/message.ts";
import { searchFromMs } from "./due.ts";
import { jitterSeed, type RecentAction, type ScheduleState } from "./schedule-state.ts";
import { nextTimeIfFound, type CompiledSpec } from "./spec.ts";
import { shownSpec } from "./spec-canonical.ts";

const FUTURE_ACTIONS_MAX = 10;
const LISTED_ACTIONS_MAX = 5;
const LISTED_SPECS_MAX = 10;

/** What a description tells of a schedule's doings. */
export function scheduleInfo(state: ScheduleState, spec: CompiledSpec): Init<ScheduleInfo> {
  return {
    actionCount: state.actionCount,
    missedCatchupWindow: state.missedCatchupWindow,
    overlapSkipped: state.overlapSkipped,
    bufferDropped: state.bufferDropped,
    bufferSize: state.buffer.length,
    runningWorkflows: state.running,
    recentActions: state.recentActions.map(actionResult),
    futureActionTimes: futureActionTimes(state, spec, FUTURE_ACTIONS_MAX),
    createTime: toTimestamp(state.createTimeMs),
    ...(state.updateTimeMs > 0 ? { updateTime: toTimestamp(state.updateTimeMs) } : {}),
  };
}

/** What lists tell of a schedule. */
export function scheduleListInfo(state: ScheduleState, compiled: CompiledSpec): Init<ScheduleListInfo> {
  const { spec, action, state: now } = state.schedule;
  const shown = shownSpec(spec);
  return {
    spec: {
      ...shown,
      structuredCalendar: shown.structuredCalendar.slice(0, LISTED_SPECS_MAX),
      excludeStructuredCalendar: shown.excludeStructuredCalendar.slice(0, LISTED_SPECS_MAX),
      interval: shown.interval.slice(0, LISTED_SPECS_MAX),
    },
    workflowType: action.action?.value.workflowType,
    notes: now.notes,
    paused: now.paused,
    recentActions: state.recentActions.slice(-LISTED_ACTIONS_MAX).map(actionResult),
    futureActionTimes: futureActionTimes(state, compiled, LISTED_ACTIONS_MAX),
  };
}

function actionResult({ workflowId, runId, scheduledMs, actualMs, status }: RecentAction): Init<ScheduleActionResult> {
  return {
    scheduleTime: toTimestamp(scheduledMs),
    actualTime: toTimestamp(actualMs),
    startWorkflowResult: { workflowId, runId },
    startWorkflowStatus: status,
  };
}

function futureActionTimes(state: ScheduleState, spec: CompiledSpec, timesMax: number): readonly Timestamp[] {
  const { limitedActions, remainingActions } = state.schedule.state;
  const max = limitedActions ? Math.min(remainingActions, timesMax) : timesMax;
  const times: Timestamp[] = [];
  let afterMs = searchFromMs(state, spec);
  while (times.length < max) {
    const next = nextTimeIfFound(spec, jitterSeed(state), afterMs);
    if (next === undefined) break;
    afterMs = next.actualMs;
    if (afterMs >= state.updateTimeMs) times.push(toTimestamp(afterMs));
  }
  return times;
}
