import type {
  HistoryEvent,
  RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
  SignalExternalWorkflowExecutionInitiatedEventAttributes,
} from "../../../proto/gen/history.ts";
import { advance } from "../advance.ts";
import { put, remove } from "../journal.ts";
import type { ExecutionState } from "../state.ts";
import { externalCancelMachine, externalSignalMachine } from "./machine.ts";

/** The run is about to signal another one. */
export function foldExternalSignalInitiated(
  state: ExecutionState,
  event: HistoryEvent,
  initiated: SignalExternalWorkflowExecutionInitiatedEventAttributes,
): void {
  advance(externalSignalMachine, state.externalSignals.has(event.eventId) ? "initiated" : "absent", "initiate");
  put(state, state.externalSignals, event.eventId, { initiatedEventId: event.eventId, initiated });
}

/** The other run has got the signal, or cannot. */
export function foldExternalSignalResolved(
  state: ExecutionState,
  initiatedEventId: number,
  input: "succeed" | "fail",
): void {
  if (!state.externalSignals.has(initiatedEventId)) return;
  advance(externalSignalMachine, "initiated", input);
  remove(state, state.externalSignals, initiatedEventId);
}

/** The run is about to ask for another one's cancellation. */
export function foldExternalCancelInitiated(
  state: ExecutionState,
  event: HistoryEvent,
  initiated: RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
): void {
  advance(externalCancelMachine, state.externalCancels.has(event.eventId) ? "initiated" : "absent", "initiate");
  put(state, state.externalCancels, event.eventId, { initiatedEventId: event.eventId, initiated });
}

/** The other run knows of its cancellation, or cannot. */
export function foldExternalCancelResolved(
  state: ExecutionState,
  initiatedEventId: number,
  input: "succeed" | "fail",
): void {
  if (!state.externalCancels.has(initiatedEventId)) return;
  advance(externalCancelMachine, "initiated", input);
  remove(state, state.externalCancels, initiatedEventId);
}
