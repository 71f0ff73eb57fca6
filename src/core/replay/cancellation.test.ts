import { expect, test } from "vitest";
import type { ActivationJob, ActivityCancellation, ChildCancellation, WorkflowCommand } from "./activation.ts";
import { newFailure } from "./failures.ts";
import { commands, drive, newRun, TestHistory, toCompletion } from "./history.test-support.ts";

type Step = (history: TestHistory) => void;

/**
 * Starts something in a first task, cancels it in a second, and lets events follow. Says what the code learns of it
 * live, which it must learn again when all of it is replayed, and which commands the cancellation sends.
 */
function cancelAfter(
  first: WorkflowCommand,
  cancel: WorkflowCommand,
  events: { readonly started: Step; readonly cancelRecorded?: Step; readonly after: Step },
) {
  const history = new TestHistory().start();
  const run = newRun();
  run.feed(history.toTask());
  drive(run, [first]);
  let from = history.complete();
  events.started(history);
  history.add("workflowExecutionSignaled", { signalName: "cancel" });
  run.feed(history.task().toTask({ from }));
  const second = drive(run, [cancel]);
  const sent = toCompletion(second.outcome).commands.map(({ attributes }) => attributes?.case);
  from = history.complete();
  events.cancelRecorded?.(history);
  events.after(history);
  history.add("workflowExecutionSignaled", { signalName: "end" });
  run.feed(history.task().toTask({ from }));
  const third = drive(run);
  toCompletion(third.outcome);

  const learned = [...second.activations, ...third.activations].map(({ jobs }) => jobs);
  const replayed = newRun();
  replayed.feed(history.toTask());
  const all = drive(replayed, [first], [cancel]);
  toCompletion(all.outcome);
  expect(all.activations.slice(1).map(({ jobs }) => jobs)).toEqual(learned);
  return { sent, jobs: learned.flat().filter(({ kind }) => kind !== "signalWorkflow") };
}

function statusOf(job: ActivationJob): string {
  return `${job.kind} ${"result" in job ? job.result.status : ""}`;
}

test.each<[ActivityCancellation, readonly string[], readonly string[]]>([
  ["tryCancel", ["requestCancelActivityTaskCommandAttributes"], ["resolveActivity cancelled"]],
  ["waitCancellationCompleted", ["requestCancelActivityTaskCommandAttributes"], ["resolveActivity completed"]],
  ["abandon", [], ["resolveActivity cancelled"]],
])("an activity that completes although it was cancelled with %s", (cancellationType, sent, jobs) => {
  const outcome = cancelAfter(commands.activity(1, { cancellationType }), commands.cancelActivity(1), {
    started: (history) => {
      history.add("activityTaskScheduled", { activityId: "1", activityType: { name: "act" } });
      history.add("activityTaskStarted", { scheduledEventId: 5 });
    },
    ...(sent.length > 0 && {
      cancelRecorded: (history) => history.add("activityTaskCancelRequested", { scheduledEventId: 5 }),
    }),
    after: (history) => history.add("activityTaskCompleted", { scheduledEventId: 5 }),
  });
  expect(outcome.sent).toEqual(sent);
  expect(outcome.jobs.map(statusOf)).toEqual(jobs);
});

test.each<[ActivityCancellation, readonly string[]]>([
  ["waitCancellationCompleted", ["resolveActivity failed"]],
  ["tryCancel", ["resolveActivity cancelled"]],
])("an activity that times out after it was cancelled with %s", (cancellationType, jobs) => {
  const outcome = cancelAfter(commands.activity(1, { cancellationType }), commands.cancelActivity(1), {
    started: (history) => history.add("activityTaskScheduled", { activityId: "1", activityType: { name: "act" } }),
    cancelRecorded: (history) => history.add("activityTaskCancelRequested", { scheduledEventId: 5 }),
    after: (history) => history.add("activityTaskTimedOut", { scheduledEventId: 5 }),
  });
  expect(outcome.jobs.map(statusOf)).toEqual(jobs);
});

