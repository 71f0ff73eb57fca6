import type { TimeSkippingConfig } from "../../../proto/gen/common.ts";

/** How far a run's own time is ahead of the clock, and whether it may get further ahead. */
export interface TimeSkippingState {
  /** As it is in force: skipping that has ended by itself is not enabled. */
  readonly config: TimeSkippingConfig | undefined;
  /** Whole milliseconds, so that times of the run and of the clock are exactly as far apart. */
  readonly skippedMs: number;
  /** Skips since the configuration was set. */
  readonly sessionSkips: number;
  /** There as long as the configuration has one. */
  readonly fastForward: FastForwardState | undefined;
}

/** Skipping that ends at a time. */
export interface FastForwardState {
  /** In the run's own time. */
  readonly targetMs: number;
  readonly reached: boolean;
}

interface Skipping {
  readonly timeSkipping: TimeSkippingState | undefined;
}

/** How far the run's own time is ahead of the clock. */
export function skippedMs({ timeSkipping }: Skipping): number {
  return timeSkipping?.skippedMs ?? 0;
}

/** The time at which skipping ends; undefined where it is not enabled, goes on for ever or has ended. */
export function pendingFastForwardMs({ timeSkipping }: Skipping): number | undefined {
  const { config, fastForward } = timeSkipping ?? {};
  return config?.enabled === true && fastForward?.reached === false ? fastForward.targetMs : undefined;
}

/** Whether it makes a difference to set a configuration: a fast-forward begins anew each time. */
export function changesSkipping({ timeSkipping }: Skipping, config: TimeSkippingConfig | undefined): boolean {
  const before = timeSkipping?.config;
  if (before === undefined || config === undefined) return before !== config;
  return (
    config.fastForwardConfig !== undefined ||
    before.fastForwardConfig !== undefined ||
    before.enabled !== config.enabled ||
    before.disablePropagation !== config.disablePropagation ||
    before.maxSessionSkipCount !== config.maxSessionSkipCount
  );
}
