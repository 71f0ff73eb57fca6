import type { Callback } from "../../../proto/gen/common.ts";
import type { Request } from "../../../proto/gen/update.ts";
import { invalidArgument } from "../execution-error.ts";
import type { Transition } from "../transition.ts";

/**
 * Attaches the callbacks of one more request to an update that is known already.
 *
 * @throws {ExecutionError} If the request has callbacks but no id.
 */
export function attachToKnownUpdate(t: Transition, updateId: string, request: Request): void {
  const { requestId, completionCallbacks: callbacks } = request;
  const update = t.state.updates.get(updateId);
  if (callbacks.length === 0 || update === undefined) return;
  if (requestId === "")
    throw invalidArgument("invalid *update.Request: request_id is required when completion_callbacks are set");
  // Of one that is over, the caller is told the outcome at once.
  if (update.phase === "completed" || t.state.phase !== "running") return;
  if (update.phase === "accepted") addUpdateCallbacks(t, updateId, requestId, callbacks);
  else if (
    update.request?.requestId !== requestId &&
    !update.heldCallbacks.some((held) => held.requestId === requestId)
  )
    t.do({ op: "holdUpdateCallbacks", updateId, requestId, callbacks });
}

/** Writes an event that attaches callbacks to an update, once for each request. */
export function addUpdateCallbacks(
  t: Transition,
  updateId: string,
  requestId: string,
  callbacks: readonly Callback[],
): void {
  if (t.state.attachedRequests.some((each) => each.requestId === requestId)) return;
  t.add(
    {
      case: "workflowExecutionOptionsUpdatedEventAttributes",
      value: {
        versioningOverride: undefined,
        unsetVersioningOverride: false,
        attachedRequestId: "",
        attachedCompletionCallbacks: [],
        identity: "",
        priority: undefined,
        timeSkippingConfig: undefined,
        timeSkippingConfigUpdated: false,
        workflowUpdateOptions: [
          { updateId, attachedRequestId: requestId, attachedCompletionCallbacks: [...callbacks] },
        ],
      },
    },
    { workerMayIgnore: true },
  );
}
