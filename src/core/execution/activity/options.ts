import { TaskQueueKind } from "../../../proto/gen/enums.ts";
import { ActivityOptions } from "../../../proto/gen/activity.ts";
import type { Priority, RetryPolicy } from "../../../proto/gen/common.ts";
import { exponentialDelayMs, retryPolicyFault, retryPolicyMs } from "../../schedule/retry.ts";
import { resolveTaskQueue } from "../command/check.ts";
import { activityTimeouts } from "./timeouts.ts";
import type { ExecutionRequest, StepReply } from "../contract.ts";
import { durationMs, toDuration } from "../duration.ts";
import { invalidArgument } from "../execution-error.ts";
import type { ActivityOptionsMs, ActivityState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { scheduledOptions } from "./fold.ts";
import { isWaiting, rescheduleActivity } from "./reschedule.ts";
import { selectActivities } from "./select.ts";
import { toRetryPolicy } from "./start.ts";

/**
 * Gives activities other options than they were scheduled with.
 *
 * @throws {ExecutionError} If there is no such activity, or the options are not valid.
 */
export function updateActivityOptions(
  t: Transition,
  { activities, change }: Extract<ExecutionRequest, { kind: "updateActivityOptions" }>,
): StepReply {
  let inForce: ActivityOptions | undefined;
  for (const activity of selectActivities(t.state, activities)) {
    const id = activity.scheduledEventId;
    const options =
      change === "restoreOriginal"
        ? scheduledOptions(activity.scheduled)
        : merge(t, activity, change.options, new Set(change.paths.map(camelCase)));
    t.do({ op: "changeActivity", id, change: { options, stamp: activity.stamp + 1 } });
    const changed = t.state.activities.get(id);
    if (changed === undefined) continue;
    inForce = currentOptions(changed);
    if (isWaiting(changed) && changed.paused === undefined) rescheduleActivity(t, id, nextAttemptMs(changed));
  }
  return inForce === undefined ? {} : { activityOptions: inForce };
}

/** By the policy in force, from the end of the last attempt. */
function nextAttemptMs({ attempt, scheduledMs, lastAttemptCompleteMs, options: { retry } }: ActivityState): number {
  if (attempt === 1) return scheduledMs;
  let delayMs = exponentialDelayMs(retry, attempt);
  if (retry.maximumIntervalMs !== 0) delayMs = Math.min(delayMs, retry.maximumIntervalMs);
  return delayMs > 0 ? (lastAttemptCompleteMs ?? scheduledMs) + delayMs : scheduledMs;
}

function camelCase(path: string): string {
  return path.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
}

/** An activity's options as the protocol has them. */
export function currentOptions(activity: ActivityState): ActivityOptions {
  const { options } = activity;
  return ActivityOptions.create({
    taskQueue: { name: options.taskQueue, kind: TaskQueueKind.NORMAL },
    scheduleToCloseTimeout: toDuration(options.scheduleToCloseMs),
    scheduleToStartTimeout: toDuration(options.scheduleToStartMs),
    startToCloseTimeout: toDuration(options.startToCloseMs),
    heartbeatTimeout: toDuration(options.heartbeatMs),
    retryPolicy: toRetryPolicy(activity),
    priority: options.priority,
  });
}

/** @throws {ExecutionError} If what comes out is not valid. */
function merge(
  t: Transition,
  activity: ActivityState,
  from: ActivityOptions,
  paths: ReadonlySet<string>,
): ActivityOptionsMs {
  const into = currentOptions(activity);
  if (paths.has("taskQueue.name") || paths.has("taskQueue")) {
    if (from.taskQueue === undefined) throw invalidArgument("TaskQueue is not provided");
    into.taskQueue = from.taskQueue;
  }
  for (const name of [
    "scheduleToCloseTimeout",
    "scheduleToStartTimeout",
    "startToCloseTimeout",
    "heartbeatTimeout",
  ] as const) {
    if (paths.has(name)) into[name] = from[name];
  }
  into.priority = mergeFields(
    into.priority ?? { priorityKey: 0, fairnessKey: "", fairnessWeight: 0 },
    from.priority,
    "priority",
    paths,
  );
  const retryPolicy = mergeFields<RetryPolicy>(
    into.retryPolicy ?? toRetryPolicy(activity),
    from.retryPolicy,
    "retryPolicy",
    paths,
  );
  const wrongRetry = retryPolicyFault(retryPolicy);
  if (wrongRetry !== undefined) throw invalidArgument(wrongRetry);
  const queue = resolveTaskQueue(into.taskQueue, "", t.context.limits.idLengthMax);
  if (typeof queue === "string") throw invalidArgument(queue);
  const timeouts = activityTimeouts(
    into,
    0,
    `ActivityId=${activity.activityId} ActivityType=${activity.scheduled.activityType?.name ?? ""}`,
  );
  if (typeof timeouts === "string") throw invalidArgument(timeouts);
  return {
    taskQueue: queue.name,
    scheduleToCloseMs: durationMs(timeouts.scheduleToCloseTimeout),
    scheduleToStartMs: durationMs(timeouts.scheduleToStartTimeout),
    startToCloseMs: durationMs(timeouts.startToCloseTimeout),
    heartbeatMs: durationMs(timeouts.heartbeatTimeout),
    retry: retryPolicyMs(retryPolicy),
    priority: activity.options.priority === undefined && !touches(paths, "priority") ? undefined : into.priority,
  };
}

function touches(paths: ReadonlySet<string>, name: string): boolean {
  return [...paths].some((path) => path === name || path.startsWith(`${name}.`));
}

/** Takes over a message as a whole, or single fields of it. */
function mergeFields<T extends Priority | RetryPolicy>(
  into: T,
  from: T | undefined,
  name: string,
  paths: ReadonlySet<string>,
): T {
  if (!touches(paths, name)) return into;
  if (from === undefined)
    throw invalidArgument(`${name.replace(/^./, (letter) => letter.toUpperCase())} is not provided`);
  if (paths.has(name)) return from;
  const fields = Object.entries(from).filter(([field]) => paths.has(`${name}.${field}`));
  return { ...into, ...Object.fromEntries(fields) };
}
