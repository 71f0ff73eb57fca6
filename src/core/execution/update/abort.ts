import { ExecutionError, notFound } from "../execution-error.ts";
import type { Transition } from "../transition.ts";
import { UNFINISHED_OUTCOME, UNPROCESSED_OUTCOME } from "./outcome.ts";

/** A worker that was sent updates and did not answer does not know them: they are refused on its behalf. */
export function rejectUnprocessedUpdates(t: Transition): void {
  for (const { updateId, phase } of [...t.state.updates.values()]) {
    if (phase !== "sent") continue;
    t.do({ op: "rejectUpdate", updateId });
    t.effect({ kind: "updateCompleted", updateId, outcome: UNPROCESSED_OUTCOME, rejected: true });
  }
}

/** The workflow task that was to answer has failed for reasons of its own: those updates are not tried again. */
export function abortSentUpdates(t: Transition): void {
  for (const { updateId, phase } of [...t.state.updates.values()]) {
    if (phase !== "sent") continue;
    t.do({ op: "rejectUpdate", updateId });
    const error = new ExecutionError(
      "FAILED_PRECONDITION",
      "Unable to perform workflow execution update due to unexpected workflow task failure.",
    );
    t.effect({ kind: "updateAborted", updateId, error, continued: false });
  }
}

/** The run has closed: tells everyone who waits for an update. */
export function abortUpdates(t: Transition): void {
  const continued = t.state.close?.newRunId !== undefined;
  for (const { updateId, phase } of t.state.updates.values()) {
    if (phase === "accepted")
      t.effect({ kind: "updateCompleted", updateId, outcome: UNFINISHED_OUTCOME, rejected: false });
    else if (phase !== "completed")
      t.effect({ kind: "updateAborted", updateId, error: closingError(continued), continued });
  }
}

function closingError(continued: boolean): ExecutionError {
  return continued
    ? new ExecutionError("RESOURCE_EXHAUSTED", "workflow operation can not be applied because workflow is closing")
    : notFound("workflow update was aborted by closing workflow");
}
