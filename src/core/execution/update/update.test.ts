import { expect, test } from "vitest";
import { WorkflowTaskFailedCause } from "../../../proto/gen/enums.ts";
import { Request } from "../../../proto/gen/update.ts";
import { RespondWorkflowTaskFailedRequest } from "../../../proto/gen/workflowservice.ts";
import type { StepReply } from "../contract.ts";
import { command, completeRun, ScriptedRun, startTimer } from "../scripted-run.test-support.ts";
import { updateStatus } from "../view.ts";
import { accept, reject, respond } from "./messages.test-support.ts";

function request(updateId: string): Request {
  return Request.create({ meta: { updateId, identity: "client" }, input: { name: "n" } });
}

function update(run: ScriptedRun, updateId = "u"): StepReply {
  return run.do({ kind: "admitUpdate", request: request(updateId) });
}

/** A run that waits for nothing but news. */
function idle(limits: ConstructorParameters<typeof ScriptedRun>[0] = {}): ScriptedRun {
  const run = new ScriptedRun(limits);
  run.start();
  run.run(startTimer("t", 60_000));
  return run;
}

test("an update gets a workflow task of its own, which is history only once it is accepted", () => {
  const run = idle();
  expect(update(run).update).toEqual({ stage: "admitted", acceptedEventId: 0, completedEventId: 0 });
  expect(run.effectsOf("dispatchWorkflowTask")).toMatchObject([{ scheduledEventId: 6, attempt: 1 }]);
  const task = run.poll();
  expect(task.messages).toMatchObject([
    { id: "u/request", protocolInstanceId: "u", sequencingId: { case: "eventId", value: 6 } },
  ]);
  expect(task.transientEvents.map(({ event }) => event.eventId)).toEqual([6, 7]);
  expect(run.events).toHaveLength(5);
  run.expectConsistent();
  run.complete([], { messages: [accept("u", request("u")), respond("u")] });
  expect(run.types.slice(5)).toEqual([
    "WORKFLOW_TASK_SCHEDULED",
    "WORKFLOW_TASK_STARTED",
    "WORKFLOW_TASK_COMPLETED",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
  ]);
  expect(run.effects.map(({ kind }) => kind)).toEqual(["updateAccepted", "updateCompleted"]);
  expect(updateStatus(run.state, "u")).toEqual({ stage: "completed", acceptedEventId: 9, completedEventId: 10 });
  run.expectConsistent();
});

test("a rejection leaves no trace, and the worker is told where it was", () => {
  const run = idle();
  update(run);
  run.poll();
  const capabilities = { discardSpeculativeWorkflowTaskWithEvents: true };
  const reply = run.complete([], { messages: [reject("u")], capabilities });
  expect(reply.resetHistoryEventId).toBe(3);
  expect(run.events).toHaveLength(5);
  expect(run.effectsOf("updateCompleted")).toMatchObject([
    { updateId: "u", rejected: true, outcome: { value: { case: "failure", value: { message: "no" } } } },
  ]);
  expect(updateStatus(run.state, "u")).toBeUndefined();
  expect(run.state.workflowTask).toBeUndefined();
  run.expectConsistent();
});

