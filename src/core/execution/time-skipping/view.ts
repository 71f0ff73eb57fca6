import { TimeSkippingFastForwardInfo, TimeSkippingInfo } from "../../../proto/gen/common.ts";
import { toTimestamp } from "../duration.ts";
import type { ExecutionState } from "../state.ts";
import { skippedMs } from "./skipping-state.ts";

/** The run's own time when the clock's is `nowMs`. */
export function ownTimeMs(state: ExecutionState, nowMs: number): number {
  return nowMs + skippedMs(state);
}

/** What descriptions say of a run's time; undefined of one that has never been told to skip any. */
export function timeSkippingInfo(state: ExecutionState, nowMs: number): TimeSkippingInfo | undefined {
  if (state.timeSkipping === undefined) return undefined;
  return TimeSkippingInfo.create({
    currentTime: toTimestamp(ownTimeMs(state, nowMs)),
    effectiveConfig: state.timeSkipping.config,
    fastForwardInfo: fastForwardInfo(state),
  });
}

/** How the end of a run's skipping stands; undefined if it has none. */
export function fastForwardInfo({ timeSkipping }: ExecutionState): TimeSkippingFastForwardInfo | undefined {
  const { config, fastForward } = timeSkipping ?? {};
  if (fastForward === undefined) return undefined;
  const { id = "", duration } = config?.fastForwardConfig ?? {};
  return TimeSkippingFastForwardInfo.create({
    targetTime: toTimestamp(fastForward.targetMs),
    hasCompleted: fastForward.reached,
    fastForwardId: id,
    fastForwardDuration: duration,
  });
}
