import { fold } from "../../core/execution/fold.ts";
import { outstandingEffects } from "../../core/execution/outstanding.ts";
import { decodeRecord } from "../../core/execution/record.ts";
import { restore } from "../../core/execution/snapshot.ts";
import { newState } from "../../core/execution/state.ts";
import { isOfDivision } from "../standalone/division.ts";
import type { RunKey, Store, StoredRun } from "../store/store.ts";
import type { OutsideEffect, TaskEffect } from "./engine-parts.ts";
import { EventTail } from "./event-tail.ts";
import type { Run } from "./run.ts";

/** An open run and the tasks that wait for its workers. */
export interface RecoveredRun {
  readonly run: Run;
  readonly tasks: readonly TaskEffect[];
  /** What is to be asked again of endpoints and callbacks. */
  readonly outside: readonly OutsideEffect[];
}

/** Restores every open run of a store, one at a time; what is no workflow's run is handed to others. */
export function* recoverRuns(store: Store, onOther?: (stored: StoredRun) => void): Generator<RecoveredRun> {
  for (const stored of store.openRuns()) {
    if (isOfDivision(stored.namespaceId)) {
      onOther?.(stored);
      continue;
    }
    const run = restoreRun(stored);
    yield { run, ...outstanding(run) };
  }
}

/** A closed run that still has callbacks to tell; undefined if there is none with this key. */
export function recoverClosedRun(store: Store, key: RunKey): RecoveredRun | undefined {
  const run = loadRun(store, key);
  return run === undefined ? undefined : { run, ...outstanding(run) };
}

function outstanding(run: Run): Omit<RecoveredRun, "run"> {
  const effects = outstandingEffects(run.state);
  return {
    tasks: effects.filter(
      (effect): effect is TaskEffect =>
        effect.kind === "dispatchWorkflowTask" || effect.kind === "dispatchActivityTask",
    ),
    outside: effects.filter(
      (effect): effect is OutsideEffect =>
        effect.kind === "dispatchNexusStart" ||
        effect.kind === "dispatchNexusCancel" ||
        effect.kind === "invokeCallback",
    ),
  };
}

/** Restores one run; `undefined` if the store has none with this key, or it is no workflow's. */
export function loadRun(store: Store, key: RunKey): Run | undefined {
  const stored = store.readRun(key);
  return stored === undefined || isOfDivision(stored.namespaceId) ? undefined : restoreRun(stored);
}

function restoreRun({ snapshot, records, ...address }: StoredRun): Run {
  const { key, namespaceId, workflowId, runId } = address;
  const state = snapshot === null ? newState() : restore(snapshot);
  for (const record of records) fold(state, decodeRecord(record));
  const last = records.at(-1);
  const nextEventId = last === undefined ? state.nextEventId : last.firstEventId + last.events.length;
  return {
    key,
    namespaceId,
    workflowId,
    runId,
    state,
    tail: new EventTail(nextEventId),
    recordsSinceSnapshot: records.length,
  };
}
