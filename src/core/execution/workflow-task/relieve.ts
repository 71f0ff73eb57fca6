import { WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import { SERVER_IDENTITY } from "../server-identity.ts";
import type { Transition } from "../transition.ts";
import { addFailed } from "./end.ts";
import { scheduleWorkflowTask } from "./schedule.ts";

/** Fails the started task if more has come about meanwhile than may wait; it then goes into history, and a new task sees it. */
export function relieveBuffer(t: Transition): void {
  const { state } = t;
  if (t.waiting.length === 0 || state.phase !== "running" || state.workflowTask?.phase !== "started") return;
  const { bufferedEventsMax, bufferedEventsSizeMaxBytes } = t.context.limits;
  const sizeBytes = state.buffered.reduce((size, event) => size + event.sizeBytes, 0);
  if (state.buffered.length + t.waiting.length <= bufferedEventsMax && sizeBytes <= bufferedEventsSizeMaxBytes) return;
  addFailed(t, {
    cause: WorkflowTaskFailedCause.FORCE_CLOSE_COMMAND,
    failure: undefined,
    identity: SERVER_IDENTITY,
  });
  t.flush();
  scheduleWorkflowTask(t);
}
