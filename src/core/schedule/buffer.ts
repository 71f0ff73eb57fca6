import { ScheduleOverlapPolicy } from "../../proto/gen/enums.ts";
import { overlapPolicyOf, type BufferedStart, type ScheduleState } from "./schedule-state.ts";

/** What to do now with the starts that waited. */
export interface BufferDecision {
  /** Of these, any number may run at once. */
  readonly overlapping: readonly BufferedStart[];
  readonly single: BufferedStart | undefined;
  /** What to do with the runs that are going on. */
  readonly end: "nothing" | "cancel" | "terminate";
}

/** Takes the starts that can be made now out of the buffer, and those that the overlap policy drops. */
export function takeFromBuffer(state: ScheduleState): BufferDecision {
  const isRunning = state.running.length > 0;
  const overlapping: BufferedStart[] = [];
  const kept: BufferedStart[] = [];
  let single: BufferedStart | undefined;
  let cancel = false;
  let terminate = false;
  for (const start of state.buffer) {
    const policy = overlapPolicyOf(state, start.overlapPolicy);
    if (policy === ScheduleOverlapPolicy.ALLOW_ALL) {
      overlapping.push(start);
    } else if (!isRunning && single === undefined) {
      single = start;
    } else if (policy === ScheduleOverlapPolicy.BUFFER_ALL) {
      kept.push(start);
    } else if (policy === ScheduleOverlapPolicy.BUFFER_ONE && kept.length === 0) {
      kept.push(start);
    } else if (policy === ScheduleOverlapPolicy.CANCEL_OTHER || policy === ScheduleOverlapPolicy.TERMINATE_OTHER) {
      // It waits for what runs to end, or takes the place of what would have run.
      if (isRunning) kept.push(start);
      else single = start;
      cancel ||= isRunning && policy === ScheduleOverlapPolicy.CANCEL_OTHER;
      terminate ||= isRunning && policy === ScheduleOverlapPolicy.TERMINATE_OTHER;
    } else {
      state.overlapSkipped += 1;
    }
  }
  state.buffer = kept;
  return {
    overlapping: cancel || terminate ? [] : overlapping,
    single,
    end: terminate ? "terminate" : cancel ? "cancel" : "nothing",
  };
}
