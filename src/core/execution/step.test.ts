import * as fc from "fast-check";
import { expect, test } from "vitest";
import { History, HistoryEvent } from "../../proto/gen/history.ts";
import { decodeRecord, encodeOps } from "./record.ts";
import { completeRun, scheduleActivity, ScriptedRun, startTimer } from "./scripted-run.test-support.ts";
import { restore, snapshot } from "./snapshot.ts";
import { decodePlain, encodePlain } from "./plain-json.ts";
import { newState } from "./state.ts";
import { executionInfo, unwrittenEvents } from "./view.ts";

test("a refused request leaves the state as it was", () => {
  const run = new ScriptedRun();
  run.start();
  run.run(startTimer("t", 1000), scheduleActivity("a"));
  const before = snapshot(run.state);
  expect(() => run.complete([completeRun])).toThrow("Workflow task not found.");
  expect(snapshot(run.state)).toEqual(before);
});

test("a record says nothing when nothing has happened", () => {
  const run = new ScriptedRun();
  run.start();
  const { record, effects } = run.stepWith({ kind: "tick" });
  expect([record.events, record.ops, effects]).toEqual([[], [], []]);
  expect(run.state.stateTransitionCount).toBe(1);
});

test("a history that has grown too long ends the run", () => {
  const run = new ScriptedRun({ historyCountError: 4 });
  run.start();
  run.signal();
  run.signal();
  const { error } = run.signal();
  expect(error?.message).toBe("Workflow history count exceeds limit.");
  expect(run.last("workflowExecutionTerminatedEventAttributes").reason).toBe("Workflow history count exceeds limit.");
  expect(run.effectsOf("closed")).toHaveLength(1);
  run.expectConsistent();
});

test("a history that has grown too large ends the run", () => {
  const run = new ScriptedRun({ historySizeErrorBytes: 500 });
  run.start();
  run.signal("big", { input: { payloads: [{ data: new Uint8Array(600) }] } });
  expect(run.signal().error?.message).toBe("Workflow history size exceeds limit.");
  expect(run.state.phase).toBe("closed");
});

test("the history's size is that of its encoded events in one message", () => {
  const run = new ScriptedRun();
  run.start();
  run.signal("long", { input: { payloads: [{ data: new Uint8Array(200) }] } });
  run.run(startTimer("t", 1000));
  const events = run.log.flatMap((record) => record.events.map((bytes) => HistoryEvent.decode(bytes)));
  expect(run.state.historySizeBytes).toBe(History.encode({ events }).length);
  expect(executionInfo(run.state)).toMatchObject({ historyLength: 6, historySizeBytes: run.state.historySizeBytes });
});

test("workers are told when a run had better continue as new", () => {
  const run = new ScriptedRun({ historyCountSuggestContinueAsNew: 7 });
  run.start();
  run.run();
  for (let count = 0; count < 3; count++) run.signal();
  run.poll();
  expect(run.last("workflowTaskStartedEventAttributes")).toMatchObject({
    suggestContinueAsNew: true,
    suggestContinueAsNewReasons: [2],
  });
});

test("events of a transient workflow task are there to read, though not in history", () => {
  const run = new ScriptedRun();
  run.start();
  expect(unwrittenEvents(run.state)).toEqual([]);
  run.run(startTimer("", 1));
  expect(unwrittenEvents(run.state).map(({ event }) => event.eventId)).toEqual([5]);
  run.poll();
  expect(unwrittenEvents(run.state).map(({ event }) => event.eventId)).toEqual([5, 6]);
});

test("a workflow task that fails again and again shows in a search attribute until one is completed", () => {
  const run = new ScriptedRun();
  run.start();
  const problems = (): string => new TextDecoder().decode(run.state.searchAttributes["TemporalReportedProblems"]?.data);
  for (let failures = 1; failures < 5; failures++) {
    run.poll();
    run.advance(3_600_000).tick();
    expect(problems()).toBe("");
  }
  run.poll();
  run.advance(3_600_000).tick();
  expect(problems()).toBe('["category=WorkflowTaskTimedOut","cause=WorkflowTaskTimedOutCauseStartToClose"]');
  run.expectConsistent();
  run.run();
  expect(problems()).toBe("");
  run.expectConsistent();
});

test("a snapshot of another version is refused", () => {
  const bytes = encodePlain({ version: 999, state: {} });
  expect(() => restore(bytes)).toThrow("Cannot restore snapshot: version 999 found, 1 expected");
});

test("a snapshot of nothing is nothing", () => {
  expect(restore(snapshot(newState()))).toEqual(newState());
});

test("operations are stored as bytes, none of them as none", () => {
  expect(encodeOps([])).toHaveLength(0);
  expect(decodeRecord({ firstEventId: 1, events: [], ops: encodeOps([]) }).ops).toEqual([]);
});

test("any plain value survives its encoding", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
      fc.boolean(),
      fc.uint8Array(),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.array(fc.tuple(fc.string(), tie("any")), { maxLength: 3 }).map((entries) => new Map(entries)),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$b", "$m", "$e")), tie("any"), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    ),
  })).any;
  fc.assert(
    fc.property(value, (each) => {
      expect(decodePlain(encodePlain(each))).toEqual(each);
    }),
  );
});
