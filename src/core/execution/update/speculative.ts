import { Rejection } from "../../../proto/gen/update.ts";
import type { RespondWorkflowTaskCompletedRequest } from "../../../proto/gen/workflowservice.ts";
import type { ExecutionState } from "../state.ts";
import { isMessageOf } from "./message-type.ts";

/** A speculative task that shipped more events than this is written down, so that they are not shipped again and again. */
const SHIPPED_EVENTS_MAX = 10;

/** Whether a completed task can vanish: it was speculative and brought nothing but refusals. */
export function discardsTask(state: ExecutionState, request: RespondWorkflowTaskCompletedRequest): boolean {
  if (state.workflowTask?.kind !== "speculative" || request.commands.length > 0 || request.forceCreateNewWorkflowTask)
    return false;
  // Started and completed are the last events where none were shipped.
  const shipped = state.nextEventId - (state.previousStartedEventId + 2);
  const maximum = request.capabilities?.discardSpeculativeWorkflowTaskWithEvents === true ? SHIPPED_EVENTS_MAX : 0;
  return shipped <= maximum && request.messages.every((message) => isMessageOf(message, Rejection));
}
