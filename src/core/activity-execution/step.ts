import { Failure } from "../../proto/gen/failure.ts";
import type { Payloads } from "../../proto/gen/common.ts";
import { invalidArgument, notFound } from "../execution/execution-error.ts";
import { pauseActivity, resetActivity, unpauseActivity } from "./administration.ts";
import { attach } from "./attach.ts";
import { endFailedAttempt, failForGood } from "./attempt-end.ts";
import { callbackAnswered } from "./callbacks.ts";
import type {
  ActivityExecutionRequest,
  ActivityExecutionStep,
  AttemptReport,
  AttemptStart,
  AttemptTarget,
  Wish,
} from "./contract.ts";
import { passTime } from "./deadline.ts";
import { isPossible } from "./machine.ts";
import { updateOptions } from "./options.ts";
import { isClosed, isRunning, type ActivityExecutionState } from "./state.ts";
import { failedPrecondition, phaseName, transition } from "./transition.ts";
import { jsonPayloads } from "./reason.ts";

/**
 * What a request makes of a standalone activity.
 *
 * @throws {ExecutionError} If the activity refuses it, in the service's words; then nothing has changed.
 */
export function stepActivityExecution(
  state: ActivityExecutionState,
  request: ActivityExecutionRequest,
  nowMs: number,
): ActivityExecutionStep {
  switch (request.kind) {
    case "start":
      return startAttempt(state, request, nowMs);
    case "report":
      return report(state, request.target, request.report, nowMs);
    case "requestCancel":
      return { state: requestCancel(state, request, nowMs) };
    case "terminate":
      return { state: terminate(state, request, nowMs) };
    case "pause":
      return { state: pauseActivity(state, request, nowMs) };
    case "unpause":
      return { state: unpauseActivity(state, request, nowMs) };
    case "reset":
      return { state: resetActivity(state, request, nowMs) };
    case "updateOptions":
      return { state: updateOptions(state, request, nowMs) };
    case "attach":
      return { state: attach(state, request, nowMs) };
    case "callbackAnswered":
      return { state: callbackAnswered(state, request, nowMs) };
    case "tick":
      return passTime(state, nowMs);
  }
}

function startAttempt(state: ActivityExecutionState, request: AttemptStart, nowMs: number): ActivityExecutionStep {
  const { attempt } = state;
  if (isRunning(state) && request.requestId === attempt.startRequestId) return { state };
  if (attempt.stamp !== request.stamp || !isPossible(state.phase, "start")) return { state, stale: true };
  return {
    state: transition(state, "start", nowMs, {
      firstStartedMs: state.firstStartedMs ?? nowMs,
      attempt: {
        startedMs: nowMs,
        startedStamp: request.stamp,
        startRequestId: request.requestId,
        workerIdentity: request.identity,
        sdkName: request.sdkName,
        sdkVersion: request.sdkVersion,
        deploymentVersion: request.deploymentVersion ?? attempt.deploymentVersion,
      },
    }),
  };
}

function report(
  state: ActivityExecutionState,
  target: AttemptTarget,
  asked: AttemptReport,
  nowMs: number,
): ActivityExecutionStep {
  requireAttempt(state, target, asked.kind === "completeActivity");
  switch (asked.kind) {
    case "completeActivity":
      return { state: complete(state, asked, nowMs) };
    case "failActivity":
      return { state: fail(state, asked, nowMs) };
    case "cancelActivity": {
      if (!isPossible(state.phase, "cancel")) {
        throw invalidArgument("unable to mark activity as canceled without activity being request canceled first");
      }
      return { state: cancel(state, asked.details, nowMs) };
    }
    case "heartbeatActivity":
      return {
        state: transition(state, "heartbeat", nowMs, {
          heartbeatMs: nowMs,
          heartbeatDetails: asked.details,
          heartbeats: state.heartbeats + 1,
        }),
        wish: {
          cancelRequested: state.phase === "cancelRequested",
          paused: state.phase === "pauseRequested",
          reset: state.phase === "resetRequested",
        },
      };
  }
}

