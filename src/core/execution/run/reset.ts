import { UpdateAdmittedEventOrigin, WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import type { HistoryEvent } from "../../../proto/gen/history.ts";
import { offerActivity } from "../activity/offer.ts";
import type { AdministrativeRequest } from "../administration.ts";
import { childEffect } from "../child/effect.ts";
import type { StepReply } from "../contract.ts";
import type { EventAttributes } from "../event.ts";
import { ExecutionError, invalidArgument } from "../execution-error.ts";
import { cancelEffect, signalEffect } from "../external/effect.ts";
import { isNewsOfNexus } from "../nexus/reset.ts";
import { offerNexusCancel, offerNexusStart } from "../nexus/retry.ts";
import { SERVER_IDENTITY } from "../server-identity.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { scheduleWorkflowTask } from "../workflow-task/schedule.ts";
import { addStartedEvent } from "../workflow-task/start.ts";

type Reset = Extract<AdministrativeRequest, { kind: "reset" }>;

/**
 * Begins a run with the first part of another one's history, and has it go on from there.
 *
 * @throws {ExecutionError} If it has begun already, or the part does not end within a workflow task.
 */
export function resetRun(t: Transition, request: Reset): StepReply {
  const { state } = t;
  if (state.phase !== "absent") throw new ExecutionError("ALREADY_EXISTS", "Workflow execution is already running");
  const { namespace, namespaceId, runId, requestId, baseRunId } = request;
  t.do({ op: "begin", namespace, namespaceId, runId, requestId });
  for (const event of request.events) t.takeOver(event);
  t.do({ op: "reset", baseRunId, atMs: t.nowMs });
  endTakenTask(t, request);
  for (const event of request.laterEvents) reapply(t, event, request);
  scheduleWorkflowTask(t);
  resume(t, request);
  return {};
}

/** The workflow task at the end of what was taken over fails: that makes workers forget what they made of it. */
function endTakenTask(t: Transition, { runId, baseRunId, reason, events }: Reset): void {
  const { state } = t;
  if (state.phase === "running" && state.workflowTask?.phase === "scheduled") {
    addStartedEvent(t, state.workflowTask, {
      identity: SERVER_IDENTITY,
      requestId: state.workflowTask.requestId,
      reasons: [],
      targetChanged: false,
      historySizeBytes: state.historySizeBytes,
      atMs: t.nowMs,
    });
  }
  const task = state.workflowTask;
  if (state.phase !== "running" || task === undefined) {
    throw invalidArgument(
      `Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: ${events.length + 1}`,
    );
  }
  t.add({
    case: "workflowTaskFailedEventAttributes",
    value: {
      scheduledEventId: task.scheduledEventId,
      startedEventId: task.startedEventId,
      cause: WorkflowTaskFailedCause.RESET_WORKFLOW,
      failure: Failure.create({
        message: reason,
        failureInfo: { case: "resetWorkflowFailureInfo", value: {} },
      }),
      identity: SERVER_IDENTITY,
      baseRunId,
      newRunId: runId,
      forkEventVersion: 0,
      binaryChecksum: "",
      workerVersion: undefined,
    },
  });
}

/** Takes over, from after the point of the reset, what the workflow did not do itself. */
function reapply(t: Transition, event: HistoryEvent, request: Reset): void {
  const { attributes, links } = event;
  switch (attributes?.case) {
    case "workflowExecutionSignaledEventAttributes":
      if (!request.excludeSignals)
        t.add(
          {
            case: attributes.case,
            value: { ...attributes.value, externalWorkflowExecution: undefined },
          },
          { links },
        );
      break;
    case "workflowExecutionUpdateAdmittedEventAttributes":
      if (!request.excludeUpdates) t.add(attributes);
      break;
    case "workflowExecutionUpdateAcceptedEventAttributes": {
      const { acceptedRequest } = attributes.value;
      // Without the request, an admitted event that is taken over as well has it.
      if (request.excludeUpdates || acceptedRequest === undefined) break;
      t.add({
        case: "workflowExecutionUpdateAdmittedEventAttributes",
        value: { request: acceptedRequest, origin: UpdateAdmittedEventOrigin.REAPPLY },
      });
      break;
    }
    case "workflowExecutionOptionsUpdatedEventAttributes":
      t.add(attributes, { workerMayIgnore: true, links });
      break;
    default:
      if (attributes === undefined) break;
      if (isNewsOfChild(t.state, attributes)) t.add(attributes);
      else if (!request.excludeNexus && isNewsOfNexus(t.state, attributes)) t.add(attributes, { links });
  }
}

/** Whether an event tells of a child that the workflow had begun before the point of the reset. */
function isNewsOfChild(state: ExecutionState, { case: kind, value }: EventAttributes): boolean {
  if (!ofChildren.has(kind) || !("initiatedEventId" in value)) return false;
  const child = state.children.get(value.initiatedEventId);
  // In the history of a later run, the same event id means another child.
  const workflowId = "workflowExecution" in value ? value.workflowExecution?.workflowId : undefined;
  if (child === undefined || (workflowId ?? child.initiated.workflowId) !== child.initiated.workflowId) return false;
  const begins =
    kind === "childWorkflowExecutionStartedEventAttributes" ||
    kind === "startChildWorkflowExecutionFailedEventAttributes";
  return begins === (child.startedEventId === 0);
}

const ofChildren: ReadonlySet<EventAttributes["case"]> = new Set<EventAttributes["case"]>([
  "startChildWorkflowExecutionFailedEventAttributes",
  "childWorkflowExecutionStartedEventAttributes",
  "childWorkflowExecutionCompletedEventAttributes",
  "childWorkflowExecutionFailedEventAttributes",
  "childWorkflowExecutionCanceledEventAttributes",
  "childWorkflowExecutionTimedOutEventAttributes",
  "childWorkflowExecutionTerminatedEventAttributes",
]);

/** Asks again for everything that was under way at the point of the reset. */
function resume(t: Transition, { events }: Reset): void {
  const { state } = t;
  for (const { scheduledEventId } of state.activities.values()) offerActivity(t, scheduledEventId);
  for (const child of state.children.values()) {
    if (child.startedEventId !== 0) continue;
    const { userMetadata } = events[child.initiatedEventId - 1]?.event ?? {};
    t.effect({ ...childEffect(state, child, userMetadata, t.context.servesQueue), reconnects: true });
  }
  for (const pending of state.externalSignals.values()) t.effect(signalEffect(state, pending, t.context.newId()));
  for (const pending of state.externalCancels.values()) t.effect(cancelEffect(state, pending));
  for (const id of state.nexusOperations.keys()) {
    offerNexusStart(t, id);
    offerNexusCancel(t, id);
  }
}
