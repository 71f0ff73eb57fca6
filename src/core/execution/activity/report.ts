import type { Payloads } from "../../../proto/gen/common.ts";
import { RetryState } from "../../../proto/gen/enums.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { ActivityTarget, ExecutionRequest, StepReply } from "../contract.ts";
import { invalidArgument, notFound } from "../execution-error.ts";
import { requireRunning } from "../run/running.ts";
import type { ActivityState, ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { ensureWorkflowTask } from "../workflow-task/schedule.ts";
import { retryActivity } from "./retry.ts";
import { startAttempt } from "./start.ts";

type Request<Kind extends ExecutionRequest["kind"]> = Extract<ExecutionRequest, { kind: Kind }>;

const TASK_NOT_FOUND = "invalid activityID or activity already timed out or invoking workflow is completed";

/** @throws {ExecutionError} If the run is closed or the activity or its attempt is not the current one. */
function find(state: ExecutionState, target: ActivityTarget, unstartedToo = false): ActivityState {
  requireRunning(state);
  const activity = state.activities.get(target.by === "id" ? idOf(state, target.activityId) : target.scheduledEventId);
  if (activity === undefined || (activity.phase !== "started" && !unstartedToo)) throw notFound(TASK_NOT_FOUND);
  if (target.by === "token" && target.attempt !== activity.attempt) throw notFound(TASK_NOT_FOUND);
  return activity;
}

function idOf(state: ExecutionState, activityId: string): number {
  if (activityId === "") throw invalidArgument("activityID cannot be empty");
  const id = state.activityIds.get(activityId);
  if (id === undefined)
    throw notFound(
      `cannot find pending activity with ActivityID ${activityId}, check workflow execution history for more details`,
    );
  return id;
}

/**
 * The activity has a result. By its id, even an activity that has not started can be given one.
 *
 * @throws {ExecutionError} If it is not wanted any more.
 */
export function completeActivity(t: Transition, request: Request<"completeActivity">): StepReply {
  const activity = find(t.state, request.activity, request.activity.by === "id");
  const id = activity.scheduledEventId;
  if (activity.phase !== "started") startAttempt(t, id, { identity: request.identity, requestId: "" });
  addStarted(t, id);
  t.add({
    case: "activityTaskCompletedEventAttributes",
    value: {
      result: request.result,
      scheduledEventId: id,
      startedEventId: 0,
      identity: request.identity,
      workerVersion: undefined,
    },
  });
  ensureWorkflowTask(t);
  return {};
}

/**
 * The attempt failed: there will be another, or the activity has failed.
 *
 * @throws {ExecutionError} If it is not wanted any more.
 */
export function failActivity(t: Transition, request: Request<"failActivity">): StepReply {
  const { state } = t;
  const id = find(state, request.activity).scheduledEventId;
  if (request.lastHeartbeatDetails !== undefined)
    t.do({ op: "heartbeatActivity", id, atMs: t.nowMs, details: request.lastHeartbeatDetails });
  const activity = state.activities.get(id);
  if (activity === undefined) throw notFound(TASK_NOT_FOUND);
  const retryState = retryActivity(t, activity, request.failure, t.nowMs);
  if (retryState === RetryState.IN_PROGRESS) return {};
  addFailed(t, id, { failure: request.failure, retryState, identity: request.identity });
  ensureWorkflowTask(t);
  return {};
}

function addFailed(
  t: Transition,
  id: number,
  why: { failure: Failure | undefined; retryState: RetryState; identity: string },
): void {
  addStarted(t, id);
  t.add({
    case: "activityTaskFailedEventAttributes",
    value: { ...why, scheduledEventId: id, startedEventId: 0, workerVersion: undefined },
  });
}

/**
 * The worker has stopped the activity as it was asked to.
 *
 * @throws {ExecutionError} If it was not asked, or the activity is not wanted any more.
 */
export function cancelActivity(t: Transition, request: Request<"cancelActivity">): StepReply {
  const activity = find(t.state, request.activity);
  if (activity.cancelRequestedEventId === 0) {
    throw invalidArgument("unable to mark activity as canceled without activity being request canceled first");
  }
  addCanceled(t, activity.scheduledEventId, request);
  ensureWorkflowTask(t);
  return {};
}

/** Ends an activity as cancelled. */
export function addCanceled(
  t: Transition,
  id: number,
  how: { readonly details?: Payloads | undefined; readonly identity: string },
): void {
  const latestCancelRequestedEventId = t.state.activities.get(id)?.cancelRequestedEventId ?? 0;
  addStarted(t, id);
  t.add({
    case: "activityTaskCanceledEventAttributes",
    value: {
      details: how.details,
      latestCancelRequestedEventId,
      scheduledEventId: id,
      startedEventId: 0,
      identity: how.identity,
      workerVersion: undefined,
    },
  });
}

/**
 * The activity is alive, and is told what is wanted of it.
 *
 * @throws {ExecutionError} If it is not wanted any more.
 */
export function heartbeatActivity(t: Transition, request: Request<"heartbeatActivity">): StepReply {
  const activity = find(t.state, request.activity);
  t.do({
    op: "heartbeatActivity",
    id: activity.scheduledEventId,
    atMs: t.nowMs,
    details: request.details,
  });
  return {
    activityState: {
      cancelRequested: activity.cancelRequestedEventId !== 0,
      paused: activity.paused !== undefined,
      reset: activity.reset,
    },
  };
}

/** Writes the started event of the last attempt, at the time when it started; nothing if it did not. */
export function addStarted(t: Transition, id: number): void {
  const activity = t.state.activities.get(id);
  if (activity?.phase !== "started") return;
  t.add(
    {
      case: "activityTaskStartedEventAttributes",
      value: {
        scheduledEventId: id,
        identity: activity.identity,
        requestId: activity.requestId,
        attempt: activity.attempt,
        lastFailure: activity.lastFailure,
        workerVersion: undefined,
        buildIdRedirectCounter: 0,
      },
    },
    { atMs: activity.startedMs },
  );
}