/** By its id, and only so, an activity may be completed that no worker has. */
function requireAttempt(state: ActivityExecutionState, target: AttemptTarget, completes: boolean): void {
  const { attempt } = state;
  const known =
    target.by === "id"
      ? isRunning(state) || completes
      : isRunning(state) && target.attempt === attempt.count && target.stamp === attempt.startedStamp;
  if (!known) throw notFound("activity task not found");
}

function complete(
  state: ActivityExecutionState,
  { result, identity }: Extract<AttemptReport, { kind: "completeActivity" }>,
  nowMs: number,
): ActivityExecutionState {
  if (!isPossible(state.phase, "complete")) throw failedPrecondition(`invalid transition from ${phaseName(state)}`);
  const begins = !isRunning(state);
  return transition(state, "complete", nowMs, {
    outcome: { retryState: 0, value: { case: "result", value: result ?? { payloads: [] } } },
    ...(begins ? { firstStartedMs: state.firstStartedMs ?? nowMs } : {}),
    attempt: { completeMs: nowMs, workerIdentity: identity, ...(begins ? { startedMs: nowMs } : {}) },
  });
}

function fail(
  state: ActivityExecutionState,
  { failure, lastHeartbeatDetails, identity }: Extract<AttemptReport, { kind: "failActivity" }>,
  nowMs: number,
): ActivityExecutionState {
  const told: ActivityExecutionState =
    lastHeartbeatDetails === undefined
      ? state
      : {
          ...state,
          heartbeatDetails: lastHeartbeatDetails,
          heartbeatMs: nowMs,
          heartbeats: state.heartbeats + 1,
        };
  const end = endFailedAttempt(told, failure, nowMs);
  return "state" in end ? end.state : failForGood(told, failure, end.retryState, { nowMs, identity });
}

function cancel(state: ActivityExecutionState, details: Payloads | undefined, nowMs: number): ActivityExecutionState {
  const failure = Failure.create({
    message: "Activity canceled",
    failureInfo: {
      case: "canceledFailureInfo",
      value: { ...(details === undefined ? {} : { details }), identity: state.cancelIdentity },
    },
  });
  return transition(state, "cancel", nowMs, {
    outcome: { retryState: 0, value: { case: "failure", value: failure } },
  });
}

function requestCancel(
  state: ActivityExecutionState,
  { requestId, reason, identity }: Wish<"requestCancel">,
  nowMs: number,
): ActivityExecutionState {
  if (requestId !== "" && requestId === state.cancelRequestId) return state;
  if (isClosed(state)) throw failedPrecondition(`activity is in terminal state ${phaseName(state)}`);
  if (state.phase === "cancelRequested") {
    throw failedPrecondition(`cancellation already requested with request ID ${state.cancelRequestId}`);
  }
  const asked = transition(state, "requestCancel", nowMs, {
    cancelRequestId: requestId,
    cancelReason: reason,
    cancelIdentity: identity,
    // What a reset left for the end of the attempt does not matter any more.
    pendingReset: undefined,
  });
  return isRunning(state) ? asked : cancel(asked, jsonPayloads(reason), nowMs);
}

function terminate(
  state: ActivityExecutionState,
  { requestId, reason, identity }: Wish<"terminate">,
  nowMs: number,
): ActivityExecutionState {
  if (state.phase === "terminated") {
    if (state.terminateRequestId === requestId) return state;
    throw failedPrecondition(`already terminated with request ID ${state.terminateRequestId}`);
  }
  if (isClosed(state)) throw failedPrecondition(`invalid transition from ${phaseName(state)}`);
  const failure = Failure.create({
    message: reason,
    failureInfo: { case: "terminatedFailureInfo", value: { identity } },
  });
  return transition(state, "terminate", nowMs, {
    terminateRequestId: requestId,
    outcome: { retryState: 0, value: { case: "failure", value: failure } },
  });
}
