import { timestampMs } from "../execution/duration.ts";
import type { SchedulePatch } from "../../proto/gen/schedule.ts";
import { BUFFERED_STARTS_MAX, changeState, type ScheduleState } from "./schedule-state.ts";

/** Applies what is asked of a schedule besides a new definition. */
export function applyPatch(state: ScheduleState, patch: SchedulePatch, nowMs: number): void {
  const { triggerImmediately: trigger, backfillRequest, pause, unpause } = patch;
  if (trigger !== undefined) {
    const atMs = timestampMs(trigger.scheduledTime) || nowMs;
    if (state.buffer.length >= BUFFERED_STARTS_MAX) state.bufferDropped += 1;
    else {
      const { overlapPolicy } = trigger;
      state.buffer = [...state.buffer, { nominalMs: atMs, actualMs: atMs, overlapPolicy, manual: true }];
    }
  }
  for (const { startTime, endTime, overlapPolicy } of backfillRequest) {
    if (state.backfills.length >= BUFFERED_STARTS_MAX) {
      state.bufferDropped += 1;
      continue;
    }
    // The first instant of the span belongs to it.
    const backfill = { afterMs: timestampMs(startTime) - 1, untilMs: timestampMs(endTime), overlapPolicy };
    state.backfills = [...state.backfills, backfill];
  }
  if (pause !== "") changeState(state, { paused: true, notes: pause });
  if (unpause !== "") changeState(state, { paused: false, notes: unpause });
}
