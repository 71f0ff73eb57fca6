import { WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import { offerActivity } from "../activity/offer.ts";
import type { AdministrativeRequest } from "../administration.ts";
import type { StepReply } from "../contract.ts";
import { ExecutionError } from "../execution-error.ts";
import { SERVER_IDENTITY } from "../server-identity.ts";
import type { Transition } from "../transition.ts";
import { addFailed } from "../workflow-task/end.ts";
import { ensureWorkflowTask } from "../workflow-task/schedule.ts";
import { isBackingOff } from "./backoff.ts";
import { requireRunning } from "./running.ts";

type Request<Kind extends AdministrativeRequest["kind"]> = Extract<AdministrativeRequest, { kind: Kind }>;

/**
 * Has nothing more started: no workflow task and no activity. What runs may end; timers and timeouts go on.
 *
 * @throws {ExecutionError} If the run is closed, or another request has paused it.
 */
export function pauseRun(t: Transition, { identity, reason, requestId }: Request<"pauseRun">): StepReply {
  const { state } = t;
  requireRunning(state);
  if (state.paused !== undefined) {
    if (requestId !== "" && state.paused.requestId === requestId) return { duplicate: true };
    throw new ExecutionError("FAILED_PRECONDITION", "workflow is already paused.");
  }
  t.add(
    { case: "workflowExecutionPausedEventAttributes", value: { identity, reason, requestId } },
    { workerMayIgnore: true },
  );
  // Nobody would ever come for it.
  if (state.workflowTask?.phase === "scheduled")
    addFailed(t, {
      cause: WorkflowTaskFailedCause.WORKFLOW_PAUSE_REQUESTED_BEFORE_TASK_STARTED,
      failure: undefined,
      identity: SERVER_IDENTITY,
    });
  return {};
}

/**
 * Lets a paused run go on.
 *
 * @throws {ExecutionError} If the run is closed, or is not paused.
 */
export function unpauseRun(t: Transition, { identity, reason, requestId }: Request<"unpauseRun">): StepReply {
  const { state } = t;
  requireRunning(state);
  if (state.paused === undefined) throw new ExecutionError("FAILED_PRECONDITION", "workflow is not paused.");
  t.add(
    { case: "workflowExecutionUnpausedEventAttributes", value: { identity, reason, requestId } },
    { workerMayIgnore: true },
  );
  for (const { scheduledEventId, phase, paused } of state.activities.values())
    if (phase === "scheduled" && paused === undefined) offerActivity(t, scheduledEventId);
  if (!isBackingOff(state) || state.executionTimeMs <= t.nowMs) ensureWorkflowTask(t);
  return {};
}
