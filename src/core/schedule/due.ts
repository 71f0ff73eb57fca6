import { durationMs } from "../execution/duration.ts";
import { BUFFERED_STARTS_MAX, jitterSeed, mayAct, type BufferedStart, type ScheduleState } from "./schedule-state.ts";
import { nextTimeIfFound, type CompiledSpec } from "./spec.ts";

/** Times that are looked at in one go; what is left is due at once. */
const TIMES_PER_TURN_MAX = 10_000;

/**
 * Buffers the starts that have come due, and answers when the next ones will be, in milliseconds since the epoch;
 * `undefined` if never.
 */
export function bufferDue(state: ScheduleState, spec: CompiledSpec, nowMs: number): number | undefined {
  const seed = jitterSeed(state);
  if (!mayAct(state)) {
    state.lastProcessedMs = Math.max(state.lastProcessedMs, nowMs);
    return nextTimeIfFound(spec, seed, state.lastProcessedMs)?.actualMs;
  }
  const windowMs = durationMs(state.schedule.policies.catchupWindow);
  const starts: BufferedStart[] = [];
  let next = nextTimeIfFound(spec, seed, searchFromMs(state, spec));
  for (let turn = 0; turn < TIMES_PER_TURN_MAX && next !== undefined && next.actualMs <= nowMs; turn++) {
    const { nominalMs, actualMs } = next;
    state.lastProcessedMs = actualMs;
    // What was due before an update is not made up for, because the update may be the reason why it was not done.
    if (actualMs >= state.updateTimeMs) {
      if (nowMs - actualMs > windowMs) state.missedCatchupWindow += 1;
      else if (state.buffer.length + starts.length >= BUFFERED_STARTS_MAX) state.bufferDropped += 1;
      else starts.push({ nominalMs, actualMs, overlapPolicy: 0, manual: false });
    }
    next = nextTimeIfFound(spec, seed, actualMs);
  }
  if (starts.length > 0) state.buffer = [...state.buffer, ...starts];
  return next?.actualMs;
}

/**
 * Where to look for the next time from: times that jitter puts after now count though their nominal time is past, but
 * no time before the last update does.
 */
export function searchFromMs(state: ScheduleState, spec: CompiledSpec): number {
  return Math.max(state.lastProcessedMs, state.updateTimeMs - spec.jitterMs - 1000);
}

/** Buffers the next starts of backfills, as many as are allowed and have room. Returns how many there were. */
export function bufferBackfills(state: ScheduleState, spec: CompiledSpec, startsMax: number): number {
  const seed = jitterSeed(state);
  const starts: BufferedStart[] = [];
  let room = Math.min(startsMax, BUFFERED_STARTS_MAX - state.buffer.length);
  const left = [...state.backfills];
  for (let backfill = left[0]; backfill !== undefined && room > 0; backfill = left[0]) {
    const { overlapPolicy, untilMs } = backfill;
    const next = nextTimeIfFound(spec, seed, backfill.afterMs);
    if (next === undefined || next.actualMs > untilMs) {
      left.shift();
    } else {
      starts.push({ ...next, overlapPolicy, manual: true });
      left[0] = { ...backfill, afterMs: next.actualMs };
      room -= 1;
    }
  }
  state.backfills = left;
  if (starts.length > 0) state.buffer = [...state.buffer, ...starts];
  return starts.length;
}
