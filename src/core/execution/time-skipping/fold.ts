import type { TimeSkippingConfig, TimeSkippingStatePropagation } from "../../../proto/gen/common.ts";
import type {
  HistoryEvent,
  WorkflowExecutionStartedEventAttributes,
  WorkflowExecutionTimeSkippingTransitionedEventAttributes,
} from "../../../proto/gen/history.ts";
import { durationMs, timestampMs } from "../duration.ts";
import type { ExecutionState } from "../state.ts";
import type { FastForwardState, TimeSkippingState } from "./skipping-state.ts";

/** What a run's first event says of its time. */
export function foldSkippingStarted(
  state: ExecutionState,
  { timeSkippingConfig: config, timeSkippingStatePropagation: passed }: WorkflowExecutionStartedEventAttributes,
): void {
  if (config === undefined && passed?.initialSkippedDuration === undefined) return;
  state.timeSkipping = configured({
    config,
    skippedMs: durationMs(passed?.initialSkippedDuration),
    sessionSkips: passed?.initialSkipCount ?? 0,
    fastForward: fastForwardOf(config, passed, state.startTimeMs),
  });
}

/** A configuration that was set while the run goes on; a session of skips begins with it. */
export function foldSkippingUpdated(
  state: ExecutionState,
  config: TimeSkippingConfig | undefined,
  eventTimeMs: number,
): void {
  state.timeSkipping = configured({
    config,
    skippedMs: state.timeSkipping?.skippedMs ?? 0,
    sessionSkips: 0,
    fastForward: fastForwardOf(config, undefined, eventTimeMs),
  });
}

/** A skip, the end of skipping, or both. */
export function foldSkippingTransitioned(
  state: ExecutionState,
  { eventTime }: HistoryEvent,
  { targetTime, disabledAfterFastForward }: WorkflowExecutionTimeSkippingTransitionedEventAttributes,
): void {
  const before = state.timeSkipping;
  if (before?.config === undefined) return;
  const aheadMs = targetTime === undefined ? 0 : Math.ceil(timestampMs(targetTime) - timestampMs(eventTime));
  const sessionSkips = before.sessionSkips + 1;
  const { fastForward } = before;
  const isReached = disabledAfterFastForward && fastForward !== undefined;
  const ends = isReached || sessionSkips >= before.config.maxSessionSkipCount;
  state.timeSkipping = {
    config: ends ? { ...before.config, enabled: false } : before.config,
    skippedMs: before.skippedMs + aheadMs,
    sessionSkips,
    fastForward: isReached ? { ...fastForward, reached: true } : fastForward,
  };
}

/** Skipping does not go on where the time at which it ends has come already. */
function configured(state: TimeSkippingState): TimeSkippingState {
  const { config, fastForward } = state;
  return config !== undefined && fastForward?.reached === true
    ? { ...state, config: { ...config, enabled: false } }
    : state;
}

/** One that was passed on keeps its end; a new one begins now. */
function fastForwardOf(
  config: TimeSkippingConfig | undefined,
  passed: TimeSkippingStatePropagation | undefined,
  nowMs: number,
): FastForwardState | undefined {
  const asked = config?.fastForwardConfig;
  if (asked === undefined) return undefined;
  const passedTarget = passed?.fastForwardTargetTime;
  if (passedTarget === undefined) return { targetMs: nowMs + durationMs(asked.duration), reached: false };
  const targetMs = timestampMs(passedTarget);
  return { targetMs, reached: targetMs <= nowMs };
}
