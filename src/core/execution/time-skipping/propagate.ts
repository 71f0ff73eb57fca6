import type { TimeSkippingConfig, TimeSkippingStatePropagation } from "../../../proto/gen/common.ts";
import { toDuration, toTimestamp } from "../duration.ts";
import type { ExecutionState } from "../state.ts";

/** What another run takes over of a run's time. */
export interface PassedTime {
  readonly config: TimeSkippingConfig | undefined;
  readonly passed: TimeSkippingStatePropagation | undefined;
}

const NOTHING: PassedTime = { config: undefined, passed: undefined };

/** The next run of the chain goes on as this one would have. */
export function timeOfSuccessor({ timeSkipping }: ExecutionState): PassedTime {
  if (timeSkipping === undefined) return NOTHING;
  const { config, skippedMs, sessionSkips, fastForward } = timeSkipping;
  return {
    config,
    passed: {
      initialSkippedDuration: toDuration(skippedMs),
      fastForwardTargetTime: fastForward === undefined ? undefined : toTimestamp(fastForward.targetMs),
      initialSkipCount: sessionSkips,
    },
  };
}

/** A child begins in its parent's time, and skips like it, unless that is not wanted; an end of skipping is the parent's own. */
export function timeOfChild({ timeSkipping }: ExecutionState): PassedTime {
  if (timeSkipping === undefined) return NOTHING;
  const { config, skippedMs } = timeSkipping;
  return {
    config: config === undefined || config.disablePropagation ? undefined : { ...config, fastForwardConfig: undefined },
    passed:
      skippedMs === 0
        ? undefined
        : {
            initialSkippedDuration: toDuration(skippedMs),
            fastForwardTargetTime: undefined,
            initialSkipCount: 0,
          },
  };
}