test("an activity's cancellation says what the activity said of it", () => {
  const details = { payloads: [{ metadata: {}, data: Uint8Array.of(1), externalPayloads: [] }] };
  const { jobs } = cancelAfter(
    commands.activity(1, { cancellationType: "waitCancellationCompleted" }),
    commands.cancelActivity(1),
    {
      started: (history) => history.add("activityTaskScheduled", { activityId: "1", activityType: { name: "act" } }),
      cancelRecorded: (history) => history.add("activityTaskCancelRequested", { scheduledEventId: 5 }),
      after: (history) => history.add("activityTaskCanceled", { scheduledEventId: 5, identity: "worker", details }),
    },
  );
  expect(jobs).toMatchObject([
    {
      result: {
        status: "cancelled",
        failure: {
          message: "Activity cancelled",
          failureInfo: {
            value: { identity: "worker", activityId: "1", activityType: { name: "act" }, scheduledEventId: 5 },
          },
          cause: { failureInfo: { case: "canceledFailureInfo", value: { details } } },
        },
      },
    },
  ]);
});

test.each<[ChildCancellation, readonly string[], readonly string[]]>([
  [
    "tryCancel",
    ["requestCancelExternalWorkflowExecutionCommandAttributes"],
    ["resolveChildWorkflowStart started", "resolveChildWorkflow cancelled"],
  ],
  [
    "waitCancellationCompleted",
    ["requestCancelExternalWorkflowExecutionCommandAttributes"],
    ["resolveChildWorkflowStart started", "resolveChildWorkflow completed"],
  ],
  [
    "waitCancellationRequested",
    ["requestCancelExternalWorkflowExecutionCommandAttributes"],
    ["resolveChildWorkflowStart started", "resolveChildWorkflow completed"],
  ],
  ["abandon", [], ["resolveChildWorkflowStart started", "resolveChildWorkflow cancelled"]],
])("a child workflow that completes although it was cancelled with %s", (cancellationType, sent, jobs) => {
  const outcome = cancelAfter(commands.child(1, { cancellationType }), commands.cancelChild(1), {
    started: (history) => {
      history.add("startChildWorkflowExecutionInitiated", { workflowId: "child-1", workflowType: { name: "child" } });
      history.add("childWorkflowExecutionStarted", {
        initiatedEventId: 5,
        workflowExecution: { workflowId: "child-1", runId: "child-run" },
      });
    },
    ...(sent.length > 0 && {
      cancelRecorded: (history) => {
        const initiatedEventId = history.add("requestCancelExternalWorkflowExecutionInitiated", {
          workflowExecution: { workflowId: "child-1" },
          childWorkflowOnly: true,
        });
        history.add("externalWorkflowExecutionCancelRequested", { initiatedEventId });
      },
    }),
    after: (history) => history.add("childWorkflowExecutionCompleted", { initiatedEventId: 5 }),
  });
  expect(outcome.sent).toEqual(sent);
  expect(outcome.jobs.map(statusOf)).toEqual(jobs);
});

test.each<[ChildCancellation, readonly string[]]>([
  ["tryCancel", ["resolveChildWorkflowStart cancelled"]],
  ["abandon", ["resolveChildWorkflowStart cancelled"]],
  ["waitCancellationCompleted", ["resolveChildWorkflowStart started", "resolveChildWorkflow cancelled"]],
])("a child workflow that had not started when it was cancelled with %s", (cancellationType, jobs) => {
  const outcome = cancelAfter(commands.child(1, { cancellationType }), commands.cancelChild(1), {
    started: (history) =>
      history.add("startChildWorkflowExecutionInitiated", { workflowId: "child-1", workflowType: { name: "child" } }),
    ...(cancellationType !== "abandon" && {
      cancelRecorded: (history) =>
        history.add("requestCancelExternalWorkflowExecutionInitiated", {
          workflowExecution: { workflowId: "child-1" },
          childWorkflowOnly: true,
        }),
    }),
    after: (history) => {
      history.add("childWorkflowExecutionStarted", {
        initiatedEventId: 5,
        workflowExecution: { workflowId: "child-1", runId: "child-run" },
      });
      history.add("childWorkflowExecutionCanceled", { initiatedEventId: 5 });
    },
  });
  expect(outcome.jobs.map(statusOf)).toEqual(jobs);
});

