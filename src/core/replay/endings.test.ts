import { expect, test } from "vitest";
import type { ActivationJob, WorkflowCommand } from "./activation.ts";
import { newFailure } from "./failures.ts";
import { commands, drive, newRun, TestHistory } from "./history.test-support.ts";

/** What the code learns of something it started, when these events follow. */
function learn(command: WorkflowCommand, follow: (history: TestHistory) => void): readonly ActivationJob[] {
  const history = new TestHistory().start();
  history.complete();
  follow(history);
  const run = newRun();
  run.feed(history.task().toTask());
  const { activations, outcome } = drive(run, [command]);
  expect(outcome?.kind).toBe("completed");
  return activations.slice(1).flatMap(({ jobs }) => jobs);
}

const activity = (history: TestHistory) =>
  history.add("activityTaskScheduled", { activityId: "1", activityType: { name: "act" } });
const child = (history: TestHistory) =>
  history.add("startChildWorkflowExecutionInitiated", { workflowId: "child-1", workflowType: { name: "child" } });
const startedChild = (history: TestHistory) => {
  child(history);
  history.add("childWorkflowExecutionStarted", {
    initiatedEventId: 5,
    workflowExecution: { workflowId: "child-1", runId: "child-run" },
  });
};
const payload = { metadata: {}, data: Uint8Array.of(1), externalPayloads: [] };

test("an activity's result is the one payload that it returned, or none", () => {
  const end = (result: { readonly payloads: readonly (typeof payload)[] } | undefined) =>
    learn(commands.activity(1), (history) => {
      activity(history);
      history.add("activityTaskStarted", { scheduledEventId: 5 });
      history.add("activityTaskCompleted", { scheduledEventId: 5, result });
    });
  expect(end({ payloads: [payload] })).toEqual([
    { kind: "resolveActivity", seq: 1, isLocal: false, result: { status: "completed", result: payload } },
  ]);
  expect(end(undefined)).toEqual([
    { kind: "resolveActivity", seq: 1, isLocal: false, result: { status: "completed", result: undefined } },
  ]);
});

test("an activity's failure says which activity, which attempt's events and who ran it", () => {
  const failure = newFailure("boom");
  const jobs = learn(commands.activity(1), (history) => {
    activity(history);
    history.add("activityTaskStarted", { scheduledEventId: 5 });
    history.add("activityTaskFailed", {
      scheduledEventId: 5,
      startedEventId: 6,
      identity: "worker",
      retryState: 5,
      failure,
    });
  });
  expect(jobs).toMatchObject([
    {
      result: {
        status: "failed",
        failure: {
          message: "Activity task failed",
          cause: failure,
          failureInfo: {
            value: { scheduledEventId: 5, startedEventId: 6, identity: "worker", activityId: "1", retryState: 5 },
          },
        },
      },
    },
  ]);
});

test.each(["scheduled", "started"])("an activity that times out when %s", (when) => {
  const jobs = learn(commands.activity(1), (history) => {
    activity(history);
    if (when === "started") history.add("activityTaskStarted", { scheduledEventId: 5 });
    history.add("activityTaskTimedOut", { scheduledEventId: 5, failure: newFailure("late") });
  });
  expect(jobs).toMatchObject([
    { result: { status: "failed", failure: { message: "Activity task timed out", cause: { message: "late" } } } },
  ]);
});

test.each([
  [
    "failed",
    "childWorkflowExecutionFailed",
    { initiatedEventId: 5, failure: newFailure("boom") },
    "failed",
    "Child Workflow execution failed",
    "boom",
  ],
  [
    "timed out",
    "childWorkflowExecutionTimedOut",
    { initiatedEventId: 5 },
    "failed",
    "Child Workflow execution timed out",
    "Timed out",
  ],
  [
    "was terminated",
    "childWorkflowExecutionTerminated",
    { initiatedEventId: 5 },
    "failed",
    "Child Workflow execution terminated",
    "Terminated",
  ],
  [
    "was cancelled",
    "childWorkflowExecutionCanceled",
    { initiatedEventId: 5 },
    "cancelled",
    "Child Workflow execution cancelled",
    "",
  ],
] as const)("a child workflow that %s", (_, event, attributes, status, message, cause) => {
  const jobs = learn(commands.child(1), (history) => {
    startedChild(history);
    history.add(event, attributes);
  });
  expect(jobs).toMatchObject([
    { kind: "resolveChildWorkflowStart", result: { status: "started", runId: "child-run" } },
    {
      kind: "resolveChildWorkflow",
      result: {
        status,
        failure: {
          message,
          cause: { message: cause },
          failureInfo: {
            value: {
              workflowExecution: { workflowId: "child-1", runId: "child-run" },
              initiatedEventId: 5,
              startedEventId: 6,
            },
          },
        },
      },
    },
  ]);
});

