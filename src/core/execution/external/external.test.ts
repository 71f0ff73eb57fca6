import { expect, test } from "vitest";
import {
  CancelExternalWorkflowExecutionFailedCause,
  SignalExternalWorkflowExecutionFailedCause,
} from "../../../proto/gen/enums.ts";
import { command, ScriptedRun } from "../scripted-run.test-support.ts";

const signalOther = command("signalExternalWorkflowExecutionCommandAttributes", {
  execution: { workflowId: "other" },
  signalName: "go",
  input: { payloads: [{ data: new Uint8Array([1]) }] },
});
const cancelOther = command("requestCancelExternalWorkflowExecutionCommandAttributes", {
  workflowId: "other",
  reason: "enough",
});

function runWith(...commands: ReturnType<typeof command>[]): ScriptedRun {
  const run = new ScriptedRun();
  run.start();
  run.run(...commands);
  return run;
}

test("another workflow is signalled by an effect, and its answer is an event", () => {
  const run = runWith(signalOther);
  expect(run.effectsOf("signalExternal")).toMatchObject([
    {
      initiatedEventId: 5,
      namespace: "default",
      childOnly: false,
      request: { workflowExecution: { workflowId: "other" }, signalName: "go" },
    },
  ]);
  run.do({ kind: "externalSignalResolved", initiatedEventId: 5 });
  expect(run.types.slice(5)).toEqual(["EXTERNAL_WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_TASK_SCHEDULED"]);
  expect(run.last("externalWorkflowExecutionSignaledEventAttributes").namespace).toBe("default");
  expect(run.do({ kind: "externalSignalResolved", initiatedEventId: 5 })).toEqual({ stale: true });
  run.expectConsistent();
});

test("a signal that cannot be delivered says why", () => {
  const run = runWith(signalOther);
  const failedCause = SignalExternalWorkflowExecutionFailedCause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
  run.do({ kind: "externalSignalResolved", initiatedEventId: 5, failedCause });
  expect(run.last("signalExternalWorkflowExecutionFailedEventAttributes").cause).toBe(failedCause);
  run.expectConsistent();
});

test("another workflow's cancellation is asked for by an effect, and its answer is an event", () => {
  const run = runWith(cancelOther);
  expect(run.effectsOf("cancelExternal")).toMatchObject([
    { initiatedEventId: 5, execution: { workflowId: "other" }, reason: "enough", childOnly: false },
  ]);
  run.do({ kind: "externalCancelResolved", initiatedEventId: 5 });
  expect(run.types).toContain("EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED");
  run.expectConsistent();
});

test("a cancellation that cannot be delivered says why", () => {
  const run = runWith(cancelOther);
  const failedCause = CancelExternalWorkflowExecutionFailedCause.EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND;
  run.do({ kind: "externalCancelResolved", initiatedEventId: 5, failedCause });
  expect(run.last("requestCancelExternalWorkflowExecutionFailedEventAttributes").cause).toBe(failedCause);
  run.expectConsistent();
});

test("a child cannot be started and cancelled from outside in one workflow task", () => {
  const child = command("startChildWorkflowExecutionCommandAttributes", {
    workflowId: "other",
    workflowType: { name: "Child" },
  });
  const run = new ScriptedRun();
  run.start();
  expect(run.run(child, cancelOther).error?.message).toContain(
    "Start and RequestCancel for child workflow is not allowed in same workflow task.",
  );
  expect(run.effectsOf("startChild")).toEqual([]);
});

test.each([
  [
    command("signalExternalWorkflowExecutionCommandAttributes", { signalName: "go" }),
    "Execution is not set on SignalExternalWorkflowExecutionCommand.",
  ],
  [
    command("signalExternalWorkflowExecutionCommandAttributes", { execution: { workflowId: "o" } }),
    "SignalName is not set on SignalExternalWorkflowExecutionCommand.",
  ],
  [
    command("requestCancelExternalWorkflowExecutionCommandAttributes", { workflowId: "o", runId: "no-uuid" }),
    "Invalid RunId set on RequestCancelExternalWorkflowExecutionCommand.",
  ],
])("a target that makes no sense fails the workflow task", (wrong, message) => {
  const run = new ScriptedRun();
  run.start();
  expect(run.run(wrong).error?.message).toContain(message);
});

test("there are limits on signals and cancellations under way", () => {
  const run = new ScriptedRun({ pendingSignalsMax: 1, pendingCancelsMax: 1 });
  run.start();
  expect(run.run(signalOther, signalOther).error?.message).toContain("per-workflow limit of 1");
  const second = new ScriptedRun({ pendingCancelsMax: 1 });
  second.start();
  expect(second.run(cancelOther, cancelOther).error?.message).toContain("per-workflow limit of 1");
});