test.each<[ChildCancellation, boolean, readonly string[]]>([
  ["tryCancel", true, ["resolveNexusOperationStart startedAsync", "resolveNexusOperation cancelled"]],
  ["abandon", true, ["resolveNexusOperationStart startedAsync", "resolveNexusOperation cancelled"]],
  ["waitCancellationRequested", true, ["resolveNexusOperationStart startedAsync", "resolveNexusOperation cancelled"]],
  ["waitCancellationCompleted", true, ["resolveNexusOperationStart startedAsync", "resolveNexusOperation completed"]],
  ["tryCancel", false, ["resolveNexusOperationStart failed"]],
  ["abandon", false, ["resolveNexusOperationStart failed"]],
  ["waitCancellationCompleted", false, ["resolveNexusOperationStart startedSync", "resolveNexusOperation completed"]],
])(
  "a Nexus operation that completes although it was cancelled with %s (started: %s)",
  (cancellationType, isStarted, jobs) => {
    const outcome = cancelAfter(commands.nexus(1, cancellationType), commands.cancelNexus(1), {
      started: (history) => {
        history.add("nexusOperationScheduled", { endpoint: "end", service: "svc", operation: "op" });
        if (isStarted) history.add("nexusOperationStarted", { scheduledEventId: 5, operationToken: "token" });
      },
      ...(cancellationType !== "abandon" && {
        cancelRecorded: (history) => history.add("nexusOperationCancelRequested", { scheduledEventId: 5 }),
      }),
      after: (history) => {
        if (cancellationType !== "abandon")
          history.add("nexusOperationCancelRequestCompleted", { scheduledEventId: 5 });
        history.add("nexusOperationCompleted", { scheduledEventId: 5 });
      },
    });
    expect(outcome.sent).toEqual(
      cancellationType === "abandon" ? [] : ["requestCancelNexusOperationCommandAttributes"],
    );
    expect(outcome.jobs.map(statusOf)).toEqual(jobs);
  },
);

test("a Nexus cancellation that the handler refuses fails the operation for code that waits for it", () => {
  const { jobs } = cancelAfter(commands.nexus(1, "waitCancellationRequested"), commands.cancelNexus(1), {
    started: (history) => {
      history.add("nexusOperationScheduled");
      history.add("nexusOperationStarted", { scheduledEventId: 5, operationToken: "token" });
    },
    cancelRecorded: (history) => history.add("nexusOperationCancelRequested", { scheduledEventId: 5 }),
    after: (history) =>
      history.add("nexusOperationCancelRequestFailed", { scheduledEventId: 5, failure: newFailure("no") }),
  });
  expect(jobs[1]).toMatchObject({
    result: {
      status: "failed",
      failure: {
        message: "Nexus operation cancellation request failed",
        cause: { message: "no" },
        failureInfo: { value: { endpoint: "end", operationToken: "token" } },
      },
    },
  });
});

test("a timer that was cancelled says nothing, and a signal on its way cannot be cancelled", () => {
  const timer = cancelAfter(commands.timer(1), commands.cancelTimer(1), {
    started: (history) => history.add("timerStarted", { timerId: "1" }),
    cancelRecorded: (history) => history.add("timerCanceled", { timerId: "1", startedEventId: 5 }),
    after: () => {},
  });
  expect(timer).toEqual({ sent: ["cancelTimerCommandAttributes"], jobs: [] });
  const signal = cancelAfter(commands.signal(1), commands.cancelSignal(1), {
    started: (history) => history.add("signalExternalWorkflowExecutionInitiated"),
    after: (history) => history.add("signalExternalWorkflowExecutionFailed", { initiatedEventId: 5, cause: 1 }),
  });
  expect(signal.sent).toEqual([]);
  expect(signal.jobs).toMatchObject([
    {
      kind: "resolveSignalExternal",
      seq: 1,
      failure: { message: "Unable to signal external workflow because it was not found" },
    },
  ]);
});
