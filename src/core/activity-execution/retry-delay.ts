import { exponentialDelayMs, retryPolicyMs, withRetryDefaults } from "../schedule/retry.ts";
import type { ActivityExecutionState } from "./state.ts";

/** The delay after so many attempts by the policy alone, in milliseconds. */
export function policyDelayMs({ options }: ActivityExecutionState, attempts: number): number {
  const policy = retryPolicyMs(options.retryPolicy ?? withRetryDefaults(undefined));
  const delayMs = exponentialDelayMs(policy, attempts);
  return policy.maximumIntervalMs === 0 ? delayMs : Math.min(delayMs, policy.maximumIntervalMs);
}
