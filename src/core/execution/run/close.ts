import { ParentClosePolicy } from "../../../proto/gen/enums.ts";
import type { EventAttributes, EventExtras } from "../event.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import type { Transition } from "../transition.ts";
import { parentOf } from "./relatives.ts";
import type { Successor } from "./successor.ts";

/** Ends the run with its last event, and tells all whom it concerns: children, parent, waiting clients and the next run. */
export function closeRun(
  t: Transition,
  attributes: EventAttributes,
  extras: EventExtras = {},
  successor?: Successor,
): HistoryEvent {
  const { state } = t;
  t.setAside();
  const event = t.add(attributes, extras);
  const close = state.close;
  if (close === undefined) throw new Error(`Cannot close run: "${attributes.case}" is no closing event`);
  // A run that was reset goes on as another one, which has taken over its children and its parent.
  const ends = state.resetRunId === "";
  for (const child of [...state.children.values()].toSorted((a, b) => a.initiatedEventId - b.initiatedEventId)) {
    const { parentClosePolicy, namespace, workflowId } = child.initiated;
    if (!ends || child.runId === "" || parentClosePolicy === ParentClosePolicy.ABANDON) continue;
    t.effect({
      kind: "closeChild",
      namespace,
      execution: { workflowId, runId: child.runId },
      policy: parentClosePolicy,
    });
  }
  const parent = parentOf(state);
  if (ends && parent !== undefined && close.newRunId === undefined) t.effect({ kind: "notifyParent", parent, close });
  t.effect({ kind: "closed", close });
  if (successor !== undefined) t.effect({ kind: "startRun", origin: successor.origin, request: successor.request });
  return event;
}
