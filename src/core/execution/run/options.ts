import type { AdministrativeRequest } from "../administration.ts";
import type { StepReply } from "../contract.ts";
import type { Transition } from "../transition.ts";
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
  t.add(
    {
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
    },
    { workerMayIgnore: true, links: links === undefined ? undefined : [...links] },
  );
  return {};
}
