import type { AdministrativeRequest } from "../administration.ts";
import { ExecutionError } from "../execution-error.ts";
import type { StepReply } from "../contract.ts";
import type { EventAttributes } from "../event.ts";
import type { Transition } from "../transition.ts";
import { withRerouting } from "../versioning/move.ts";
import { changesSkipping } from "../time-skipping/skipping-state.ts";
import { requireRunning } from "./running.ts";

/**
 * Changes the run's options, or attaches callbacks to it; a request attaches itself once.
 *
 * @throws {ExecutionError} If the run is closed, or would have too many callbacks.
 */
export function updateOptions(
  t: Transition,
  request: Extract<AdministrativeRequest, { kind: "updateOptions" }>,
): StepReply {
  const { state } = t;
  requireRunning(state);
  const { versioningOverride, priority, timeSkipping, identity, links } = request;
  const attachedRequestId = request.attachedRequestId ?? "";
  if (
    attachedRequestId !== "" &&
    (attachedRequestId === state.requestId ||
      state.attachedRequests.some(({ requestId }) => requestId === attachedRequestId))
  )
    return { duplicate: true };
  const callbacks = [...(request.completionCallbacks ?? [])];
  const { callbacksMax } = t.context.limits;
  if (callbacks.length > 0 && state.callbacks.length + callbacks.length > callbacksMax) {
    throw new ExecutionError(
      "FAILED_PRECONDITION",
      `cannot attach more than ${callbacksMax} callbacks to a workflow (${state.callbacks.length} callbacks already attached)`,
    );
  }
  const timeSkippingChanges = timeSkipping !== undefined && changesSkipping(state, timeSkipping.config);
  if (timeSkipping !== undefined && !timeSkippingChanges && versioningOverride === undefined && priority === undefined)
    return {};
  const change: EventAttributes = {
    case: "workflowExecutionOptionsUpdatedEventAttributes",
    value: {
      versioningOverride: versioningOverride === "unset" ? undefined : versioningOverride,
      unsetVersioningOverride: versioningOverride === "unset",
      attachedRequestId,
      attachedCompletionCallbacks: callbacks,
      identity,
      priority,
      timeSkippingConfig: timeSkippingChanges ? timeSkipping.config : state.timeSkipping?.config,
      timeSkippingConfigUpdated: timeSkippingChanges,
      workflowUpdateOptions: [],
    },
  };
  withRerouting(t, () => {
    t.add(change, { workerMayIgnore: true, links: links === undefined ? undefined : [...links] });
  });
  return {};
}
