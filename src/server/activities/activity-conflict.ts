import { isClosed, type ActivityExecutionState } from "../../core/activity-execution/state.ts";
import { ActivityIdConflictPolicy, ActivityIdReusePolicy } from "../../proto/gen/enums.ts";
import type { StartActivityExecutionRequest } from "../../proto/gen/workflowservice.ts";
import { activityAlreadyStarted } from "../failures.ts";
import type { LiveExecution } from "../standalone/live-executions.ts";

/**
 * What the policies of a start say about the activity that has its id: that it is to be used, or that its id is free.
 *
 * @throws {RPCError} `ALREADY_EXISTS` if they do not let the id be used again.
 */
export function assertIdIsFree(
  { runId, state }: LiveExecution<ActivityExecutionState>,
  { idConflictPolicy, idReusePolicy }: StartActivityExecutionRequest,
): "existing" | "free" {
  if (!isClosed(state) && idConflictPolicy === ActivityIdConflictPolicy.USE_EXISTING) return "existing";
  const reusable =
    isClosed(state) &&
    (idReusePolicy === ActivityIdReusePolicy.ALLOW_DUPLICATE ||
      (idReusePolicy === ActivityIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY && state.phase !== "completed"));
  if (reusable) return "free";
  throw activityAlreadyStarted({ startRequestId: state.requestId, runId });
}
