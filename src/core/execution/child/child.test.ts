import { expect, test } from "vitest";
import {
  ParentClosePolicy,
  RetryState,
  StartChildWorkflowExecutionFailedCause,
  WorkflowExecutionStatus as Status,
} from "../../../proto/gen/enums.ts";
import type { RunClose } from "../contract.ts";
import { command, completeRun, ScriptedRun } from "../scripted-run.test-support.ts";
import { pendingChildren } from "../view.ts";

type Options = NonNullable<Parameters<typeof command<"startChildWorkflowExecutionCommandAttributes">>[1]>;

const startChild = (options: Options = {}): ReturnType<typeof command> =>
  command("startChildWorkflowExecutionCommandAttributes", {
    workflowId: "kid",
    workflowType: { name: "Child" },
    ...options,
  });

/** A run with a child, begun by event 5. */
function withChild(options: Options = {}): ScriptedRun {
  const run = new ScriptedRun();
  run.start({ priority: { priorityKey: 2, fairnessKey: "f" } });
  run.run(startChild(options));
  return run;
}

function started(run: ScriptedRun): ReturnType<ScriptedRun["do"]> {
  return run.do({ kind: "childStarted", initiatedEventId: 5, runId: "kid-run" });
}

function closed(run: ScriptedRun, close: Partial<RunClose>): ReturnType<ScriptedRun["do"]> {
  const whole = { status: Status.COMPLETED, retryState: 0, ...close };
  return run.do({ kind: "childClosed", initiatedEventId: 5, runId: "kid-run", close: whole });
}

test("a child is asked for with all that its parent gives it", () => {
  const run = withChild({ memo: { fields: { k: { data: new Uint8Array([1]) } } }, priority: { priorityKey: 4 } });
  expect(run.last("startChildWorkflowExecutionInitiatedEventAttributes")).toMatchObject({
    namespace: "default",
    namespaceId: "ns-id",
    workflowId: "kid",
    taskQueue: { name: "tq" },
    parentClosePolicy: ParentClosePolicy.TERMINATE,
    workflowTaskTimeout: { seconds: 10 },
    workflowTaskCompletedEventId: 4,
  });
  expect(run.effectsOf("startChild")).toMatchObject([
    {
      initiatedEventId: 5,
      namespace: "default",
      request: {
        workflowId: "kid",
        workflowType: { name: "Child" },
        taskQueue: { name: "tq" },
        requestId: "run-1:5:0",
        priority: { priorityKey: 4, fairnessKey: "f" },
      },
    },
  ]);
});

test("a child that has started is told of and pending until it closes", () => {
  const run = withChild();
  started(run);
  expect(run.last("childWorkflowExecutionStartedEventAttributes")).toMatchObject({
    initiatedEventId: 5,
    workflowExecution: { workflowId: "kid", runId: "kid-run" },
  });
  expect(pendingChildren(run.state)).toMatchObject([{ workflowId: "kid", runId: "kid-run", initiatedId: 5 }]);
  expect(started(run)).toEqual({ stale: true });
  closed(run, { result: { payloads: [] } });
  expect(run.last("childWorkflowExecutionCompletedEventAttributes")).toMatchObject({
    initiatedEventId: 5,
    startedEventId: 6,
    result: { payloads: [] },
  });
  expect(pendingChildren(run.state)).toEqual([]);
  expect(closed(run, {})).toEqual({ stale: true });
  run.expectConsistent();
});

test.each([
  [Status.FAILED, "CHILD_WORKFLOW_EXECUTION_FAILED"],
  [Status.CANCELED, "CHILD_WORKFLOW_EXECUTION_CANCELED"],
  [Status.TIMED_OUT, "CHILD_WORKFLOW_EXECUTION_TIMED_OUT"],
  [Status.TERMINATED, "CHILD_WORKFLOW_EXECUTION_TERMINATED"],
])("the parent hears how its child has closed", (status, type) => {
  const run = withChild();
  started(run);
  closed(run, { status, retryState: RetryState.MAXIMUM_ATTEMPTS_REACHED });
  expect(run.types).toContain(type);
});

