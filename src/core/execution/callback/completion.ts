import type { Link, Link_WorkflowEvent, Payload, Payloads } from "../../../proto/gen/common.ts";
import { EventType, WorkflowExecutionStatus as Status } from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import type { NexusOutcome } from "../nexus/answer.ts";
import type { ExecutionState } from "../state.ts";
import type { CallbackState } from "./callback-state.ts";

/** What a callback tells. */
export interface Completion {
  readonly outcome: NexusOutcome;
  readonly startMs: number;
  readonly closeMs: number;
  /** Where the work was done, for one who does not know yet that it began. */
  readonly link: Link;
}

/** What a callback tells of the run or update that it waited for; undefined while there is nothing to tell. */
export function completionOf(state: ExecutionState, callback: CallbackState): Completion | undefined {
  const outcome = callback.updateId === undefined ? outcomeOfRun(state) : outcomeOfUpdate(callback);
  if (outcome === undefined) return undefined;
  return {
    outcome,
    startMs: state.startTimeMs,
    closeMs: state.closeTimeMs ?? callback.registeredMs,
    link: linkOf(state, callback),
  };
}

function outcomeOfRun({ close }: ExecutionState): NexusOutcome | undefined {
  if (close === undefined) return undefined;
  switch (close.status) {
    case Status.COMPLETED:
      return { kind: "succeeded", result: firstOf(close.result) };
    case Status.FAILED:
      return unsuccessful(close.failure ?? Failure.create({ message: "operation failed" }));
    case Status.CANCELED:
      return unsuccessful(
        Failure.create({
          message: "operation canceled",
          failureInfo: {
            case: "canceledFailureInfo",
            value: close.cancelDetails === undefined ? {} : { details: close.cancelDetails },
          },
        }),
        true,
      );
    case Status.TERMINATED:
      return unsuccessful(
        Failure.create({
          message: "operation terminated",
          failureInfo: { case: "terminatedFailureInfo", value: {} },
        }),
      );
    case Status.TIMED_OUT:
      return unsuccessful(
        Failure.create({
          message: "operation exceeded internal timeout",
          failureInfo: { case: "timeoutFailureInfo", value: {} },
        }),
      );
    default:
      return undefined;
  }
}

function outcomeOfUpdate({ updateOutcome }: CallbackState): NexusOutcome | undefined {
  const value = updateOutcome?.value;
  if (value === undefined) return undefined;
  return value.case === "success" ? { kind: "succeeded", result: firstOf(value.value) } : unsuccessful(value.value);
}

function unsuccessful(failure: Failure, canceled = false): NexusOutcome {
  return { kind: "unsuccessful", failure, canceled };
}

/** Nexus operations have one result; of several, the others are dropped. */
function firstOf(payloads: Payloads | undefined): Payload | undefined {
  return payloads?.payloads[0];
}

/** The first event, or that by which a later request attached itself, which may have no id yet. */
function linkOf(state: ExecutionState, { requestId, updateId }: CallbackState): Link {
  const { namespace, workflowId, runId } = state;
  const attached = state.attachedRequests.find((each) => each.requestId === requestId);
  if (attached === undefined && updateId === undefined) {
    const eventRef = { eventId: 1, eventType: EventType.WORKFLOW_EXECUTION_STARTED };
    return workflowEvent({ namespace, workflowId, runId, reference: { case: "eventRef", value: eventRef } });
  }
  const eventType = (attached?.eventType ?? EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED) as EventType;
  const requestIdRef = { requestId, eventType };
  return workflowEvent({ namespace, workflowId, runId, reference: { case: "requestIdRef", value: requestIdRef } });
}

function workflowEvent(value: Link_WorkflowEvent): Link {
  return { variant: { case: "workflowEvent", value } };
}
