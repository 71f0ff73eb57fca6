import { expect, test } from "vitest";
import { WorkflowExecutionStatus as Status, WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import { Failure } from "../../../proto/gen/failure.ts";
import { Request } from "../../../proto/gen/update.ts";
import { nextDeadlineMs } from "../deadline.ts";
import { toDuration } from "../duration.ts";
import { outstandingEffects } from "../outstanding.ts";
import { completeRun, scheduleActivity, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";
import { executionInfo, extendedInfo } from "../view.ts";

function pause(run: ScriptedRun, requestId = "p"): unknown {
  return run.do({ kind: "pauseRun", identity: "op", reason: "why", requestId });
}

function unpause(run: ScriptedRun): unknown {
  return run.do({ kind: "unpauseRun", identity: "op", reason: "", requestId: "u" });
}

test("a paused run starts nothing, though news still goes into history", () => {
  const run = new ScriptedRun();
  run.start();
  run.run(scheduleActivity("a"), startTimer("t", 1000));
  pause(run);
  expect(executionInfo(run.state).status).toBe(Status.PAUSED);
  expect(extendedInfo(run.state).pauseInfo).toMatchObject({ identity: "op", reason: "why" });
  expect(outstandingEffects(run.state)).toEqual([]);
  run.signal();
  run.advance(1000).tick();
  expect(run.types.slice(-3)).toEqual(["WORKFLOW_EXECUTION_PAUSED", "WORKFLOW_EXECUTION_SIGNALED", "TIMER_FIRED"]);
  expect(run.state.workflowTask).toBeUndefined();
  unpause(run);
  expect(run.effects.map(({ kind }) => kind).toSorted()).toEqual(["dispatchActivityTask", "dispatchWorkflowTask"]);
  expect(executionInfo(run.state).status).toBe(Status.RUNNING);
  run.expectConsistent();
});

test("a workflow task that nobody has started fails, and the next one is a first attempt", () => {
  const run = new ScriptedRun();
  run.start();
  pause(run);
  expect(run.types.slice(2)).toEqual(["WORKFLOW_TASK_FAILED", "WORKFLOW_EXECUTION_PAUSED"]);
  expect(run.last("workflowTaskFailedEventAttributes").cause).toBe(
    WorkflowTaskFailedCause.WORKFLOW_PAUSE_REQUESTED_BEFORE_TASK_STARTED,
  );
  unpause(run);
  expect(run.poll().attempt).toBe(1);
  run.expectConsistent();
});

test("a workflow task that runs may end, but none follows it", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  pause(run);
  run.signal();
  expect(() => run.complete([], { forceCreateNewWorkflowTask: true })).toThrow(
    "Workflow is paused and force create new workflow task is not allowed.",
  );
  const reply = run.complete([scheduleActivity("a", { requestEagerExecution: true })], { returnNewWorkflowTask: true });
  expect(reply).toEqual({});
  expect(run.effects).toEqual([]);
  expect(run.types.slice(3)).toEqual([
    "WORKFLOW_TASK_COMPLETED",
    "ACTIVITY_TASK_SCHEDULED",
    "WORKFLOW_EXECUTION_PAUSED",
    "WORKFLOW_EXECUTION_SIGNALED",
  ]);
  unpause(run);
  expect(run.effectsOf("dispatchActivityTask")).toHaveLength(1);
  run.expectConsistent();
});

test("an activity's next attempt waits for the end of the pause", () => {
  const run = new ScriptedRun();
  run.start();
  run.run(scheduleActivity("a", { retryPolicy: { initialInterval: toDuration(1000) } }));
  run.pollActivity(5);
  pause(run);
  const activity = { by: "token", scheduledEventId: 5, attempt: 1, startedEventId: 0 } as const;
  run.do({ kind: "failActivity", activity, failure: Failure.create({ message: "no" }), identity: "aw" });
  expect(nextDeadlineMs(run.state)).toBeUndefined();
  run.advance(60_000);
  unpause(run);
  expect(nextDeadlineMs(run.state)).toBeLessThan(run.nowMs);
  run.tick();
  expect(run.pollActivity(5).attempt).toBe(2);
  run.expectConsistent();
});

test("a start delay is not cut short by a pause", () => {
  const run = new ScriptedRun();
  run.start({ workflowStartDelay: toDuration(5000) });
  pause(run);
  expect(nextDeadlineMs(run.state)).toBeUndefined();
  unpause(run);
  expect(run.state.workflowTask).toBeUndefined();
  run.advance(5000).tick();
  expect(run.state.workflowTask?.phase).toBe("scheduled");
});

test("a pause is repeated harmlessly by its request only, and ended once", () => {
  const run = new ScriptedRun();
  run.start();
  expect(() => unpause(run)).toThrow("workflow is not paused.");
  pause(run);
  expect(pause(run)).toEqual({ duplicate: true });
  expect(() => pause(run, "other")).toThrow("workflow is already paused.");
  unpause(run);
  expect(() => unpause(run)).toThrow("workflow is not paused.");
  run.run(completeRun);
  expect(() => pause(run)).toThrow("workflow execution already completed");
});

test("a paused run takes no updates", () => {
  const run = new ScriptedRun();
  run.start();
  pause(run);
  const request = Request.create({ meta: { updateId: "u" }, input: { name: "n" } });
  expect(() => run.do({ kind: "admitUpdate", request })).toThrow("Workflow is paused. Cannot update the workflow.");
});

test("a search attribute shows the pause", () => {
  const run = new ScriptedRun();
  run.start();
  pause(run);
  const shown = run.state.searchAttributes["TemporalPauseInfo"];
  expect(new TextDecoder().decode(shown?.data)).toBe('["Workflow:wf","Reason:why"]');
  expect(new TextDecoder().decode(shown?.metadata["type"])).toBe("KeywordList");
  unpause(run);
  expect(run.state.searchAttributes).toEqual({});
});
