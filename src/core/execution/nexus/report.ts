import type { ExecutionRequest, StepReply } from "../contract.ts";
import { notFound } from "../execution-error.ts";
import { requireRunning } from "../run/running.ts";
import type { Transition } from "../transition.ts";
import { ensureWorkflowTask } from "../workflow-task/schedule.ts";
import type { NexusCancelAnswer, NexusOutcome, NexusStartAnswer } from "./answer.ts";
import { asCanceled, nexusOperationFailure } from "./failure.ts";
import type { NexusOperationState } from "./nexus-state.ts";
import { failNexusAttempt, offerNexusCancel } from "./retry.ts";
import { addNexusTimedOut } from "./time-out.ts";
import type { Failure } from "../../../proto/gen/failure.ts";
import type { Link } from "../../../proto/gen/common.ts";

type Request<Kind extends ExecutionRequest["kind"]> = Extract<ExecutionRequest, { kind: Kind }>;

/** An attempt to start an operation is over. It is no news if the operation has moved on by itself. */
export function nexusStartAnswered(
  t: Transition,
  { scheduledEventId, attempt, answer }: Request<"nexusStartAnswered">,
): StepReply {
  const operation = t.state.nexusOperations.get(scheduledEventId);
  if (t.state.phase !== "running" || operation?.phase !== "scheduled" || operation.attempt !== attempt)
    return { stale: true };
  if (answer.kind === "retry") failNexusAttempt(t, operation, "start", answer.failure);
  else {
    resolve(t, operation, answer);
    ensureWorkflowTask(t);
  }
  return {};
}

function resolve(
  t: Transition,
  operation: NexusOperationState,
  answer: Exclude<NexusStartAnswer, { kind: "retry" }>,
): void {
  switch (answer.kind) {
    case "started":
      addStarted(t, operation, answer.operationToken, answer.links);
      return;
    case "completed":
      addEnded(t, operation, answer.outcome, answer.links);
      return;
    case "failed":
      addFailed(t, operation, answer.failure);
      return;
    case "timedOut":
      addNexusTimedOut(t, operation, answer.timeoutType);
  }
}

function addStarted(
  t: Transition,
  operation: NexusOperationState,
  operationToken: string,
  links: readonly Link[],
  startedMs?: number,
): void {
  const { scheduledEventId, scheduled } = operation;
  t.add(
    {
      case: "nexusOperationStartedEventAttributes",
      value: { scheduledEventId, operationToken, operationId: operationToken, requestId: scheduled.requestId },
    },
    { links: [...links], atMs: startedMs },
  );
  offerNexusCancel(t, operation.scheduledEventId);
}

function addEnded(
  t: Transition,
  operation: NexusOperationState,
  outcome: NexusOutcome,
  links: readonly Link[] = [],
): void {
  const { scheduledEventId, scheduled } = operation;
  const { requestId } = scheduled;
  if (outcome.kind === "succeeded") {
    t.add(
      {
        case: "nexusOperationCompletedEventAttributes",
        value: { scheduledEventId, result: outcome.result, requestId },
      },
      { links: [...links] },
    );
  } else if (outcome.canceled) {
    const failure = nexusOperationFailure(operation, asCanceled(outcome.failure));
    t.add({ case: "nexusOperationCanceledEventAttributes", value: { scheduledEventId, failure, requestId } });
  } else addFailed(t, operation, outcome.failure);
}

function addFailed(t: Transition, operation: NexusOperationState, cause: Failure): void {
  const { scheduledEventId, scheduled } = operation;
  const failure = nexusOperationFailure(operation, cause);
  t.add({
    case: "nexusOperationFailedEventAttributes",
    value: { scheduledEventId, failure, requestId: scheduled.requestId },
  });
}

/** An attempt to cancel an operation is over. Whether the operation ends because of it, its handler tells later. */
export function nexusCancelAnswered(
  t: Transition,
  { scheduledEventId, attempt, answer }: Request<"nexusCancelAnswered">,
): StepReply {
  const operation = t.state.nexusOperations.get(scheduledEventId);
  const cancel = operation?.cancel;
  if (t.state.phase !== "running" || operation === undefined) return { stale: true };
  if (cancel?.phase !== "scheduled" || cancel.attempt !== attempt) return { stale: true };
  if (answer.kind === "retry") failNexusAttempt(t, operation, "cancel", answer.failure);
  else endCancel(t, scheduledEventId, cancel.requestedEventId, answer);
  return {};
}

function endCancel(
  t: Transition,
  scheduledEventId: number,
  requestedEventId: number,
  answer: Exclude<NexusCancelAnswer, { kind: "retry" }>,
): void {
  const failure = answer.kind === "failed" ? answer.failure : undefined;
  if (!t.context.limits.nexus.recordsCancelRequestEnds) {
    t.do({ op: "endNexusCancel", id: scheduledEventId, atMs: t.nowMs, failure });
    return;
  }
  const value = { scheduledEventId, requestedEventId, workflowTaskCompletedEventId: 0 };
  // Old workers do not know these events.
  const extras = { workerMayIgnore: true };
  if (failure === undefined) t.add({ case: "nexusOperationCancelRequestCompletedEventAttributes", value }, extras);
  else t.add({ case: "nexusOperationCancelRequestFailedEventAttributes", value: { ...value, failure } }, extras);
  ensureWorkflowTask(t);
}

/**
 * The handler of an operation tells how it has ended.
 *
 * @throws {ExecutionError} If the operation is not there, or is another one, or the run has closed.
 */
export function completeNexusOperation(t: Transition, request: Request<"completeNexusOperation">): StepReply {
  const { scheduledEventId, requestId, outcome } = request;
  requireRunning(t.state);
  const operation = t.state.nexusOperations.get(scheduledEventId);
  if (operation === undefined || operation.scheduled.requestId !== requestId) throw notFound("operation not found");
  if (operation.phase !== "started") addStarted(t, operation, request.operationToken, request.links, request.startedMs);
  addEnded(t, t.state.nexusOperations.get(scheduledEventId) ?? operation, outcome);
  ensureWorkflowTask(t);
  return {};
}
