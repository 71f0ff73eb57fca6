import type { StartChildWorkflowExecutionFailedCause } from "../../../proto/gen/enums.ts";
import { WorkflowExecutionStatus as Status } from "../../../proto/gen/enums.ts";
import type { ExecutionRequest, RunClose, StepReply } from "../contract.ts";
import type { EventAttributes } from "../event.ts";
import type { ChildState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { ensureWorkflowTask } from "../workflow-task/schedule.ts";

type Request<Kind extends ExecutionRequest["kind"]> = Extract<ExecutionRequest, { kind: Kind }>;

/** A child's first run has begun. */
export function childStarted(t: Transition, { initiatedEventId, runId }: Request<"childStarted">): StepReply {
  const child = t.state.children.get(initiatedEventId);
  if (t.state.phase !== "running" || child === undefined || child.startedEventId !== 0) return { stale: true };
  addStarted(t, child, runId);
  ensureWorkflowTask(t);
  return {};
}

function addStarted(t: Transition, { initiatedEventId, initiated }: ChildState, runId: string): void {
  t.add({
    case: "childWorkflowExecutionStartedEventAttributes",
    value: {
      namespace: initiated.namespace,
      namespaceId: initiated.namespaceId,
      initiatedEventId,
      workflowExecution: { workflowId: initiated.workflowId, runId },
      workflowType: initiated.workflowType,
      header: initiated.header,
    },
  });
}

/** A child cannot be started. */
export function childStartFailed(t: Transition, { initiatedEventId, cause }: Request<"childStartFailed">): StepReply {
  const child = t.state.children.get(initiatedEventId);
  if (t.state.phase !== "running" || child === undefined || child.startedEventId !== 0) return { stale: true };
  const { namespace, namespaceId, workflowId, workflowType, control } = child.initiated;
  t.add({
    case: "startChildWorkflowExecutionFailedEventAttributes",
    value: {
      namespace,
      namespaceId,
      workflowId,
      workflowType,
      cause: cause as StartChildWorkflowExecutionFailedCause,
      control,
      initiatedEventId,
      workflowTaskCompletedEventId: 0,
    },
  });
  ensureWorkflowTask(t);
  return {};
}

/** The last run of a child has closed. */
export function childClosed(t: Transition, { initiatedEventId, runId, close }: Request<"childClosed">): StepReply {
  const child = t.state.children.get(initiatedEventId);
  if (t.state.phase !== "running" || child === undefined) return { stale: true };
  if (child.startedEventId === 0) addStarted(t, child, runId);
  const attributes = closedAttributes(t.state.children.get(initiatedEventId) ?? child, runId, close);
  if (attributes === undefined) return { stale: true };
  t.add(attributes);
  ensureWorkflowTask(t);
  return {};
}

function closedAttributes(
  { initiatedEventId, initiated, startedEventId }: ChildState,
  runId: string,
  close: RunClose,
): EventAttributes | undefined {
  const value = {
    namespace: initiated.namespace,
    namespaceId: initiated.namespaceId,
    workflowExecution: { workflowId: initiated.workflowId, runId },
    workflowType: initiated.workflowType,
    initiatedEventId,
    startedEventId: Math.max(0, startedEventId),
  };
  const retryState = close.retryState as 0;
  switch (close.status) {
    case Status.COMPLETED:
      return {
        case: "childWorkflowExecutionCompletedEventAttributes",
        value: { ...value, result: close.result },
      };
    case Status.FAILED:
      return {
        case: "childWorkflowExecutionFailedEventAttributes",
        value: { ...value, failure: close.failure, retryState },
      };
    case Status.CANCELED:
      return {
        case: "childWorkflowExecutionCanceledEventAttributes",
        value: { ...value, details: close.cancelDetails },
      };
    case Status.TERMINATED:
      return { case: "childWorkflowExecutionTerminatedEventAttributes", value };
    case Status.TIMED_OUT:
      return {
        case: "childWorkflowExecutionTimedOutEventAttributes",
        value: { ...value, retryState },
      };
    default:
      return undefined;
  }
}
