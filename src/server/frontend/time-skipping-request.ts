import { durationMs } from "../../core/execution/duration.ts";
import type { TimeSkippingConfig } from "../../proto/gen/common.ts";
import { invalidArgument, unimplemented } from "../failures.ts";
import type { Services } from "../services.ts";

/**
 * Checks how a run is to skip time, and sets what is left to the server.
 *
 * @throws {RPCError} `UNIMPLEMENTED` where runs may not skip time by themselves, `INVALID_ARGUMENT` in the service's words.
 */
export function prepareTimeSkipping(
  services: Services,
  config: TimeSkippingConfig | undefined,
): TimeSkippingConfig | undefined {
  if (config === undefined) return undefined;
  requireTimeSkipping(services);
  const { enabled, fastForwardConfig, maxSessionSkipCount } = config;
  if (fastForwardConfig !== undefined) {
    if (durationMs(fastForwardConfig.duration) <= 0)
      throw invalidArgument("Time skipping config invalid: fast_forward duration must be positive");
    requireFastForwardId(fastForwardConfig.id);
    if (!enabled) throw invalidArgument("time_skipping_config: cannot set fast_forward when enabled is false");
  }
  const usualMax = Math.max(1, services.settings.skipsPerSessionMax);
  return { ...config, maxSessionSkipCount: maxSessionSkipCount > 0 ? maxSessionSkipCount : usualMax };
}

/** @throws {RPCError} `UNIMPLEMENTED` where runs may not skip time by themselves. */
export function requireTimeSkipping({ settings }: Services): void {
  if (!settings.runsSkipTime) throw unimplemented("The Time-Skipping feature is not enabled for namespace.");
}

/** @throws {RPCError} `INVALID_ARGUMENT` if there is nothing in it. */
export function requireFastForwardId(id: string): void {
  if (id.trim() === "") throw invalidArgument("Time skipping config invalid: fast_forward_id must be set");
}