test.each([
  [1, { status: "alreadyExists", workflowId: "child-1", workflowType: "child" }],
  [
    2,
    {
      status: "cancelled",
      failure: {
        message: "Child Workflow execution could not start",
        cause: { message: 'Cannot start child workflow "child-1": namespace "default" was not found' },
      },
    },
  ],
] as const)("a child workflow that could not start because of cause %i", (cause, result) => {
  const jobs = learn(commands.child(1), (history) => {
    child(history);
    history.add("startChildWorkflowExecutionFailed", { initiatedEventId: 5, cause });
  });
  expect(jobs).toMatchObject([{ kind: "resolveChildWorkflowStart", seq: 1, result }]);
});

test.each([
  ["failed", "nexusOperationFailed", "failed"],
  ["was cancelled", "nexusOperationCanceled", "cancelled"],
  ["timed out", "nexusOperationTimedOut", "timedOut"],
] as const)("a Nexus operation that %s, before and after it was seen to start", (_, event, status) => {
  const failure = newFailure("boom");
  const end = (isStarted: boolean) =>
    learn(commands.nexus(1), (history) => {
      history.add("nexusOperationScheduled");
      if (isStarted) history.add("nexusOperationStarted", { scheduledEventId: 5, operationToken: "token" });
      history.add(event, { scheduledEventId: 5, failure });
    });
  expect(end(false)).toEqual([{ kind: "resolveNexusOperationStart", seq: 1, result: { status: "failed", failure } }]);
  expect(end(true)).toEqual([
    { kind: "resolveNexusOperationStart", seq: 1, result: { status: "startedAsync", operationToken: "token" } },
    { kind: "resolveNexusOperation", seq: 1, result: { status, failure } },
  ]);
});

test("signals and cancellations of other workflows are answered", () => {
  const signaled = learn(commands.signal(1), (history) => {
    history.add("signalExternalWorkflowExecutionInitiated");
    history.add("externalWorkflowExecutionSignaled", { initiatedEventId: 5 });
  });
  expect(signaled).toEqual([{ kind: "resolveSignalExternal", seq: 1, failure: undefined }]);
  const request: WorkflowCommand = {
    kind: "requestCancelExternal",
    seq: 1,
    namespace: "default",
    workflowId: "other",
    runId: "",
    reason: "why",
  };
  const cancel = (follow: (history: TestHistory) => void) =>
    learn(request, (history) => {
      history.add("requestCancelExternalWorkflowExecutionInitiated");
      follow(history);
    });
  expect(cancel((history) => history.add("externalWorkflowExecutionCancelRequested", { initiatedEventId: 5 }))).toEqual(
    [{ kind: "resolveCancelExternal", seq: 1, failure: undefined }],
  );
  expect(
    cancel((history) => history.add("requestCancelExternalWorkflowExecutionFailed", { initiatedEventId: 5, cause: 1 })),
  ).toMatchObject([
    {
      kind: "resolveCancelExternal",
      seq: 1,
      failure: {
        message: "Unable to cancel external workflow because not found",
        failureInfo: { value: { type: "ExternalWorkflowExecutionNotFound" } },
      },
    },
  ]);
});

test("a memo's change is recorded and nothing comes back", () => {
  expect(
    learn({ kind: "modifyProperties", upsertedMemo: { note: payload } }, (history) =>
      history.add("workflowPropertiesModified"),
    ),
  ).toEqual([]);
});