test("a worker that cannot take shipped events back has its rejection in history", () => {
  const run = idle();
  update(run);
  run.poll();
  expect(run.complete([], { messages: [reject("u")] }).resetHistoryEventId).toBeUndefined();
  expect(run.types.slice(5)).toEqual(["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]);
});

test("an update is known by its id", () => {
  const run = idle();
  update(run);
  expect(update(run).update?.stage).toBe("admitted");
  run.poll();
  run.complete([], { messages: [accept("u", request("u"))] });
  expect(update(run).update?.stage).toBe("accepted");
  run.signal();
  run.poll();
  run.complete([], { messages: [respond("u")] });
  expect(update(run).update?.stage).toBe("completed");
  run.expectConsistent();
});

test("an update that comes while a workflow task runs goes with the next", () => {
  const run = idle();
  run.signal();
  run.poll();
  update(run);
  expect(run.effects).toEqual([]);
  const reply = run.complete([], { returnNewWorkflowTask: true });
  expect(reply.startedWorkflowTask?.messages).toMatchObject([{ id: "u/request" }]);
  run.expectConsistent();
});

test("updates go to the worker in the order in which they came", () => {
  const run = idle();
  for (const updateId of ["z", "a", "m"]) update(run, updateId);
  expect(run.poll().messages.map(({ protocolInstanceId }) => protocolInstanceId)).toEqual(["z", "a", "m"]);
});

test("a signal makes the task of an update part of history", () => {
  const run = idle();
  update(run);
  run.poll();
  run.signal();
  expect(run.types.slice(5)).toEqual(["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED"]);
  run.complete([], { messages: [reject("u")] });
  expect(run.types.slice(7)).toEqual([
    "WORKFLOW_TASK_COMPLETED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "WORKFLOW_TASK_SCHEDULED",
  ]);
  run.expectConsistent();
});

test("what a worker does not answer is refused on its behalf", () => {
  const run = idle();
  update(run);
  run.poll();
  run.complete();
  expect(run.effectsOf("updateCompleted")).toMatchObject([{ updateId: "u", rejected: true }]);
  expect(run.state.updates.size).toBe(0);
});

test("when the task that carries it fails, an update is sent again", () => {
  const run = idle();
  update(run);
  const { token } = run.poll();
  run.do({
    kind: "failWorkflowTask",
    token,
    request: RespondWorkflowTaskFailedRequest.create({
      cause: WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE,
    }),
  });
  expect(run.poll().messages).toMatchObject([{ id: "u/request" }]);
  run.expectConsistent();
});

test("a speculative task that nobody fetches becomes an ordinary one after a while", () => {
  const run = idle();
  update(run);
  run.advance(5000).tick();
  expect(run.types.slice(5)).toEqual(["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_TIMED_OUT", "WORKFLOW_TASK_SCHEDULED"]);
  expect(run.poll().messages).toHaveLength(1);
  run.expectConsistent();
});

test("commands take effect where their messages stand among them", () => {
  const run = idle();
  update(run);
  run.poll();
  const message = accept("u", request("u"));
  run.complete(
    [
      startTimer("before", 1),
      command("protocolMessageCommandAttributes", { messageId: message.id ?? "" }),
      startTimer("after", 1),
    ],
    { messages: [message] },
  );
  expect(run.types.slice(-3)).toEqual(["TIMER_STARTED", "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "TIMER_STARTED"]);
});

test("a message that nobody sent along fails the workflow task, and aborts what was sent", () => {
  const run = idle();
  update(run);
  run.poll();
  const reply = run.complete([command("protocolMessageCommandAttributes", { messageId: "none" })]);
  expect(reply.error?.message).toBe(
    "BadUpdateWorkflowExecutionMessage: ProtocolMessageCommand referenced absent message ID none",
  );
  expect(run.effectsOf("updateAborted")).toMatchObject([{ updateId: "u", continued: false }]);
  run.expectConsistent();
});

test("a run that closes answers all its updates", () => {
  const run = idle();
  update(run, "accepted");
  run.poll();
  run.complete([], { messages: [accept("accepted", request("accepted"))] });
  run.signal();
  run.poll();
  update(run, "waiting");
  run.complete([completeRun]);
  expect(run.effectsOf("updateCompleted")).toMatchObject([
    {
      updateId: "accepted",
      outcome: { value: { value: { failureInfo: { value: { type: "AcceptedUpdateCompletedWorkflow" } } } } },
    },
  ]);
  expect(run.effectsOf("updateAborted")).toMatchObject([{ updateId: "waiting", continued: false }]);
  expect(update(run, "accepted").update?.stage).toBe("completed");
  expect(() => update(run, "waiting")).toThrow("workflow execution already completed");
});

test("a run that continues sends those who wait on to the next", () => {
  const run = idle();
  run.signal();
  run.poll();
  update(run);
  run.complete([command("continueAsNewWorkflowExecutionCommandAttributes", {})]);
  expect(run.effectsOf("updateAborted")).toMatchObject([{ continued: true, error: { status: "RESOURCE_EXHAUSTED" } }]);
});

test("there are limits on updates, in flight and in all", () => {
  const run = idle({ updatesInFlightMax: 1 });
  update(run, "one");
  expect(() => update(run, "two")).toThrow("limit on number of concurrent in-flight updates has been reached (1)");
  const all = idle({ updatesTotalMax: 1 });
  update(all, "one");
  expect(() => update(all, "two")).toThrow("The limit on the total number of distinct updates");
});

test.each([
  [{}, "invalid *update.Request: meta is not set"],
  [{ meta: { updateId: "" } }, "invalid *update.Request: meta.update_id is not set"],
  [{ meta: { updateId: "u" } }, "invalid *update.Request: input is not set"],
  [{ meta: { updateId: "u" }, input: {} }, "invalid *update.Request: input.name is not set"],
])("a request that says too little is refused", (wrong, message) => {
  const run = idle();
  expect(() => run.do({ kind: "admitUpdate", request: Request.create(wrong) })).toThrow(message);
});
