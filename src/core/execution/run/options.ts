import type { AdministrativeRequest } from "../administration.ts";
import type { StepReply } from "../contract.ts";
import type { EventAttributes } from "../event.ts";
import type { Transition } from "../transition.ts";
import { withRerouting } from "../versioning/move.ts";
import { requireRunning } from "./running.ts";

/**
 * Changes the run's options, or attaches callbacks to it; a request attaches itself once.
 *
 * @throws {ExecutionError} If the run is closed.
 */
export function updateOptions(
  t: Transition,
  request: Extract<AdministrativeRequest, { kind: "updateOptions" }>,
): StepReply {
  const { state } = t;
  requireRunning(state);
  const { versioningOverride, priority, identity, links } = request;
  const attachedRequestId = request.attachedRequestId ?? "";
  if (
    attachedRequestId !== "" &&
    (attachedRequestId === state.requestId ||
      state.attachedRequests.some(({ requestId }) => requestId === attachedRequestId))
  )
    return { duplicate: true };
  const change: EventAttributes = {
    case: "workflowExecutionOptionsUpdatedEventAttributes",
    value: {
      versioningOverride: versioningOverride === "unset" ? undefined : versioningOverride,
      unsetVersioningOverride: versioningOverride === "unset",
      attachedRequestId,
      attachedCompletionCallbacks: [...(request.completionCallbacks ?? [])],
      identity,
      priority,
      timeSkippingConfig: undefined,
      timeSkippingConfigUpdated: false,
      workflowUpdateOptions: [],
    },
  };
  withRerouting(t, () => {
    t.add(change, { workerMayIgnore: true, links: links === undefined ? undefined : [...links] });
  });
  return {};
}
