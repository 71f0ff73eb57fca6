import type {
  ChildWorkflowExecutionStartedEventAttributes,
  HistoryEvent,
  StartChildWorkflowExecutionInitiatedEventAttributes,
} from "../../../proto/gen/history.ts";
import { advance } from "../advance.ts";
import { put, remove } from "../journal.ts";
import type { ChildState, ExecutionState } from "../state.ts";
import { childMachine, type ChildPhase } from "./machine.ts";

/** Where a child is by the table. */
export function childPhase(child: ChildState | undefined): ChildPhase {
  if (child === undefined) return "absent";
  return child.startedEventId === 0 ? "initiated" : "started";
}

/** An initiated event. */
export function foldChildInitiated(
  state: ExecutionState,
  event: HistoryEvent,
  initiated: StartChildWorkflowExecutionInitiatedEventAttributes,
): void {
  advance(childMachine, childPhase(state.children.get(event.eventId)), "initiate");
  put(state, state.children, event.eventId, {
    initiatedEventId: event.eventId,
    initiated,
    startedEventId: 0,
    runId: "",
  });
}

/** A started event, in history or in the buffer. */
export function foldChildStarted(
  state: ExecutionState,
  eventId: number,
  attributes: ChildWorkflowExecutionStartedEventAttributes,
): void {
  const child = state.children.get(attributes.initiatedEventId);
  if (child === undefined) return;
  advance(childMachine, childPhase(child), "start");
  put(state, state.children, child.initiatedEventId, {
    ...child,
    startedEventId: eventId,
    runId: attributes.workflowExecution?.runId ?? "",
  });
}

/** A started event that was in the buffer has got its id. */
export function foldChildStartedId(state: ExecutionState, eventId: number, initiatedEventId: number): void {
  const child = state.children.get(initiatedEventId);
  if (child !== undefined) put(state, state.children, initiatedEventId, { ...child, startedEventId: eventId });
}

/** Any event that ends a child, or says that it cannot be started. */
export function foldChildEnded(state: ExecutionState, initiatedEventId: number, input: "close" | "failToStart"): void {
  const child = state.children.get(initiatedEventId);
  if (child === undefined) return;
  advance(childMachine, childPhase(child), input);
  remove(state, state.children, initiatedEventId);
}
