import * as fc from "fast-check";
import { expect, test } from "vitest";
import { activityMachine } from "./activity/machine.ts";
import { callbackMachine } from "./callback/machine.ts";
import { childMachine } from "./child/machine.ts";
import type { ExecutionRequest } from "./contract.ts";
import { nextDeadlineMs } from "./deadline.ts";
import { toDuration } from "./duration.ts";
import { ExecutionError } from "./execution-error.ts";
import { externalCancelMachine, externalSignalMachine } from "./external/machine.ts";
import { nexusCancelMachine, nexusOperationMachine } from "./nexus/machine.ts";
import { outstandingEffects } from "./outstanding.ts";
import { callback } from "./random-nexus-moves.test-support.ts";
import { move, type Move } from "./random-moves.test-support.ts";
import { runMachine } from "./run/machine.ts";
import { ScriptedRun } from "./scripted-run.test-support.ts";
import { timerMachine } from "./timer/machine.ts";
import { updateMachine } from "./update/machine.ts";
import { workflowTaskMachine } from "./workflow-task/machine.ts";

/** What must hold after every step and does not. */
function faultsOf({ state, events }: ScriptedRun): string[] {
  const faults: string[] = [];
  const demand = (holds: boolean, what: string): void => {
    if (!holds) faults.push(what);
  };
  demand(
    events.every(({ eventId }, index) => eventId === index + 1),
    "event ids are consecutive",
  );
  demand(state.journal === undefined, "no journal is left");
  const offered = outstandingEffects(state);
  if (state.phase === "closed") {
    const retries = state.callbacks.some(({ phase }) => phase === "backingOff");
    demand((nextDeadlineMs(state) !== undefined) === retries, "a closed run waits for nothing but callbacks");
    demand(
      offered.every(({ kind }) => kind === "invokeCallback"),
      "a closed run asks for nothing but callbacks",
    );
    return faults;
  }
  const task = state.workflowTask;
  demand(
    offered.some((effect) => effect.kind === "dispatchWorkflowTask") === (task?.phase === "scheduled"),
    "a scheduled workflow task is offered",
  );
  for (const { phase, scheduledEventId, paused } of state.activities.values()) {
    const isOffered = offered.some(
      (effect) => effect.kind === "dispatchActivityTask" && effect.scheduledEventId === scheduledEventId,
    );
    const goesOn = paused === undefined && state.paused === undefined;
    demand(isOffered === (phase === "scheduled" && goesOn), "a scheduled activity is offered, and no other");
  }
  for (const { phase, scheduledEventId } of state.nexusOperations.values()) {
    const isOffered = offered.some(
      (effect) => effect.kind === "dispatchNexusStart" && effect.scheduledEventId === scheduledEventId,
    );
    demand(isOffered === (phase === "scheduled"), "a scheduled Nexus operation is asked for, and no other");
  }
  demand(state.buffered.length === 0 || task?.phase === "started", "events wait for a started workflow task only");
  const unseen = events.slice(state.previousStartedEventId + 1).map(({ attributes }) => attributes?.case);
  const news = unseen.some(
    (kind) => kind === "workflowExecutionSignaledEventAttributes" || kind === "timerFiredEventAttributes",
  );
  demand(!news || task !== undefined || state.paused !== undefined, "news leads to a workflow task");
  return faults;
}

/** How often each cell of each table was taken. */
const taken = new Map<string, number>();
for (const machine of [
  runMachine,
  workflowTaskMachine,
  activityMachine,
  timerMachine,
  childMachine,
  externalSignalMachine,
  externalCancelMachine,
  updateMachine,
  nexusOperationMachine,
  nexusCancelMachine,
  callbackMachine,
]) {
  for (const [state, row] of Object.entries(machine.table) as [string, Record<string, () => unknown>][]) {
    for (const [input, cell] of Object.entries(row)) {
      const name = `${machine.name}: ${state} ${input}`;
      taken.set(name, 0);
      row[input] = () => {
        taken.set(name, (taken.get(name) ?? 0) + 1);
        return cell();
      };
    }
  }
}

/** Asks something of a run that may refuse it, and sees that nothing is wrong afterwards. */
function attempt(run: ScriptedRun, request: ExecutionRequest): void {
  const records = run.log.length;
  const closed = run.state.phase === "closed";
  try {
    run.do(request);
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error;
    run.expectConsistent();
  }
  const tells = run.state.callbacks.length > 0 && (request.kind === "callbackAnswered" || request.kind === "tick");
  if (closed && run.log.length !== records && !tells) throw new Error("A closed run has changed");
  const faults = faultsOf(run);
  if (faults.length > 0) throw new Error(`Not true any more: ${faults.join("; ")}`);
}

/** Does moves one after another, and all that becomes due in between. */
function play(moves: readonly Move[], limited: boolean): ScriptedRun {
  const run = new ScriptedRun({ bufferedEventsMax: 6, updatesInFlightMax: 3 });
  run.start({
    workflowRunTimeout: toDuration(limited ? 60_000 : 0),
    retryPolicy: { maximumAttempts: 2 },
    completionCallbacks: [callback, callback, callback],
  });
  for (const each of moves) {
    each(run, (request) => attempt(run, request));
    if ((nextDeadlineMs(run.state) ?? Infinity) > run.nowMs) continue;
    attempt(run, { kind: "tick" });
    if ((nextDeadlineMs(run.state) ?? Infinity) <= run.nowMs) throw new Error("A deadline was missed");
  }
  return run;
}

const games = [fc.array(move, { minLength: 20, maxLength: 120 }), fc.boolean()] as const;

test("whatever is asked in whatever order, log, snapshot and memory agree and nothing is lost", () => {
  const property = fc.property(...games, (moves, limited) => play(moves, limited).expectConsistent());
  expect(() => fc.assert(property, { numRuns: 150 })).not.toThrow();
}, 60_000);

test("any run can be reset to any of its workflow tasks, and goes on consistently", () => {
  const property = fc.property(...games, fc.nat(), (moves, limited, pick) => {
    const base = play(moves, limited);
    const ends = base.events.filter(({ attributes }) => endsOfTasks.has(attributes?.case));
    const end = ends[pick % Math.max(1, ends.length)];
    if (end === undefined) return;
    const reset = base.resetTo(end.eventId);
    reset.expectConsistent();
    expect(reset.state.workflowTask?.phase ?? "paused").toBe(reset.state.paused === undefined ? "scheduled" : "paused");
    for (const each of moves) each(reset, (request) => attempt(reset, request));
    reset.expectConsistent();
  });
  fc.assert(property, { numRuns: 60 });
}, 60_000);

const endsOfTasks: ReadonlySet<string | undefined> = new Set([
  "workflowTaskCompletedEventAttributes",
  "workflowTaskFailedEventAttributes",
]);

test("random requests take every transition of every table", () => {
  for (const name of taken.keys()) taken.set(name, 0);
  const property = fc.property(...games, (moves, limited) => void play(moves, limited));
  fc.assert(property, { numRuns: 400, seed: 1 });
  expect([...taken].filter(([, times]) => times === 0).map(([name]) => name)).toEqual([]);
}, 60_000);
