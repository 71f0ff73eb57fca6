import { type WorkflowExecutionStatus, WorkflowExecutionStatus as Status } from "../../../proto/gen/enums.ts";
import type { HistoryEvent, WorkflowExecutionStartedEventAttributes } from "../../../proto/gen/history.ts";
import { advance } from "../advance.ts";
import { attachCallbacks, triggerCallbacks } from "../callback/fold.ts";
import type { RunClose } from "../contract.ts";
import { durationMs, timestampMs } from "../duration.ts";
import type { EventAttributes } from "../event.ts";
import type { Op } from "../operation.ts";
import type { ExecutionState } from "../state.ts";
import { UNFINISHED_OUTCOME } from "../update/outcome.ts";
import { foldSkippingStarted } from "../time-skipping/fold.ts";
import { foldVersioningStarted } from "../versioning/fold.ts";
import { runMachine } from "./machine.ts";

/** What the started event does not tell. */
export function foldBegin(state: ExecutionState, op: Extract<Op, { op: "begin" }>): void {
  state.namespace = op.namespace;
  state.namespaceId = op.namespaceId;
  state.runId = op.runId;
  state.requestId = op.requestId;
}

/** The first event of a run. */
export function foldStarted(
  state: ExecutionState,
  event: HistoryEvent,
  started: WorkflowExecutionStartedEventAttributes,
): void {
  state.phase = advance(runMachine, state.phase, "start");
  state.status = Status.RUNNING;
  state.started = started;
  state.startLinks = event.links;
  state.userMetadata = event.userMetadata;
  state.workflowId = started.workflowId;
  state.taskQueue = started.taskQueue?.name ?? "";
  state.priority = started.priority;
  state.memo = started.memo?.fields ?? {};
  state.searchAttributes = started.searchAttributes?.indexedFields ?? {};
  foldVersioningStarted(state, started);
  state.startTimeMs = timestampMs(event.eventTime);
  attachCallbacks(state, started.completionCallbacks, { requestId: state.requestId, atMs: state.startTimeMs });
  foldSkippingStarted(state, started);
  state.originalStartTimeMs = state.startTimeMs;
  const backoffMs = durationMs(started.firstWorkflowTaskBackoff);
  state.executionTimeMs = state.startTimeMs + backoffMs;
  const expirationMs = timestampMs(started.workflowExecutionExpirationTime);
  state.executionExpirationMs = expirationMs === 0 ? undefined : expirationMs;
  const runTimeoutMs = durationMs(started.workflowRunTimeout);
  state.runExpirationMs =
    runTimeoutMs === 0
      ? undefined
      : Math.min(state.executionTimeMs + runTimeoutMs, state.executionExpirationMs ?? Infinity);
}

/** The last event of a run. */
export function foldClosed(state: ExecutionState, event: HistoryEvent, close: RunClose): void {
  state.phase = advance(runMachine, state.phase, "close");
  state.status = close.status as WorkflowExecutionStatus;
  state.close = close;
  state.closeTimeMs = timestampMs(event.eventTime);
  state.paused = undefined;
  state.sticky = undefined;
  state.buffered = [];
  // Another run of the chain, or one that goes on since a reset, has them as well.
  if (close.newRunId === undefined && state.resetRunId === "") triggerCallbacks(state, undefined, undefined);
  if (state.resetRunId === "")
    for (const updateId of state.updates.keys()) triggerCallbacks(state, updateId, UNFINISHED_OUTCOME);
}

/** How a closing event ended the run; undefined for every other event. */
export function closeOf(attributes: EventAttributes): RunClose | undefined {
  return (closes[attributes.case] as Close<EventAttributes["case"]> | undefined)?.(attributes.value);
}

type Close<C extends EventAttributes["case"]> = (value: Extract<EventAttributes, { case: C }>["value"]) => RunClose;

const closes: { readonly [C in EventAttributes["case"]]?: Close<C> } = {
  workflowExecutionCompletedEventAttributes: ({ result, newExecutionRunId }) => ({
    status: Status.COMPLETED,
    retryState: 0,
    result,
    ...successor(newExecutionRunId),
  }),
  workflowExecutionFailedEventAttributes: ({ failure, retryState, newExecutionRunId }) => ({
    status: Status.FAILED,
    retryState,
    failure,
    ...successor(newExecutionRunId),
  }),
  workflowExecutionTimedOutEventAttributes: ({ retryState, newExecutionRunId }) => ({
    status: Status.TIMED_OUT,
    retryState,
    ...successor(newExecutionRunId),
  }),
  workflowExecutionCanceledEventAttributes: ({ details }) => ({
    status: Status.CANCELED,
    retryState: 0,
    cancelDetails: details,
  }),
  workflowExecutionTerminatedEventAttributes: () => ({ status: Status.TERMINATED, retryState: 0 }),
  workflowExecutionContinuedAsNewEventAttributes: ({ newExecutionRunId }) => ({
    status: Status.CONTINUED_AS_NEW,
    retryState: 0,
    ...successor(newExecutionRunId),
  }),
};

function successor(runId: string): { readonly newRunId?: string } {
  return runId === "" ? {} : { newRunId: runId };
}
