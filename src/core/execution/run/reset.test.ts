import { expect, test } from "vitest";
import { UpdateAdmittedEventOrigin, WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import { Request } from "../../../proto/gen/update.ts";
import { nextDeadlineMs } from "../deadline.ts";
import { toDuration } from "../duration.ts";
import { command, completeRun, scheduleActivity, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";
import { accept, respond } from "../update/messages.test-support.ts";
import { extendedInfo } from "../view.ts";

/** A run whose first workflow task has completed with event 4. */
function withFirstTask(...commands: ReturnType<typeof startTimer>[]): ScriptedRun {
  const run = new ScriptedRun();
  run.start({ workflowRunTimeout: toDuration(60_000) });
  run.run(...commands);
  return run;
}

test("a reset goes on from a workflow task as if that had failed, with later signals", () => {
  const base = withFirstTask(startTimer("t", 90_000));
  base.signal("kept");
  base.run(completeRun);
  base.advance(50_000);
  const run = base.resetTo(4);
  expect(run.types).toEqual([
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
    "WORKFLOW_TASK_FAILED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  expect(run.events.slice(0, 3)).toEqual(base.events.slice(0, 3));
  expect(run.last("workflowTaskFailedEventAttributes")).toMatchObject({
    cause: WorkflowTaskFailedCause.RESET_WORKFLOW,
    baseRunId: "run-1",
    newRunId: "run-2",
    failure: { message: "wrong turn", failureInfo: { case: "resetWorkflowFailureInfo" } },
  });
  expect(run.poll()).toMatchObject({ attempt: 1, previousStartedEventId: 0 });
  expect(run.state).toMatchObject({ runId: "run-2", baseRunId: "run-1", startTimeMs: run.nowMs });
  run.expectConsistent();
});

test("the time that is left to a reset run counts from the reset", () => {
  const base = withFirstTask();
  base.advance(50_000);
  const run = base.resetTo(4);
  expect(run.state.runExpirationMs).toBe(run.nowMs + 60_000);
  expect(extendedInfo(run.state)).toMatchObject({
    originalStartTime: { seconds: (run.nowMs - 50_000) / 1000 },
    lastResetTime: { seconds: run.nowMs / 1000 },
  });
});

test("the run that was reset is terminated and knows which goes on; its children and its parent stay", () => {
  const base = new ScriptedRun();
  const parent = {
    namespace: "default",
    namespaceId: "ns-id",
    execution: { workflowId: "up", runId: "up-run" },
    initiatedEventId: 9,
  };
  base.start({}, { origin: { parent } });
  base.run(
    command("startChildWorkflowExecutionCommandAttributes", { workflowId: "kid", workflowType: { name: "Child" } }),
  );
  base.do({ kind: "childStarted", initiatedEventId: 5, runId: "kid-run" });
  base.resetTo(4);
  expect(base.types.at(-1)).toBe("WORKFLOW_EXECUTION_TERMINATED");
  expect(base.state.resetRunId).toBe("run-2");
  expect(base.effects.map(({ kind }) => kind)).toEqual(["closed"]);
  base.expectConsistent();
});

test("a closed run that is reset remembers which goes on, and nothing else", () => {
  const base = withFirstTask(completeRun);
  const events = base.events.length;
  base.resetTo(4);
  expect(base.state.resetRunId).toBe("run-2");
  expect(base.events).toHaveLength(events);
  base.expectConsistent();
});

test("what was under way is asked for again", () => {
  const base = withFirstTask(
    scheduleActivity("a"),
    command("startChildWorkflowExecutionCommandAttributes", { workflowId: "kid", workflowType: { name: "Child" } }),
    command("signalExternalWorkflowExecutionCommandAttributes", { execution: { workflowId: "o" }, signalName: "s" }),
    command("requestCancelExternalWorkflowExecutionCommandAttributes", { workflowId: "o" }),
  );
  base.signal();
  base.run();
  const run = base.resetTo(12);
  expect(run.effects).toMatchObject([
    { kind: "dispatchWorkflowTask" },
    { kind: "dispatchActivityTask", scheduledEventId: 5, attempt: 1 },
    { kind: "startChild", initiatedEventId: 6, reconnects: true, request: { requestId: "run-2:6:0" } },
    { kind: "signalExternal", initiatedEventId: 7 },
    { kind: "cancelExternal", initiatedEventId: 8 },
  ]);
  // An activity has all of its time again.
  expect(run.state.activities.get(5)?.firstScheduledMs).toBe(run.nowMs);
  run.expectConsistent();
});

test("news of children that were begun before the point of the reset is taken over", () => {
  const base = withFirstTask(
    command("startChildWorkflowExecutionCommandAttributes", { workflowId: "kid", workflowType: { name: "Child" } }),
  );
  base.signal();
  base.poll();
  base.do({ kind: "childStarted", initiatedEventId: 5, runId: "kid-run" });
  base.complete();
  base.do({ kind: "childClosed", initiatedEventId: 5, runId: "kid-run", close: { status: 2, retryState: 0 } });
  const run = base.resetTo(9);
  expect(run.types.slice(-3)).toEqual([
    "CHILD_WORKFLOW_EXECUTION_STARTED",
    "CHILD_WORKFLOW_EXECUTION_COMPLETED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  const at = run.types.indexOf("CHILD_WORKFLOW_EXECUTION_STARTED") + 1;
  expect(run.last("childWorkflowExecutionCompletedEventAttributes").startedEventId).toBe(at);
  expect(run.effectsOf("startChild")).toEqual([]);
  run.expectConsistent();
});

test("updates that were accepted later are admitted again, and answered again", () => {
  const base = withFirstTask();
  const request = Request.create({ meta: { updateId: "u" }, input: { name: "n" } });
  base.do({ kind: "admitUpdate", request });
  base.poll();
  base.complete([], { messages: [accept("u", request), respond("u")] });
  const run = base.resetTo(4);
  expect(run.last("workflowExecutionUpdateAdmittedEventAttributes")).toMatchObject({
    origin: UpdateAdmittedEventOrigin.REAPPLY,
    request: { meta: { updateId: "u" } },
  });
  // The event tells the worker, so no message does.
  expect(run.poll().messages).toEqual([]);
  run.complete([], { messages: [accept("u"), respond("u")] });
  expect(run.effectsOf("updateCompleted")).toHaveLength(1);
  run.expectConsistent();
});

test("signals and updates can be left behind", () => {
  const base = withFirstTask();
  base.signal();
  const request = Request.create({ meta: { updateId: "u" }, input: { name: "n" } });
  base.poll();
  base.do({ kind: "admitUpdate", request });
  base.complete([], { messages: [accept("u", request)] });
  const run = base.resetTo(4, { excludeSignals: true, excludeUpdates: true });
  expect(run.types.slice(4)).toEqual(["WORKFLOW_TASK_SCHEDULED"]);
});

test("a run can be reset to a workflow task that nobody has started", () => {
  const base = withFirstTask();
  const run = base.resetTo(3);
  expect(run.types).toEqual([
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
    "WORKFLOW_TASK_FAILED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  expect(run.last("workflowTaskStartedEventAttributes").identity).toBe("history-service");
});

test("elsewhere than within a workflow task, a reset is refused", () => {
  const base = withFirstTask(startTimer("t", 1000));
  base.signal();
  expect(() => base.resetTo(6)).toThrow(
    "Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: 6",
  );
  expect(base.state.phase).toBe("running");
});

test("timers keep the time at which they were to fire", () => {
  const base = withFirstTask(startTimer("t", 10_000));
  base.signal();
  base.run();
  const fireMs = base.state.timers.get("t")?.fireMs;
  const run = base.advance(4000).resetTo(9);
  expect(run.state.timers.get("t")?.fireMs).toBe(fireMs);
  expect(nextDeadlineMs(run.state)).toBe(fireMs);
});
