import { expect, test } from "vitest";
import { Callback } from "../../../proto/gen/common.ts";
import { command, completeRun, ScriptedRun } from "../scripted-run.test-support.ts";
import { extendedInfo } from "../view.ts";

test("a request attaches itself and its callbacks to a run that goes on, once", () => {
  const run = new ScriptedRun();
  run.start();
  const attach = (attachedRequestId: string): unknown =>
    run.do({ kind: "updateOptions", identity: "me", attachedRequestId, completionCallbacks: [CALLBACK] });
  attach("second");
  expect(attach("second")).toEqual({ duplicate: true });
  expect(attach("start-request")).toEqual({ duplicate: true });
  expect(run.events.at(-1)).toMatchObject({ workerMayIgnore: true });
  expect(run.state.callbacks).toMatchObject([{ callback: CALLBACK, phase: "standby", requestId: "second" }]);
  expect(extendedInfo(run.state).requestIdInfos).toMatchObject({
    "start-request": { eventId: 1 },
    second: { eventId: 3, buffered: false },
  });
  run.expectConsistent();
});

const CALLBACK = Callback.create({
  variant: { case: "nexus", value: { url: "http://localhost/done" } },
});

test("there is a limit on callbacks attached to one run", () => {
  const run = new ScriptedRun({ callbacksMax: 1 });
  run.start({ completionCallbacks: [CALLBACK] });
  const attach = { kind: "updateOptions", identity: "me", attachedRequestId: "second" } as const;
  expect(() => run.do({ ...attach, completionCallbacks: [CALLBACK] })).toThrow(
    "cannot attach more than 1 callbacks to a workflow (1 callbacks already attached)",
  );
  run.do(attach);
  run.expectConsistent();
});

test("what is attached while a workflow task runs waits for its end", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.do({ kind: "updateOptions", identity: "me", attachedRequestId: "second" });
  expect(extendedInfo(run.state).requestIdInfos["second"]).toMatchObject({ buffered: true });
  run.expectConsistent();
  run.complete();
  expect(extendedInfo(run.state).requestIdInfos["second"]).toMatchObject({ eventId: 5, buffered: false });
  run.expectConsistent();
});

test("a new priority and a pinned version hold for the runs that follow", () => {
  const run = new ScriptedRun();
  run.start();
  const versioningOverride = {
    override: { case: "pinned", value: { behavior: 1, version: { deploymentName: "d", buildId: "b" } } },
    behavior: 0,
    deployment: undefined,
    pinnedVersion: "",
  } as const;
  const priority = { priorityKey: 1, fairnessKey: "", fairnessWeight: 0 };
  run.do({ kind: "updateOptions", identity: "me", priority, versioningOverride });
  run.run(command("continueAsNewWorkflowExecutionCommandAttributes", {}));
  expect(run.effectsOf("startRun")[0]?.request).toMatchObject({ priority, versioningOverride });
});

test("an override is taken away again", () => {
  const run = new ScriptedRun();
  run.start({ versioningOverride: { override: { case: "autoUpgrade", value: true } } });
  run.do({ kind: "updateOptions", identity: "me", versioningOverride: "unset" });
  expect(run.state.versioningOverride).toBeUndefined();
  run.run(completeRun);
  expect(() => run.do({ kind: "updateOptions", identity: "me" })).toThrow("workflow execution already completed");
});
