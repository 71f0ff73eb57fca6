import { WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import type { ExecutionRequest, StepReply } from "../contract.ts";
import { notFound } from "../execution-error.ts";
import { requireRunning } from "../run/running.ts";
import { terminate } from "../run/terminate.ts";
import { SERVER_IDENTITY } from "../server-identity.ts";
import type { Transition } from "../transition.ts";
import { causeName } from "./cause-name.ts";
import { addFailed, taskOfToken } from "./end.ts";
import { scheduleWorkflowTask } from "./schedule.ts";

/**
 * The worker could not do the task.
 *
 * @throws {ExecutionError} If the token is stale.
 */
export function failWorkflowTask(
  t: Transition,
  request: Extract<ExecutionRequest, { kind: "failWorkflowTask" }>,
): StepReply {
  const { state } = t;
  requireRunning(state);
  const task = taskOfToken(state, request.token);
  if (task === undefined) throw notFound("Workflow task not found.");
  const { cause, failure, identity, binaryChecksum } = request.request;
  if (cause === WorkflowTaskFailedCause.GRPC_MESSAGE_TOO_LARGE) {
    terminate(t, { reason: causeName(cause), details: undefined, identity: SERVER_IDENTITY });
    return {};
  }
  addFailed(t, { cause, failure, identity, binaryChecksum });
  scheduleWorkflowTask(t);
  return {};
}
