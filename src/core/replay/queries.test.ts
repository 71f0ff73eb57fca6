import { expect, test } from "vitest";
import { WorkflowQuery } from "../../proto/gen/query.ts";
import type { WorkflowCommand } from "./activation.ts";
import {
  commands,
  completed,
  drive,
  jobKinds,
  newRun,
  TestHistory,
  toCompletion,
  toFailure,
} from "./history.test-support.ts";

const query = WorkflowQuery.create({ queryType: "state" });

function answer(queryId: string): WorkflowCommand {
  return { kind: "respondToQuery", queryId, result: { status: "succeeded" } };
}

test("queries that come with a task are asked alone, when the code has caught up", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask({ queries: { q1: query, q2: query } }));
  const { activations, outcome } = drive(run, [commands.timer(1)], [answer("q1"), answer("q2")]);
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["queryWorkflow", "queryWorkflow"]]);
  expect(activations.map(({ isReplaying }) => isReplaying)).toEqual([false, true]);
  const completion = toCompletion(outcome);
  expect(completion.queryResults.map(({ queryId }) => queryId)).toEqual(["q1", "q2"]);
  expect(completion.commands).toHaveLength(1);
});

test("a query that is the whole task replays the run and is answered by itself", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("timerStarted", { timerId: "1" });
  const run = newRun();
  run.feed({ ...history.toTask({ legacyQuery: query }), startedEventId: 0 });
  const { activations, outcome } = drive(run, [commands.timer(1)], [answer("legacy_query")]);
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["queryWorkflow"]]);
  // As a run that is held answers, which was not told what its last task led to.
  expect(activations.map(({ historyLength }) => historyLength)).toEqual([3, 3]);
  expect(outcome).toEqual({ kind: "queryAnswered", result: { status: "succeeded" } });
});

test("a held run answers a query that comes without events; a run not held asks for its history", () => {
  const history = new TestHistory().start();
  const held = newRun();
  held.feed(history.toTask());
  drive(held, [commands.timer(1)]);
  const task = { events: [], previousStartedEventId: 3, startedEventId: 0, legacyQuery: query };
  held.feed(task);
  expect(drive(held, [answer("legacy_query")]).outcome?.kind).toBe("queryAnswered");
  history.complete();
  history.add("timerStarted", { timerId: "1" });
  const fresh = newRun();
  fresh.feed(task);
  expect(fresh.missing).toBe("fromStart");
  fresh.addPage(history.events, false);
  expect(drive(fresh, [commands.timer(1)], [answer("legacy_query")]).outcome?.kind).toBe("queryAnswered");
});

test("what the code does about news that a query's history brings is sent with the next task", () => {
  const history = new TestHistory().start();
  history.complete();
  const startedEventId = history.add("timerStarted", { timerId: "1" });
  history.add("timerFired", { timerId: "1", startedEventId });
  const run = newRun();
  run.feed({ ...history.toTask({ legacyQuery: query }), startedEventId: 0 });
  const { activations } = drive(run, [commands.timer(1)], [commands.timer(2)], [answer("legacy_query")]);
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["fireTimer"], ["queryWorkflow"]]);
  run.feed(history.task().toTask({ from: 4 }));
  const { activations: more, outcome } = drive(run);
  expect(more).toEqual([]);
  expect(toCompletion(outcome).commands).toMatchObject([{ attributes: { value: { timerId: "2" } } }]);
});

test("a closed workflow can be queried", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("workflowExecutionCompleted");
  const run = newRun();
  run.feed({ ...history.toTask({ legacyQuery: query }), startedEventId: 0 });
  const { activations, outcome } = drive(run, [commands.complete], [answer("legacy_query")]);
  expect(activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["queryWorkflow"]]);
  expect(outcome?.kind).toBe("queryAnswered");
});

test("a query about a state that has passed is not answered, and the run stays good", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.timer(1)]);
  run.feed({ events: [], previousStartedEventId: 0, startedEventId: 0, legacyQuery: query });
  expect(drive(run)).toEqual({ activations: [], outcome: { kind: "nothing" } });
  const from = history.complete();
  const startedEventId = history.add("timerStarted", { timerId: "1" });
  history.add("timerFired", { timerId: "1", startedEventId });
  run.feed(history.task().toTask({ from }));
  expect(drive(run).activations.map(jobKinds)).toEqual([["fireTimer"]]);
});

test("a query that cannot be replayed fails as a query", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("timerStarted", { timerId: "1" });
  const run = newRun();
  run.feed({ ...history.toTask({ legacyQuery: query }), startedEventId: 0 });
  run.nextActivation();
  run.complete(completed(commands.activity(1)));
  expect(run.nextActivation()).toBeUndefined();
  expect(toFailure(run.takeOutcome()).isLegacyQuery).toBe(true);
});
