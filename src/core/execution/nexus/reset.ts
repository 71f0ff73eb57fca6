import type { EventAttributes } from "../event.ts";
import type { ExecutionState } from "../state.ts";

/** Whether an event tells of a Nexus operation that the workflow had scheduled before the point of a reset. */
export function isNewsOfNexus(state: ExecutionState, { case: kind, value }: EventAttributes): boolean {
  if (!ofHandlers.has(kind) || !("scheduledEventId" in value) || !("requestId" in value)) return false;
  const operation = state.nexusOperations.get(value.scheduledEventId);
  // In the history of a later run, the same event id means another operation.
  if (operation === undefined || operation.scheduled.requestId !== value.requestId) return false;
  return kind !== "nexusOperationStartedEventAttributes" || operation.phase !== "started";
}

const ofHandlers: ReadonlySet<EventAttributes["case"]> = new Set<EventAttributes["case"]>([
  "nexusOperationStartedEventAttributes",
  "nexusOperationCompletedEventAttributes",
  "nexusOperationFailedEventAttributes",
  "nexusOperationCanceledEventAttributes",
  "nexusOperationTimedOutEventAttributes",
]);
