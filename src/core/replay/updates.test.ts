import { expect, test } from "vitest";
import { Message } from "../../proto/gen/protocol.ts";
import { Acceptance, Rejection, Request, Response } from "../../proto/gen/update.ts";
import type { WorkflowCommand } from "./activation.ts";
import { commands, drive, jobKinds, newRun, TestHistory, toCompletion, toFailure } from "./history.test-support.ts";
import { newFailure } from "./failures.ts";

const request = Request.create({ meta: { updateId: "u", identity: "me" }, input: { name: "add" } });

function message(sequencingEventId: number): Message {
  return Message.create({
    id: "u/request",
    protocolInstanceId: "u",
    sequencingId: { case: "eventId", value: sequencingEventId },
    body: { typeUrl: "type.googleapis.com/temporal.api.update.v1.Request", value: Request.encode(request) },
  });
}

function respond(response: Extract<WorkflowCommand, { kind: "updateResponse" }>["response"]): WorkflowCommand {
  return { kind: "updateResponse", protocolInstanceId: "u", response };
}

const accepted = respond({ status: "accepted" });
const done = respond({ status: "completed" });

test("an update is validated, and its answers are messages whose place among the commands is kept", () => {
  const run = newRun();
  run.feed(new TestHistory().start().toTask({ messages: [message(2)] }));
  const { activations, outcome } = drive(run, [accepted, commands.timer(1), done]);
  expect(activations[0]?.jobs).toMatchObject([
    { kind: "initializeWorkflow" },
    { kind: "doUpdate", update: { id: "u", protocolInstanceId: "u", name: "add", identity: "me", runValidator: true } },
  ]);
  const { commands: sent, messages } = toCompletion(outcome);
  expect(sent.map(({ attributes }) => attributes?.case)).toEqual([
    "protocolMessageCommandAttributes",
    "startTimerCommandAttributes",
    "protocolMessageCommandAttributes",
  ]);
  expect(sent.filter((_, at) => at !== 1).map(({ attributes }) => attributes?.value)).toEqual([
    { messageId: "u/request/accept" },
    { messageId: "u/request/complete" },
  ]);
  expect(messages.map(({ id, protocolInstanceId }) => [id, protocolInstanceId])).toEqual([
    ["u/request/accept", "u"],
    ["u/request/complete", "u"],
  ]);
  expect(Acceptance.decode(messages[0]?.body?.value ?? new Uint8Array())).toMatchObject({
    acceptedRequestMessageId: "u/request",
    acceptedRequestSequencingEventId: 2,
    acceptedRequest: { meta: { updateId: "u" } },
  });
  expect(Response.decode(messages[1]?.body?.value ?? new Uint8Array())).toMatchObject({
    meta: { updateId: "u" },
    outcome: { value: { case: "success" } },
  });
});

test("a rejected update is a message alone, and the server may take the task back", () => {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [commands.timer(1)]);
  const from = history.complete();
  history.add("timerStarted", { timerId: "1" });
  const speculative = new TestHistory();
  speculative.events.push(...history.events);
  run.feed(speculative.task().toTask({ from, messages: [message(6)] }));
  const { outcome } = drive(run, [respond({ status: "rejected", failure: newFailure("no") })]);
  const { commands: sent, messages } = toCompletion(outcome);
  expect(sent).toEqual([]);
  expect(Rejection.decode(messages[0]?.body?.value ?? new Uint8Array())).toMatchObject({
    rejectedRequestMessageId: "u/request",
    rejectedRequestSequencingEventId: 6,
    failure: { message: "no" },
  });
  run.discardSpeculativeTask(3);
  history.add("timerFired", { timerId: "1", startedEventId: 5 });
  run.feed(history.task().toTask({ from }));
  const { activations } = drive(run);
  expect(activations.map(jobKinds)).toEqual([["fireTimer"]]);
  expect(activations[0]?.historyLength).toBe(8);
});

function acceptedHistory(): TestHistory {
  const history = new TestHistory().start();
  history.complete();
  history.task();
  history.complete();
  history.add("workflowExecutionUpdateAccepted", {
    protocolInstanceId: "u",
    acceptedRequestMessageId: "u/request",
    acceptedRequestSequencingEventId: 5,
    acceptedRequest: request,
  });
  return history;
}

test("in replay an update comes where it was accepted, without its validator and without messages", () => {
  const history = acceptedHistory();
  history.add("workflowExecutionUpdateCompleted", { meta: { updateId: "u" }, acceptedEventId: 8 });
  history.add("workflowExecutionSignaled", { signalName: "go" });
  const run = newRun();
  run.feed(history.task().toTask());
  const { activations, outcome } = drive(run, [], [accepted, done], [commands.complete]);
  expect(activations.map(({ historyLength, jobs }) => [historyLength, ...jobs.map(({ kind }) => kind)])).toEqual([
    [3, "initializeWorkflow"],
    [6, "doUpdate"],
    [12, "signalWorkflow"],
  ]);
  expect(activations[1]?.jobs[0]).toMatchObject({ update: { runValidator: false } });
  expect(toCompletion(outcome).messages).toEqual([]);
});

test("an admitted update waits in replay until it was accepted, and comes at once when it is news", () => {
  const history = new TestHistory().start();
  history.complete();
  history.add("workflowExecutionUpdateAdmitted", { request });
  history.task();
  const live = newRun();
  live.feed(history.toTask());
  expect(drive(live).activations.map(jobKinds)).toEqual([["initializeWorkflow"], ["doUpdate"]]);
  history.complete();
  history.add("workflowExecutionUpdateAccepted", {
    protocolInstanceId: "u",
    acceptedRequestMessageId: "u/request",
    acceptedRequestSequencingEventId: 5,
  });
  history.add("workflowExecutionSignaled", { signalName: "go" });
  const replayed = newRun();
  replayed.feed(history.task().toTask());
  expect(drive(replayed, [], [accepted]).activations.map(jobKinds)).toEqual([
    ["initializeWorkflow"],
    ["doUpdate"],
    ["signalWorkflow"],
  ]);
});

test("code that no longer accepts an update that history accepted is refused", () => {
  const history = acceptedHistory();
  history.add("workflowExecutionSignaled", { signalName: "go" });
  const run = newRun();
  run.feed(history.task().toTask());
  const failure = toFailure(drive(run, [], [respond({ status: "rejected", failure: newFailure("no") })]).outcome);
  expect(failure.error?.message).toBe(
    'Cannot replay event 8 (WorkflowExecutionUpdateAccepted "u"): the code issued no command for it',
  );
});

test("an answer to an update that nobody asked for, and a message that is no update, fail the task", () => {
  const unasked = newRun();
  unasked.feed(new TestHistory().start().toTask());
  expect(toFailure(drive(unasked, [accepted]).outcome).error?.message).toContain(
    'Cannot answer update "u": found no update of this id',
  );
  const unread = newRun();
  unread.feed(
    new TestHistory()
      .start()
      .toTask({ messages: [Message.create({ id: "m", sequencingId: { case: "eventId", value: 2 } })] }),
  );
  expect(toFailure(drive(unread).outcome).error?.message).toBe(
    'Cannot read message "m": found type "", wanted an update request',
  );
});
