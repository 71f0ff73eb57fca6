import { expect, test } from "vitest";
import { Callback } from "../../../proto/gen/common.ts";
import { Request } from "../../../proto/gen/update.ts";
import { command, completeRun, ScriptedRun } from "../scripted-run.test-support.ts";
import { accept, respond } from "../update/messages.test-support.ts";
import { completionOf } from "./completion.ts";

const callback = Callback.create({ variant: { case: "nexus", value: { url: "http://localhost/done" } } });

function requestOf(requestId: string): Request {
  return Request.create({
    meta: { updateId: "u" },
    input: { name: "n" },
    requestId,
    completionCallbacks: [callback],
  });
}

test("a callback is told of the end of the chain of runs, not of a run that goes on as another", () => {
  const run = new ScriptedRun();
  run.start({ completionCallbacks: [callback] });
  run.run(command("continueAsNewWorkflowExecutionCommandAttributes", {}));
  expect(run.effectsOf("invokeCallback")).toEqual([]);
  const [next] = run.effectsOf("startRun");
  expect(next?.request.completionCallbacks).toEqual([callback]);
});

test("a callback that cannot be told is tried again, ever later, and given up when that would not help", () => {
  const run = new ScriptedRun();
  run.start({ completionCallbacks: [callback, callback] });
  run.run(completeRun);
  expect(run.effectsOf("invokeCallback")).toMatchObject([
    { index: 0, attempt: 0 },
    { index: 1, attempt: 0 },
  ]);
  const tell = (index: number, attempt: number, kind: "succeeded" | "failed" | "retry"): unknown =>
    run.do({
      kind: "callbackAnswered",
      index,
      attempt,
      answer: kind === "succeeded" ? { kind } : { kind, message: "no" },
    });
  tell(0, 0, "retry");
  tell(1, 0, "failed");
  expect(tell(0, 0, "succeeded")).toEqual({ stale: true });
  run.advance(1000).tick();
  expect(run.effectsOf("invokeCallback")).toMatchObject([{ index: 0, attempt: 1 }]);
  tell(0, 1, "succeeded");
  expect(run.state.callbacks).toMatchObject([
    { phase: "succeeded", attempt: 2 },
    { phase: "failed", attempt: 1, lastFailureMessage: "no" },
  ]);
  run.expectConsistent();
});

test("whoever asks for an update with a callback is told of its outcome, those who came before it was accepted as well", () => {
  const run = new ScriptedRun();
  run.start();
  run.run();
  run.do({ kind: "admitUpdate", request: requestOf("first") });
  run.do({ kind: "admitUpdate", request: requestOf("second") });
  run.do({ kind: "admitUpdate", request: requestOf("second") });
  run.poll();
  run.complete([], { messages: [accept("u", requestOf("first"))] });
  run.do({ kind: "admitUpdate", request: requestOf("third") });
  run.do({ kind: "signal", request: { ...emptySignal, signalName: "wake" } });
  run.poll();
  run.complete([], { messages: [respond("u")] });
  expect(run.effectsOf("invokeCallback")).toHaveLength(3);
  expect(run.state.callbacks.map(({ requestId, updateId }) => [requestId, updateId])).toEqual([
    ["first", "u"],
    ["second", "u"],
    ["third", "u"],
  ]);
  const links = run.state.callbacks.map((each) => completionOf(run.state, each)?.link.variant?.value);
  expect(links).toMatchObject(
    ["first", "second", "third"].map((requestId) => ({
      reference: { case: "requestIdRef", value: { requestId } },
    })),
  );
  run.expectConsistent();
});

test("an update that the run leaves undone counts as failed for its callbacks", () => {
  const run = new ScriptedRun();
  run.start();
  run.run();
  run.do({ kind: "admitUpdate", request: requestOf("first") });
  run.poll();
  run.complete([], { messages: [accept("u", requestOf("first"))] });
  run.do({ kind: "signal", request: { ...emptySignal, signalName: "wake" } });
  run.run(completeRun);
  expect(run.effectsOf("invokeCallback")).toHaveLength(1);
  const [undone] = run.state.callbacks;
  expect(undone === undefined ? undefined : completionOf(run.state, undone)?.outcome).toMatchObject({
    kind: "unsuccessful",
    canceled: false,
    failure: { failureInfo: { value: { type: "AcceptedUpdateCompletedWorkflow" } } },
  });
  run.expectConsistent();
});

test.each([
  ["cancelWorkflowExecutionCommandAttributes", { canceled: true, failure: { message: "operation canceled" } }],
  ["failWorkflowExecutionCommandAttributes", { canceled: false, failure: { message: "no" } }],
] as const)("how a run ends is what its callbacks are told: %s", (name, outcome) => {
  const run = new ScriptedRun();
  run.start({ completionCallbacks: [callback] });
  run.run(command(name, name === "failWorkflowExecutionCommandAttributes" ? { failure: { message: "no" } } : {}));
  const [told] = run.state.callbacks;
  expect(told === undefined ? undefined : completionOf(run.state, told)).toMatchObject({ outcome });
});

test("a run that is terminated or times out is told as a failure", () => {
  const run = new ScriptedRun();
  run.start({ completionCallbacks: [callback] });
  run.do({ kind: "terminate", reason: "", identity: "" });
  const [told] = run.state.callbacks;
  expect(told === undefined ? undefined : completionOf(run.state, told)).toMatchObject({
    outcome: { kind: "unsuccessful", failure: { message: "operation terminated" } },
    link: { variant: { value: { workflowId: "wf", reference: { case: "eventRef", value: { eventId: 1 } } } } },
  });
});

const emptySignal = {
  namespace: "",
  workflowExecution: undefined,
  signalName: "",
  input: undefined,
  identity: "",
  requestId: "",
  control: "",
  header: undefined,
  skipGenerateWorkflowTask: false,
  links: [],
};
