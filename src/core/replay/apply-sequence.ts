import { EventType } from "../../proto/gen/enums.ts";
import type { HistoryEvent, WorkflowTaskCompletedEventAttributes } from "../../proto/gen/history.ts";
import { applyEvent } from "./apply-event.ts";
import { isCommandEvent } from "./event-facts.ts";
import type { HistoryFeed } from "./history-feed.ts";
import { fromAccepted, fromAdmitted } from "./incoming-update.ts";
import { UpdateTrack } from "./machines/update.ts";
import { readLocalActivityMarker, readPatchMarker } from "./markers.ts";
import { describeCommand, newMismatch } from "./mismatch.ts";
import type { RunState } from "./run-state.ts";

/**
 * Applies the next sequence of events, and what the task that it leads to is known to have written.
 *
 * @throws {NondeterminismError} If the code did not lead to these events.
 * @throws {HistoryError} If they make no sense whatever the code did.
 */
export function applySequence(run: RunState, feed: HistoryFeed): void {
  const { events, isLast } = feed.take();
  run.isInLastSequence = isLast;
  for (const event of events) observeCompletion(run, event);
  observeCompletion(run, feed.peekCompletion());
  const last = events.at(-1);
  if (last?.eventType === EventType.WORKFLOW_TASK_STARTED) run.nextStartedEventId = last.eventId;

  let skips = false;
  for (let at = 0; at < events.length; at++) {
    const event = events[at] as HistoryEvent;
    if (run.isReplaying && isLast && isNews(run, event)) endReplay(run);
    if (run.pendingUpdates.length > 0) receiveUpdates(run, event.eventId - 1);
    if (event.eventType === EventType.WORKFLOW_EXECUTION_UPDATE_ADMITTED) admitUpdate(run, event);
    else if (skips) skips = false;
    else skips = applyEvent(run, event, events[at + 1]);
    run.lastEventId = event.eventId;
  }
  if (isLast) receiveUpdates(run, Number.POSITIVE_INFINITY);
  for (const event of events.some(isCommandEvent) ? feed.peek() : feed.peekThroughEmptyTasks())
    lookForPatch(run, event);
  for (const event of feed.peek()) lookAhead(run, event);
}

/**
 * Replay is over: from here on the code does what nobody has done.
 *
 * @throws {NondeterminismError} If the code did more in replay than history has.
 */
export function endReplay(run: RunState): void {
  run.isReplaying = false;
  if (run.hasEnded) return;
  const extra = run.queue.slice(run.queueHead).filter((command) => command.issuedInReplay);
  const unmatched = extra.find((command) => command.patchId === undefined);
  if (unmatched !== undefined)
    throw newMismatch(
      "extraCommand",
      undefined,
      unmatched.label,
      `the code issued ${describeCommand(unmatched.label)}, which history up to event ${run.lastEventId} has no event for`,
    );
  // A patch call that replay has no marker for took the old way: recording one now would make the next replay differ.
  run.queue = run.queue.slice(run.queueHead).filter((command) => !extra.includes(command));
  run.queueHead = 0;
}

/** Neither the completion of a task already answered nor an event that its commands led to. */
function isNews(run: RunState, event: HistoryEvent): boolean {
  return (
    event.eventId > run.previousStartedEventId &&
    event.eventType !== EventType.WORKFLOW_TASK_COMPLETED &&
    !isCommandEvent(event)
  );
}

function observeCompletion(run: RunState, event: HistoryEvent | undefined): void {
  if (event?.attributes?.case !== "workflowTaskCompletedEventAttributes") return;
  run.flags.observe(event.attributes.value);
  const version = deploymentVersionOf(event.attributes.value);
  if (version.deploymentName !== "" || version.buildId !== "") run.deploymentVersion = version;
}

/** Four generations of fields say which worker completed a task; the newest that is set wins. */
function deploymentVersionOf(attributes: WorkflowTaskCompletedEventAttributes): {
  readonly deploymentName: string;
  readonly buildId: string;
} {
  const { deploymentVersion, workerDeploymentVersion, workerDeploymentName, workerVersion } = attributes;
  if (deploymentVersion !== undefined)
    return { deploymentName: deploymentVersion.deploymentName, buildId: deploymentVersion.buildId };
  const dot = workerDeploymentVersion.indexOf(".");
  if (dot >= 0)
    return { deploymentName: workerDeploymentVersion.slice(0, dot), buildId: workerDeploymentVersion.slice(dot + 1) };
  return { deploymentName: workerDeploymentName, buildId: workerVersion?.buildId ?? "" };
}

function receiveUpdates(run: RunState, afterEventId: number): void {
  const due = run.pendingUpdates.filter((update) => update.sequencingEventId <= afterEventId);
  if (due.length === 0) return;
  run.pendingUpdates = run.pendingUpdates.filter((update) => update.sequencingEventId > afterEventId);
  for (const update of due) UpdateTrack.receive(run, update);
}

/** An admitted update is a durable message. In replay it counts only once history shows that it was accepted. */
function admitUpdate(run: RunState, event: HistoryEvent): void {
  const update = fromAdmitted(event);
  if (update === undefined) return;
  if (run.isReplaying) run.admittedUpdates.set(update.protocolInstanceId, update);
  else UpdateTrack.receive(run, update);
}

function lookForPatch(run: RunState, event: HistoryEvent): void {
  const patch = event.eventType === EventType.MARKER_RECORDED ? readPatchMarker(event) : undefined;
  if (patch === undefined || run.patches.has(patch.patchId)) return;
  run.patches.set(patch.patchId, { isIssued: false });
  run.jobs.push({ kind: "notifyHasPatch", patchId: patch.patchId });
}

/**
 * Sees to what the task about to be replayed wrote: a patch's and a local activity's marker and an update's acceptance
 * are commands, yet the code acted on them within the task.
 */
function lookAhead(run: RunState, event: HistoryEvent): void {
  if (event.eventType === EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED) {
    const update = fromAccepted(event, run.admittedUpdates);
    if (update === undefined) return;
    run.admittedUpdates.delete(update.protocolInstanceId);
    UpdateTrack.receive(run, update);
    return;
  }
  const recorded = event.eventType === EventType.MARKER_RECORDED ? readLocalActivityMarker(event) : undefined;
  if (recorded !== undefined) run.localActivities.keepRecorded(recorded);
}

/**
 * Tells the code of one local activity's end, by a job, where one is known.
 *
 * @returns False if none is.
 */
export function resolveNextLocalActivity(run: RunState): boolean {
  const { localActivities, localActivityTracks } = run;
  for (const seq of localActivities.recordedSeqs) {
    const track = localActivityTracks.get(seq);
    const recorded = track?.awaitsMarker === true ? localActivities.takeRecorded(seq) : undefined;
    if (track === undefined || recorded === undefined) continue;
    track.onKnownMarker(recorded, run);
    return true;
  }
  const result = localActivities.takeResult();
  if (result === undefined) return false;
  localActivityTracks.get(result.seq)?.onResult(result, run);
  return true;
}
