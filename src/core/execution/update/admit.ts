import type { ExecutionRequest, StepReply, UpdateStatus } from "../contract.ts";
import { ExecutionError, invalidArgument } from "../execution-error.ts";
import { requireRunning } from "../run/running.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { scheduleWorkflowTask } from "../workflow-task/schedule.ts";
import { UNFINISHED_OUTCOME } from "./outcome.ts";
import { attachToKnownUpdate } from "./attach.ts";
import { requestFault } from "./message.ts";

/** A workflow whose task has failed so often is not given updates. */
const FAILING_ATTEMPTS_MIN = 3;

/**
 * Takes an update's request. One that is known by its id is not taken again.
 *
 * @throws {ExecutionError} If the run is closed or about to close, its workflow task fails, or there are too many updates.
 */
export function admitUpdate(t: Transition, { request }: Extract<ExecutionRequest, { kind: "admitUpdate" }>): StepReply {
  const { state } = t;
  const updateId = request.meta?.updateId ?? "";
  const known = updateStatus(state, updateId);
  if (state.phase !== "running") {
    if (known === undefined) requireRunning(state);
    return known === undefined ? {} : { update: known };
  }
  if (state.paused !== undefined) {
    throw new ExecutionError("FAILED_PRECONDITION", "Workflow is paused. Cannot update the workflow.");
  }
  if (state.workflowTaskAttempt >= FAILING_ATTEMPTS_MIN) {
    throw new ExecutionError(
      "FAILED_PRECONDITION",
      "Unable to perform workflow execution update due to Workflow Task in failed state.",
    );
  }
  if (state.closeAttempted && state.workflowTask?.phase === "started") {
    throw new ExecutionError("RESOURCE_EXHAUSTED", "workflow operation can not be applied because workflow is closing");
  }
  if (known !== undefined) {
    attachToKnownUpdate(t, updateId, request);
    return { update: known };
  }
  checkLimits(t);
  const wrong = requestFault(request);
  if (wrong !== undefined) throw invalidArgument(wrong);
  t.do({ op: "admitUpdate", updateId, request });
  // A scheduled task will carry it; after a started one there will be another.
  if (state.workflowTask === undefined) scheduleWorkflowTask(t, { speculative: true });
  return { update: { stage: "admitted", acceptedEventId: 0, completedEventId: 0 } };
}

function checkLimits({ state, context: { limits } }: Transition): void {
  const { updatesInFlightMax, updatesTotalMax } = limits;
  let inFlight = 0;
  for (const { phase } of state.updates.values()) if (phase !== "completed") inFlight++;
  if (updatesInFlightMax > 0 && inFlight >= updatesInFlightMax) {
    throw new ExecutionError(
      "RESOURCE_EXHAUSTED",
      `limit on number of concurrent in-flight updates has been reached (${updatesInFlightMax})`,
    );
  }
  if (updatesTotalMax > 0 && state.updates.size >= updatesTotalMax) {
    throw new ExecutionError(
      "FAILED_PRECONDITION",
      `The limit on the total number of distinct updates in this workflow has been reached (${updatesTotalMax}). ` +
        "Make sure any duplicate updates share an Update ID so the server can deduplicate them, and consider rejecting updates that you aren't going to process. " +
        "You can also Continue-as-New to avoid this; we recommend you check Continue-as-New Suggested in your Workflow.",
    );
  }
}

/** How far an update has come; undefined if there is none of that id (any more). */
export function updateStatus(state: ExecutionState, updateId: string): UpdateStatus | undefined {
  const update = state.updates.get(updateId);
  if (update === undefined) return undefined;
  const { acceptedEventId, completedEventId } = update;
  if (update.phase === "completed") return { stage: "completed", acceptedEventId, completedEventId };
  const closed = state.phase === "closed";
  if (update.phase === "accepted") {
    return closed
      ? { stage: "completed", acceptedEventId, completedEventId, outcome: UNFINISHED_OUTCOME }
      : { stage: "accepted", acceptedEventId, completedEventId };
  }
  return closed ? undefined : { stage: "admitted", acceptedEventId, completedEventId };
}