test("a child that cannot be started is told of", () => {
  const run = withChild();
  const cause = StartChildWorkflowExecutionFailedCause.WORKFLOW_ALREADY_EXISTS;
  run.do({ kind: "childStartFailed", initiatedEventId: 5, cause });
  expect(run.last("startChildWorkflowExecutionFailedEventAttributes")).toMatchObject({ cause, workflowId: "kid" });
  expect(started(run)).toEqual({ stale: true });
  run.expectConsistent();
});

test("start and end of a child that wait together get their ids together", () => {
  const run = withChild();
  run.signal();
  run.poll();
  started(run);
  closed(run, {});
  run.expectConsistent();
  run.complete();
  const at = run.types.indexOf("CHILD_WORKFLOW_EXECUTION_STARTED") + 1;
  expect(run.last("childWorkflowExecutionCompletedEventAttributes").startedEventId).toBe(at);
  run.expectConsistent();
});

test("a start that waits in the buffer is numbered before the child's end comes", () => {
  const run = withChild();
  run.signal();
  run.poll();
  started(run);
  run.complete();
  closed(run, {});
  const at = run.types.indexOf("CHILD_WORKFLOW_EXECUTION_STARTED") + 1;
  expect(run.last("childWorkflowExecutionCompletedEventAttributes").startedEventId).toBe(at);
  run.expectConsistent();
});

test.each([
  [ParentClosePolicy.TERMINATE, 1],
  [ParentClosePolicy.REQUEST_CANCEL, 1],
  [ParentClosePolicy.ABANDON, 0],
] as const)("when the parent closes, its policy decides on running children", (parentClosePolicy, effects) => {
  const run = withChild({ parentClosePolicy });
  started(run);
  run.run(completeRun);
  const asked = run.effectsOf("closeChild");
  expect(asked).toHaveLength(effects);
  for (const effect of asked)
    expect(effect).toMatchObject({ policy: parentClosePolicy, execution: { workflowId: "kid", runId: "kid-run" } });
});

test.each([
  [{ workflowId: "" }, "Required field WorkflowId is not set on StartChildWorkflowExecutionCommand"],
  [{ workflowType: { name: "" } }, "Required field WorkflowType is not set on StartChildWorkflowExecutionCommand"],
  [{ cronSchedule: "never" }, "invalid CronSchedule on StartChildWorkflowExecutionCommand"],
])("a child that makes no sense fails the workflow task", (options, message) => {
  const run = new ScriptedRun();
  run.start();
  const reply = run.run(startChild(options));
  expect(reply.error?.message).toContain(message);
  expect(run.types.at(-1)).toBe("WORKFLOW_TASK_FAILED");
});

test("a namespace that nobody knows refuses the completion as a whole", () => {
  const run = new ScriptedRun();
  run.start();
  expect(() => run.run(startChild({ namespace: "elsewhere" }))).toThrow("Namespace elsewhere is not found.");
  expect(run.types.at(-1)).toBe("WORKFLOW_TASK_STARTED");
  run.expectConsistent();
});

test("there is a limit on children under way", () => {
  const run = new ScriptedRun({ pendingChildrenMax: 1 });
  run.start();
  const reply = run.run(startChild(), startChild({ workflowId: "other" }));
  expect(reply.error?.message).toContain("has reached the per-workflow limit of 1");
});

test("the last run of a chain tells the parent, those before do not", () => {
  const parent = {
    namespace: "default",
    namespaceId: "ns-id",
    execution: { workflowId: "up", runId: "up-run" },
    initiatedEventId: 9,
  };
  const run = new ScriptedRun();
  run.start({}, { origin: { parent } });
  run.run(command("continueAsNewWorkflowExecutionCommandAttributes", {}));
  expect(run.effectsOf("notifyParent")).toEqual([]);
  const [next] = run.effectsOf("startRun");
  expect(next?.origin.parent).toEqual(parent);
  const last = new ScriptedRun();
  last.start({}, { origin: { parent } });
  last.run(completeRun);
  expect(last.effectsOf("notifyParent")).toMatchObject([{ parent, close: { status: Status.COMPLETED } }]);
});
