import { WorkerVersionStamp } from "../../../proto/gen/common.ts";
import { SuggestContinueAsNewReason } from "../../../proto/gen/enums.ts";
import { HistoryEvent } from "../../../proto/gen/history.ts";
import type { EncodedEvent, ExecutionRequest, StartedWorkflowTask, StepReply } from "../contract.ts";
import { toDuration, toTimestamp } from "../duration.ts";
import { type EventAttributes, eventTypeOf } from "../event.ts";
import type { ExecutionState, WorkflowTaskState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { sendUpdates, sentMessages } from "../update/send.ts";
import { admitsPoller, beginTransition, noteTarget, tellsOfTarget } from "../versioning/move.ts";
import type { PollerRoute } from "../versioning/versioning-state.ts";
import { addScheduledEvent, currentTaskQueue } from "./schedule.ts";

/** Who starts a workflow task. */
export interface Starter {
  readonly identity: string;
  readonly requestId: string;
  /** Absent where the task stays with the worker that has completed the one before. */
  readonly route?: PollerRoute;
}

/** A poller got the task that it was offered, if that is still the one. */
export function startWorkflowTask(
  t: Transition,
  request: Extract<ExecutionRequest, { kind: "startWorkflowTask" }>,
): StepReply {
  const { state } = t;
  const task = state.workflowTask;
  if (
    state.phase !== "running" ||
    task?.scheduledEventId !== request.scheduledEventId ||
    task.attempt !== request.attempt
  )
    return { stale: true };
  if (task.phase === "started") {
    return task.requestId === request.requestId
      ? { startedWorkflowTask: describeStarted(state, task, request.identity) }
      : { stale: true };
  }
  if (request.route !== undefined && !admitsPoller(state, request.route)) return { stale: true };
  // The worker that had the run in its cache has not come for it: another one takes over and needs all of history.
  if (state.sticky !== undefined && !request.stickyQueue) t.do({ op: "clearSticky" });
  else if (state.sticky === undefined && request.stickyQueue) return { stale: true };
  return { startedWorkflowTask: startScheduledTask(t, request) };
}

/** Starts the scheduled task. */
export function startScheduledTask(t: Transition, starter: Starter): StartedWorkflowTask {
  const { state } = t;
  const scheduled = state.workflowTask;
  if (scheduled === undefined) throw new Error("Cannot start workflow task: none is scheduled");
  noteTarget(t, starter.route?.target);
  const reasons = continueAsNewReasons(t);
  // Events came after the task was scheduled, so that it can no longer be kept out of history.
  if (scheduled.kind !== "normal" && scheduled.scheduledEventId !== state.nextEventId) {
    addScheduledEvent(t, { attempt: 1, timeoutMs: scheduled.timeoutMs, atMs: t.nowMs });
  }
  const task = state.workflowTask ?? scheduled;
  const { assignedBuildId: buildId = state.assignedBuildId } = starter.route ?? {};
  if (buildId !== state.assignedBuildId) t.do({ op: "assignBuild", buildId });
  if (task.kind === "normal")
    addStartedEvent(t, task, {
      reasons,
      historySizeBytes: state.historySizeBytes,
      atMs: t.nowMs,
      targetChanged: tellsOfTarget(state),
      ...starter,
    });
  else
    t.do({
      op: "startWorkflowTask",
      atMs: t.nowMs,
      requestId: starter.requestId,
      reasons,
      historySizeBytes: state.historySizeBytes,
    });
  const messages = sendUpdates(t);
  if (starter.route !== undefined && state.workflowTask?.kind !== "speculative") beginTransition(t, starter.route);
  return { ...describeStarted(state, state.workflowTask ?? task, starter.identity), messages };
}

/** What a started event says beside its scheduled one. */
export interface StartedFacts extends Starter {
  readonly reasons: readonly number[];
  readonly historySizeBytes: number;
  readonly atMs: number;
  readonly targetChanged: boolean;
}

function startedAttributes(
  { assignedBuildId: buildId, buildIdRedirects }: ExecutionState,
  task: WorkflowTaskState,
  facts: StartedFacts,
): EventAttributes {
  return {
    case: "workflowTaskStartedEventAttributes",
    value: {
      scheduledEventId: task.scheduledEventId,
      identity: facts.identity,
      requestId: facts.requestId,
      suggestContinueAsNew: facts.reasons.length > 0,
      suggestContinueAsNewReasons: [...facts.reasons] as SuggestContinueAsNewReason[],
      targetWorkerDeploymentVersionChanged: facts.targetChanged,
      historySizeBytes: facts.historySizeBytes,
      workerVersion: buildId === "" ? undefined : WorkerVersionStamp.create({ buildId, useVersioning: true }),
      buildIdRedirectCounter: buildIdRedirects,
    },
  };
}

/** Writes the started event of a task. */
export function addStartedEvent(t: Transition, task: WorkflowTaskState, facts: StartedFacts): void {
  t.add(startedAttributes(t.state, task, facts), { atMs: facts.atMs });
}

/** Writes scheduled and started events of a task that has none, because it becomes part of history. */
export function writeDownTask(t: Transition, identity: string): void {
  const task = t.state.workflowTask;
  if (task === undefined || task.kind === "normal") return;
  addScheduledEvent(t, {
    attempt: task.attempt,
    timeoutMs: task.timeoutMs,
    atMs: task.scheduledMs,
  });
  const written = t.state.workflowTask;
  if (written === undefined || task.phase !== "started") return;
  addStartedEvent(t, written, {
    identity,
    requestId: task.requestId,
    reasons: task.suggestContinueAsNewReasons,
    historySizeBytes: task.historySizeBytes,
    atMs: task.startedMs,
    targetChanged: tellsOfTarget(t.state),
  });
}

function continueAsNewReasons(t: Transition): number[] {
  const { state } = t;
  const { limits } = t.context;
  const reasons: number[] = [];
  if (state.historySizeBytes >= limits.historySizeSuggestContinueAsNewBytes)
    reasons.push(SuggestContinueAsNewReason.HISTORY_SIZE_TOO_LARGE);
  if (state.nextEventId >= limits.historyCountSuggestContinueAsNew)
    reasons.push(SuggestContinueAsNewReason.TOO_MANY_HISTORY_EVENTS);
  if (limits.updatesTotalMax > 0 && state.updates.size >= limits.updatesTotalMax * UPDATES_SUGGEST_SHARE)
    reasons.push(SuggestContinueAsNewReason.TOO_MANY_UPDATES);
  return reasons;
}

/** Share of the most updates a run may have from which on it had better continue as new. */
const UPDATES_SUGGEST_SHARE = 0.9;

/** What the poll's answer says about a started task. */
export function describeStarted(state: ExecutionState, task: WorkflowTaskState, identity: string): StartedWorkflowTask {
  return {
    token: {
      scheduledEventId: task.scheduledEventId,
      startedEventId: task.startedEventId,
      attempt: task.attempt,
    },
    previousStartedEventId: state.previousStartedEventId,
    startedEventId: task.startedEventId,
    attempt: task.attempt,
    scheduledTimeMs: task.scheduledMs,
    startedTimeMs: task.startedMs,
    normalTaskQueue: state.taskQueue,
    workflowType: state.started?.workflowType?.name ?? "",
    stickyExecution: state.sticky !== undefined,
    transientEvents: unwrittenEvents(state, identity),
    messages: sentMessages(state),
  };
}

/**
 * Events of the pending workflow task that may never go into history, because it is transient or speculative.
 *
 * Whoever reads history to its end gets them as well; the service leaves them out only for its CLI and UI.
 */
export function unwrittenEvents(state: ExecutionState, identity = ""): EncodedEvent[] {
  const task = state.workflowTask;
  if (state.phase !== "running" || task === undefined || task.kind === "normal") return [];
  const scheduled: EventAttributes = {
    case: "workflowTaskScheduledEventAttributes",
    value: {
      taskQueue: currentTaskQueue(state),
      startToCloseTimeout: toDuration(task.timeoutMs),
      attempt: task.attempt,
    },
  };
  const scheduledEvent = encoded(scheduled, task.scheduledEventId, task.scheduledMs);
  if (task.phase !== "started") return [scheduledEvent];
  const started = startedAttributes(state, task, {
    identity,
    requestId: task.requestId,
    reasons: task.suggestContinueAsNewReasons,
    historySizeBytes: task.historySizeBytes,
    atMs: task.startedMs,
    targetChanged: tellsOfTarget(state),
  });
  return [scheduledEvent, encoded(started, task.startedEventId, task.startedMs)];
}

function encoded(attributes: EventAttributes, eventId: number, atMs: number): EncodedEvent {
  const event = HistoryEvent.create({
    eventId,
    eventTime: toTimestamp(atMs),
    eventType: eventTypeOf(attributes),
  });
  event.attributes = attributes;
  return { event, bytes: HistoryEvent.encode(event) };
}
