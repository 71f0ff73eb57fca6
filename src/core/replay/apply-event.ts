import { EventType, WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import type { HistoryEvent, WorkflowTaskStartedEventAttributes } from "../../proto/gen/history.ts";
import { NondeterminismError } from "../errors.ts";
import { step } from "../machine.ts";
import { initiatingEventId, isCommandEvent, isFinalEvent, isHarmlessEvent } from "./event-facts.ts";
import { HistoryError } from "./history-error.ts";
import { CHANGE_VERSION_ATTRIBUTE } from "./machines/patch.ts";
import { workflowTaskMachine, type WorkflowTaskInput } from "./machines/workflow-task.ts";
import { type PatchMarker, readLocalActivityMarker, readPatchMarker } from "./markers.ts";
import { describeCommand, describeEvent, newMismatch } from "./mismatch.ts";
import { toMs } from "./proto-time.ts";
import { toRandomSeed } from "./random-seed.ts";
import { advanceTime, type QueuedCommand, type RunState } from "./run-state.ts";

/**
 * Applies one event of history. Says whether the event after it belongs to it and must be skipped.
 *
 * @throws {NondeterminismError} If the code did not lead to this event.
 * @throws {HistoryError} If the event makes no sense whatever the code did.
 */
export function applyEvent(run: RunState, event: HistoryEvent, next: HistoryEvent | undefined): boolean {
  if (isFinalEvent(event)) run.hasEnded = true;
  if (isCommandEvent(event)) return applyCommandEvent(run, event, next);
  const initiatedBy = initiatingEventId(event);
  if (initiatedBy === undefined) applyPlainEvent(run, event);
  else {
    const track = run.byEventId.get(initiatedBy);
    if (track === undefined)
      throw newMismatch(
        "missingCommand",
        event,
        undefined,
        `no command of the code led to event ${initiatedBy}, which this one goes on from`,
      );
    deliver(run, event, track);
    if (!track.isOpen) run.byEventId.delete(initiatedBy);
  }
  return false;
}

/** A machine only knows its own state: what it cannot take is explained here. */
function deliver(run: RunState, event: HistoryEvent, track: QueuedCommand["track"]): void {
  try {
    track.onEvent(event, run);
  } catch (error) {
    if (!(error instanceof NondeterminismError) || error.details !== undefined) throw error;
    throw newMismatch("illegalOrder", event, undefined, error.message);
  }
}

/** Events with a command must come in the order of the commands. */
function applyCommandEvent(run: RunState, event: HistoryEvent, next: HistoryEvent | undefined): boolean {
  if (event.eventType === EventType.MARKER_RECORDED && applyLocalActivityMarker(run, event)) return false;
  const marker = event.eventType === EventType.MARKER_RECORDED ? readPatchMarker(event) : undefined;
  for (;;) {
    const command = run.queue[run.queueHead];
    if (marker !== undefined && skipsMarker(marker, command, event)) return isChangeVersionUpsert(next);
    if (command === undefined)
      throw newMismatch("missingCommand", event, undefined, "the code issued no command for it");
    run.queueHead++;
    // A patch call that history has no marker for was made by code that was not patched then, and took the old way.
    if (marker === undefined && command.patchId !== undefined) continue;
    if (command.eventType !== event.eventType)
      throw newMismatch(
        "differentCommand",
        event,
        command.label,
        `the code issued ${describeCommand(command.label)} instead`,
      );
    deliver(run, event, command.track);
    if (command.track.isOpen) run.byEventId.set(event.eventId, command.track);
    return false;
  }
}

/** In replay a local activity's marker is matched by number; a marker that this worker wrote takes its turn in the queue. */
function applyLocalActivityMarker(run: RunState, event: HistoryEvent): boolean {
  const recorded = readLocalActivityMarker(event);
  if (recorded === undefined) return false;
  const { seq, activityId, activityType } = recorded.marker;
  const track = run.localActivityTracks.get(seq);
  if (track === undefined)
    throw newMismatch(
      "missingCommand",
      event,
      undefined,
      `the code ran no local activity number ${seq} (id "${activityId}", type "${activityType}")`,
    );
  if (!track.matchesMarkerBySeq) return false;
  deliver(run, event, track);
  return true;
}

/** A deprecated marker may stay in history when its call has gone from the code; any other marker needs its call. */
function skipsMarker(
  { patchId, deprecated }: PatchMarker,
  command: QueuedCommand | undefined,
  event: HistoryEvent,
): boolean {
  if (command?.patchId === patchId) return false;
  if (deprecated) return true;
  if (command?.patchId !== undefined) return false;
  throw newMismatch(
    "missingCommand",
    event,
    command?.label,
    `history has patch "${patchId}", but the code has no call of patched("${patchId}") or deprecatePatch("${patchId}") here`,
  );
}

function isChangeVersionUpsert(event: HistoryEvent | undefined): boolean {
  return (
    event?.attributes?.case === "upsertWorkflowSearchAttributesEventAttributes" &&
    event.attributes.value.searchAttributes?.indexedFields[CHANGE_VERSION_ATTRIBUTE] !== undefined
  );
}

function applyPlainEvent(run: RunState, event: HistoryEvent): void {
  const { attributes } = event;
  switch (attributes?.case) {
    case "workflowExecutionStartedEventAttributes": {
      const { memo, searchAttributes, retryPolicy } = attributes.value;
      run.start = { memo, searchAttributes, retryPolicy };
      run.unannouncedStart = event;
      if (event.eventTime !== undefined) advanceTime(run, toMs(event.eventTime));
      return;
    }
    case "workflowTaskScheduledEventAttributes":
      return applyTaskEvent(run, event, "taskScheduled");
    case "workflowTaskStartedEventAttributes":
      noteSuggestions(run, attributes.value);
      return applyTaskEvent(run, event, "taskStarted");
    case "workflowTaskCompletedEventAttributes":
      return applyTaskEvent(run, event, "taskCompleted");
    case "workflowTaskTimedOutEventAttributes":
      return applyTaskEvent(run, event, "taskTimedOut");
    case "workflowTaskFailedEventAttributes":
      applyTaskEvent(run, event, "taskFailed");
      if (attributes.value.cause === WorkflowTaskFailedCause.RESET_WORKFLOW)
        run.jobs.push({ kind: "updateRandomSeed", seed: toRandomSeed(attributes.value.newRunId) });
      return;
    case "workflowExecutionSignaledEventAttributes": {
      const { signalName, input, header, identity } = attributes.value;
      run.jobs.push({
        kind: "signalWorkflow",
        signalName,
        input: input?.payloads ?? [],
        headers: header?.fields ?? {},
        identity,
        eventId: event.eventId,
      });
      return;
    }
    case "workflowExecutionCancelRequestedEventAttributes":
      run.jobs.push({ kind: "cancelWorkflow", reason: attributes.value.cause });
      return;
    case "workflowExecutionTimedOutEventAttributes":
    case "workflowExecutionTerminatedEventAttributes":
      return;
    default:
      if (isHarmlessEvent(event) || event.workerMayIgnore) return;
      throw new HistoryError(
        `Cannot apply event ${event.eventId} (${describeEvent(event)}): this version does not know it, and the server says that it must not be ignored`,
      );
  }
}

function noteSuggestions(run: RunState, attributes: WorkflowTaskStartedEventAttributes): void {
  run.historySizeBytes = attributes.historySizeBytes;
  run.continueAsNewSuggested = attributes.suggestContinueAsNew;
  run.suggestContinueAsNewReasons = attributes.suggestContinueAsNewReasons;
  run.targetWorkerDeploymentVersionChanged = attributes.targetWorkerDeploymentVersionChanged;
}

function applyTaskEvent(run: RunState, event: HistoryEvent, kind: WorkflowTaskInput["kind"]): void {
  if (kind === "taskStarted") {
    if (event.eventTime === undefined)
      throw new HistoryError(`Cannot apply event ${event.eventId} (${describeEvent(event)}): it has no time`);
    run.workflowTaskStart = { eventId: event.eventId, timeMs: toMs(event.eventTime) };
  }
  const row: Readonly<Record<string, unknown>> = workflowTaskMachine.table[run.workflowTask];
  if (row[kind] === undefined)
    throw new HistoryError(
      `Cannot apply event ${event.eventId} (${describeEvent(event)}): the workflow task is in state "${run.workflowTask}", wanted an event of ${Object.keys(row).join(", ")}`,
    );
  const { state, outputs } = step(workflowTaskMachine, run.workflowTask, { kind });
  run.workflowTask = state;
  for (const output of outputs) {
    if (output === "begin" && event.eventId >= run.nextStartedEventId) beginTask(run, run.nextStartedEventId);
    else if (output === "confirm") beginTask(run, run.workflowTaskStart.eventId);
  }
}

/** Workflow time moves on; once live, local activities whose markers were awaited are run after all. */
function beginTask(run: RunState, startedEventId: number): void {
  run.startedEventId = startedEventId;
  advanceTime(run, run.workflowTaskStart.timeMs);
  if (!run.isReplaying) for (const track of run.waitingLocalActivities.keys()) track.onLiveTask(run);
}
