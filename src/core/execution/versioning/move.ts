import { VersioningBehavior } from "../../../proto/gen/enums.ts";
import { offerActivity } from "../activity/offer.ts";
import type { ExecutionState } from "../state.ts";
import type { Transition } from "../transition.ts";
import { offerWorkflowTask } from "../workflow-task/schedule.ts";
import { effectiveBehavior, effectiveVersion, isSameDirective, isSameVersion, versionDirective } from "./effective.ts";
import type { PollerRoute, TargetVersion, VersioningState } from "./versioning-state.ts";

/** Whether the run may be given to that worker: a pinned one stays where it is. */
export function admitsPoller(state: ExecutionState, { version }: PollerRoute): boolean {
  return effectiveBehavior(state) !== VersioningBehavior.PINNED || isSameVersion(effectiveVersion(state), version);
}

/** Notes, before a workflow task starts, whether a pinned run is to be told of another version. */
export function noteTarget(t: Transition, target: TargetVersion | undefined): void {
  const { state } = t;
  const behavior = effectiveBehavior(state);
  const { notified, declined } = state.versioning;
  if (target === undefined || behavior === VersioningBehavior.UNSPECIFIED) return;
  if (state.versioningOverride !== undefined) return note(t, undefined, undefined);
  if (behavior !== VersioningBehavior.PINNED) return;
  const seenRevision = Math.max(notified?.revision ?? 0, declined?.revision ?? 0);
  if (isSameVersion(effectiveVersion(state), target.version) && target.revision >= seenRevision)
    return note(t, undefined, undefined);
  if (declined !== undefined && target.revision <= declined.revision) return;
  if (target.revision >= seenRevision) note(t, target, undefined);
}

function note(t: Transition, notified: TargetVersion | undefined, declined: TargetVersion | undefined): void {
  const { versioning } = t.state;
  if (
    versioning.notified?.revision === notified?.revision &&
    isSameVersion(versioning.notified?.version, notified?.version) &&
    versioning.declined?.revision === declined?.revision
  )
    return;
  setVersioning(t, { notified, declined });
}

/** Whether the started event tells the worker of another version. */
export function tellsOfTarget(state: ExecutionState): boolean {
  return effectiveBehavior(state) === VersioningBehavior.PINNED && state.versioning.notified !== undefined;
}

/** A task went to a worker of another version: the run is on its way there. */
export function beginTransition(t: Transition, { version, target }: PollerRoute): void {
  if (isSameVersion(effectiveVersion(t.state), version)) return;
  setVersioning(t, { transition: { version }, revision: target?.revision ?? 0 });
  if (t.state.sticky !== undefined) t.do({ op: "clearSticky" });
}

/** Offers what waits for workers once more if it has to go elsewhere since `change`. */
export function withRerouting(t: Transition, change: () => void): void {
  const { state } = t;
  const before = versionDirective(state);
  const wasMoving = state.versioning.transition !== undefined;
  change();
  const arrived = wasMoving && state.versioning.transition === undefined;
  if (state.phase !== "running" || (!arrived && isSameDirective(before, versionDirective(state)))) return;
  if (state.sticky !== undefined) t.do({ op: "clearSticky" });
  for (const { phase, paused, scheduledEventId } of state.activities.values())
    if (phase === "scheduled" && paused === undefined) offerActivity(t, scheduledEventId);
  if (state.workflowTask?.phase === "scheduled") offerWorkflowTask(t);
}

function setVersioning(t: Transition, change: Partial<VersioningState>): void {
  t.do({ op: "setVersioning", versioning: { ...t.state.versioning, ...change } });
}
