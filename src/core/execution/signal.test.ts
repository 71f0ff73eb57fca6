import { expect, test } from "vitest";
import { toDuration } from "./duration.ts";
import { completeRun, ScriptedRun } from "./scripted-run.test-support.ts";

test("a signal is recorded and wakes the workflow, once for each request id", () => {
  const run = new ScriptedRun();
  run.start();
  run.run();
  run.signal("go", { requestId: "r", input: { payloads: [{ data: new Uint8Array([1]) }] } });
  expect(run.types.slice(4)).toEqual(["WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_TASK_SCHEDULED"]);
  expect(run.last("workflowExecutionSignaledEventAttributes")).toMatchObject({ signalName: "go", requestId: "r" });
  expect(run.signal("go", { requestId: "r" })).toEqual({ duplicate: true });
  run.signal("go");
  run.signal("go");
  expect(run.types.filter((type) => type === "WORKFLOW_EXECUTION_SIGNALED")).toHaveLength(3);
  run.expectConsistent();
});

test("a closed run takes no signals, but knows those that it had", () => {
  const run = new ScriptedRun();
  run.start();
  run.signal("go", { requestId: "r" });
  run.run(completeRun);
  expect(() => run.signal()).toThrow("workflow execution already completed");
  expect(run.signal("go", { requestId: "r" })).toEqual({ duplicate: true });
});

test("a signal does not bring forward a first workflow task that has to wait", () => {
  const run = new ScriptedRun();
  run.start({ workflowStartDelay: toDuration(5000) });
  run.signal();
  expect(run.types).toEqual(["WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_SIGNALED"]);
  run.advance(5000).tick();
  expect(run.types.at(-1)).toBe("WORKFLOW_TASK_SCHEDULED");
});

test("after the workflow has tried to close in vain, signals are put off until its next task has ended", () => {
  const run = new ScriptedRun();
  run.start();
  run.poll();
  run.signal("first");
  expect(run.complete([completeRun]).error?.message).toBe("UnhandledCommand");
  run.poll();
  expect(() => run.signal("second")).toThrow("workflow operation can not be applied because workflow is closing");
  run.complete();
  run.signal("second");
  run.expectConsistent();
});

test("signals beyond the limits are refused", () => {
  const run = new ScriptedRun({ signalsMax: 1, blobSizeErrorBytes: 100 });
  run.start();
  expect(() => run.signal("big", { input: { payloads: [{ data: new Uint8Array(200) }] } })).toThrow(
    "Blob data size exceeds limit.",
  );
  run.signal();
  expect(() => run.signal()).toThrow("exceeded workflow execution limit for signal events");
  run.expectConsistent();
});

test("signal-with-start has the signal in history before the first workflow task", () => {
  const run = new ScriptedRun();
  run.start({}, { signal: { signalName: "go" } });
  expect(run.types).toEqual(["WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_TASK_SCHEDULED"]);
});
