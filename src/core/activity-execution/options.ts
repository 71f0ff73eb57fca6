import type { ActivityOptions } from "../../proto/gen/activity.ts";
import type { Priority, RetryPolicy } from "../../proto/gen/common.ts";
import { activityTimeouts } from "../execution/activity/timeouts.ts";
import { invalidArgument } from "../execution/execution-error.ts";
import { retryPolicyFault, withRetryDefaults } from "../schedule/retry.ts";
import type { ActivityExecutionRequest } from "./contract.ts";
import { isPossible } from "./machine.ts";
import { policyDelayMs } from "./retry-delay.ts";
import { afterStartDelay, firstDispatchMs, retryDispatchMs, type ActivityExecutionState } from "./state.ts";
import { failedPrecondition, offerAt, phaseName, transition } from "./transition.ts";

type OptionsUpdate = Extract<ActivityExecutionRequest, { kind: "updateOptions" }>;

const timeouts = [
  "scheduleToCloseTimeout",
  "scheduleToStartTimeout",
  "startToCloseTimeout",
  "heartbeatTimeout",
  "startDelay",
] as const;
const priorityFields = ["priorityKey", "fairnessKey", "fairnessWeight"] as const;
const retryFields = ["initialInterval", "backoffCoefficient", "maximumInterval", "maximumAttempts"] as const;

/** Paths of an update mask that mean something, as JSON names. */
export const updatablePaths: ReadonlySet<string> = new Set([
  "taskQueue.name",
  ...timeouts,
  "priority",
  ...priorityFields.map((field) => `priority.${field}`),
  "retryPolicy",
  ...retryFields.map((field) => `retryPolicy.${field}`),
]);

/**
 * Gives the activity other options, from its next attempt on or, for the limits of time, at once.
 *
 * @throws {ExecutionError} If the activity cannot have them now, or they are not valid.
 */
export function updateOptions(
  state: ActivityExecutionState,
  { activityId, requestId, change }: OptionsUpdate,
  nowMs: number,
): ActivityExecutionState {
  if (requestId !== "" && requestId === state.optionsRequestId) return state;
  if (!isPossible(state.phase, "change")) {
    throw failedPrecondition(`Cannot update options for activity in state ${phaseName(state)}`);
  }
  const paths = new Set(change === "restoreOriginal" ? [] : change.paths);
  if (paths.has("startDelay")) requireUnstarted(state, nowMs);
  const changed =
    change === "restoreOriginal"
      ? restoreOptions(state)
      : { ...state, options: mergeOptions(state, activityId, change.options, paths) };
  const ofPolicy = change === "restoreOriginal" || [...paths].some((path) => path.startsWith("retryPolicy"));
  return reoffer(ofPolicy ? recalculateInterval(changed) : changed, requestId, nowMs);
}

/** The options of the start, but for a delay that is over. */
export function restoreOptions(state: ActivityExecutionState): ActivityExecutionState {
  const { originalOptions, options, firstStartedMs } = state;
  const startDelay = firstStartedMs === undefined ? originalOptions.startDelay : options.startDelay;
  return { ...state, options: { ...originalOptions, startDelay } };
}

function requireUnstarted(state: ActivityExecutionState, nowMs: number): void {
  const pausedBefore = state.firstStartedMs === undefined && state.phase === "paused";
  if (firstDispatchMs(state) > nowMs || pausedBefore) return;
  throw failedPrecondition("cannot update start_delay: the first activity attempt has already been dispatched");
}

/** A retry that waits goes by the policy in force, unless its failure asked for another delay. */
function recalculateInterval(state: ActivityExecutionState): ActivityExecutionState {
  const { attempt, phase } = state;
  if (phase !== "scheduled" && phase !== "paused") return state;
  if (attempt.retryIntervalMs === undefined || attempt.retryIntervalAsked) return state;
  return { ...state, attempt: { ...attempt, retryIntervalMs: policyDelayMs(state, attempt.count - 1) } };
}

function reoffer(state: ActivityExecutionState, optionsRequestId: string, nowMs: number): ActivityExecutionState {
  if (state.phase !== "scheduled") {
    const attempt = { stamp: state.attempt.stamp + 1 };
    return transition(state, "change", nowMs, { optionsRequestId, attempt });
  }
  const atMs = retryDispatchMs(state.attempt) ?? afterStartDelay(state, nowMs);
  return transition(state, "change", nowMs, { optionsRequestId, ...offerAt(state, atMs) });
}

function mergeOptions(
  state: ActivityExecutionState,
  activityId: string,
  from: ActivityOptions,
  paths: ReadonlySet<string>,
): ActivityOptions {
  const into: ActivityOptions = { ...state.options };
  if (paths.has("taskQueue.name")) {
    if (from.taskQueue === undefined) throw invalidArgument("TaskQueue is not provided");
    into.taskQueue = into.taskQueue === undefined ? from.taskQueue : { ...into.taskQueue, name: from.taskQueue.name };
  }
  for (const name of timeouts) if (paths.has(name)) into[name] = from[name];
  into.priority = mergePriority(into.priority, from.priority, paths);
  into.retryPolicy = mergeRetryPolicy(into.retryPolicy, from.retryPolicy, paths);
  const checked = activityTimeouts(into, 0, `ActivityId=${activityId} ActivityType=${state.activityType}`);
  if (typeof checked === "string") throw invalidArgument(checked);
  return { ...into, ...checked };
}

function mergePriority(
  into: Priority | undefined,
  from: Priority | undefined,
  paths: ReadonlySet<string>,
): Priority | undefined {
  if (paths.has("priority")) return from;
  const fields = priorityFields.filter((field) => paths.has(`priority.${field}`));
  if (fields.length === 0) return into;
  if (from === undefined) throw invalidArgument("Priority is not provided");
  const none: Priority = { priorityKey: 0, fairnessKey: "", fairnessWeight: 0 };
  return { ...none, ...into, ...Object.fromEntries(fields.map((field) => [field, from[field]])) };
}

function mergeRetryPolicy(
  into: RetryPolicy | undefined,
  from: RetryPolicy | undefined,
  paths: ReadonlySet<string>,
): RetryPolicy | undefined {
  if (paths.has("retryPolicy")) return checkedPolicy(withRetryDefaults(from));
  const fields = retryFields.filter((field) => paths.has(`retryPolicy.${field}`));
  if (fields.length === 0) return into;
  if (from === undefined) throw invalidArgument("RetryPolicy is not provided");
  const changes = Object.fromEntries(fields.map((field) => [field, from[field]]));
  return checkedPolicy({ ...withRetryDefaults(into), ...changes });
}

function checkedPolicy(policy: RetryPolicy): RetryPolicy {
  const fault = retryPolicyFault(policy);
  if (fault !== undefined) throw invalidArgument(fault);
  return policy;
}
