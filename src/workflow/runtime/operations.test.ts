import { expect, test } from "vitest";
import { newCanceledFailure } from "../../core/replay/failures.ts";
import { WorkflowAlreadyStartedError } from "../../payload/already-started-error.ts";
import { TimeoutError } from "../../payload/failure-error.ts";
import { ChildWorkflowError } from "../../payload/operation-error.ts";
import * as workflow from "../../workflow.ts";
import {
  activityDone,
  initialize,
  kinds,
  only,
  payloads,
  signalJob,
  valueOf,
  WorkflowDriver,
} from "../../../test/support/workflow-driver.ts";
import type { ActivationJob } from "../../core/replay/activation.ts";
import { Failure } from "../../proto/gen/failure.ts";

const cancel: ActivationJob = { kind: "cancelWorkflow", reason: "" };
const fireTimer = (seq: number): ActivationJob => ({ kind: "fireTimer", seq });
const childStarted = (seq: number): ActivationJob => ({
  kind: "resolveChildWorkflowStart",
  seq,
  result: { status: "started", runId: "child-run" },
});

/** A workflow whose run method is the code of the test. */
function workflowOf(code: () => Promise<unknown>): WorkflowDriver {
  @workflow.defn({ name: "Test" })
  class Test {
    flag = false;
    @workflow.run
    async run(): Promise<unknown> {
      return code();
    }
    @workflow.signal
    set(): void {
      this.flag = true;
    }
  }
  return new WorkflowDriver(Test);
}

@workflow.defn({ name: "ChildType" })
class Child {
  @workflow.run
  async run(count: number): Promise<string> {
    return String(count);
  }
  @workflow.signal({ name: "wire-name" })
  poke(_by: string): void {
    // Never called here.
  }
}

test("timers carry a summary and are numbered from 1", async () => {
  const driver = workflowOf(async () => {
    await workflow.sleep("1.5s", { summary: "a while" });
    await workflow.sleep(0);
  });
  const first = only(await driver.start(), "startTimer");
  expect(first).toMatchObject({ seq: 1, durationMs: 1500 });
  expect(valueOf(first.userMetadata?.summary)).toBe("a while");
  expect(only(await driver.commands(fireTimer(1)), "startTimer")).toMatchObject({ seq: 2, durationMs: 1 });
});

test("a wait that a signal ends stops the timer of its timeout", async () => {
  const driver = workflowOf(async () => {
    await workflow.waitCondition(() => workflow.instance<{ flag: boolean }>().flag, {
      timeout: "1m",
      timeoutSummary: "limit",
    });
    return "met";
  });
  expect(only(await driver.start(), "startTimer")).toMatchObject({ durationMs: 60_000 });
  expect(kinds(await driver.commands(signalJob("set")))).toEqual(["cancelTimer", "completeWorkflow"]);
});

test("a wait that takes too long throws a timeout error, which fails the workflow as any error of the code's own", async () => {
  const driver = workflowOf(() => workflow.waitCondition(() => false, { timeout: 100 }));
  await driver.start();
  const { failure } = only(await driver.commands(fireTimer(1)), "failWorkflow");
  expect(failure).toMatchObject({
    message: "Condition was not met within 100 ms",
    failureInfo: { case: "applicationFailureInfo", value: { type: "TimeoutError" } },
  });
});

test("a wait of no time asks once, when all other code has had its turn, and starts no timer", async () => {
  const driver = workflowOf(async () => {
    let isSet = false;
    const met = workflow.waitCondition(() => isSet, { timeout: 0 }).then(() => "met");
    isSet = true;
    const unmet = workflow
      .waitCondition(() => false, { timeout: 0 })
      .catch((error: unknown) => (error as Error).message);
    return [await met, await unmet];
  });
  const { result } = only(await driver.start(), "completeWorkflow");
  expect(valueOf(result)).toEqual(["met", "Condition was not met within 0 ms"]);
});

test("when a signal and the timeout come together, the signal counts", async () => {
  const driver = workflowOf(async () => {
    await workflow.waitCondition(() => workflow.instance<{ flag: boolean }>().flag, { timeout: 100 });
    return "met";
  });
  await driver.start();
  expect(kinds(await driver.commands(fireTimer(1), signalJob("set")))).toEqual(["cancelTimer", "completeWorkflow"]);
});

test("a condition that throws or answers with a promise fails its own wait", async () => {
  const driver = workflowOf(async () => {
    const thrown: unknown = await workflow
      .waitCondition(() => {
        throw new TypeError("broken");
      })
      .catch((error: unknown) => error);
    const asynchronous: unknown = await workflow
      .waitCondition((async () => true) as never)
      .catch((error: unknown) => error);
    return [(thrown as Error).message, (asynchronous as Error).message];
  });
  const completed = only(await driver.start(), "completeWorkflow");
  expect(valueOf(completed.result)).toEqual(["broken", expect.stringContaining("answered with a promise") as string]);
});

test("an activity without a timeout is refused", async () => {
  const driver = workflowOf(() => workflow.executeActivity("work", {}));
  const completion = await driver.apply([initialize()]);
  expect(completion).toMatchObject({
    status: "failed",
    failure: { message: expect.stringContaining("neither startToCloseTimeout nor scheduleToCloseTimeout") as string },
  });
});

test("activities are called by name, with all their options", async () => {
  const driver = workflowOf(async () => {
    const calls = workflow.activities<{ work(a: number, b: string): Promise<string> }>({
      scheduleToCloseTimeout: "1h",
      taskQueue: "other",
      activityId: "mine",
      heartbeatTimeout: "10s",
      retryPolicy: { maximumAttempts: 3 },
      cancellationType: "abandon",
      summary: "some work",
      priority: { priorityKey: 2 },
    });
    return await calls.work(1, "b");
  });
  const command = only(await driver.start(), "scheduleActivity");
  expect(command).toMatchObject({
    taskQueue: "other",
    heartbeatTimeoutMs: 10_000,
    requestEagerExecution: false,
    useWorkflowBuildId: false,
    priority: { priorityKey: 2 },
  });
  expect(command.activity).toMatchObject({
    activityId: "mine",
    activityType: "work",
    retryPolicy: { maximumAttempts: 3 },
    cancellationType: "abandon",
  });
  expect(command.activity.arguments.map(valueOf)).toEqual([1, "b"]);
});

test("a local activity that backs off waits with a timer and is tried again under a new number", async () => {
  const driver = workflowOf(() =>
    workflow.executeLocalActivity<string>("work", { startToCloseTimeout: "1s", localRetryThreshold: "2s" }),
  );
  expect(only(await driver.start(), "scheduleLocalActivity")).toMatchObject({
    seq: 1,
    attempt: 1,
    localRetryThresholdMs: 2000,
    activity: { activityId: "1" },
  });
  const backoff: ActivationJob = {
    kind: "resolveActivity",
    seq: 1,
    isLocal: true,
    result: { status: "backoff", attempt: 4, backoffMs: 5000, originalScheduleTimeMs: 77 },
  };
  expect(only(await driver.commands(backoff), "startTimer")).toMatchObject({ seq: 1, durationMs: 5000 });
  expect(only(await driver.commands(fireTimer(1)), "scheduleLocalActivity")).toMatchObject({
    seq: 2,
    attempt: 4,
    originalScheduleTimeMs: 77,
    activity: { activityId: "2" },
  });
  expect(kinds(await driver.commands({ ...activityDone(2, "ok"), isLocal: true } as ActivationJob))).toEqual([
    "completeWorkflow",
  ]);
});

test("a local activity that is cancelled while it backs off stops its timer", async () => {
  const driver = workflowOf(() => workflow.executeLocalActivity("work", { startToCloseTimeout: "1s" }));
  await driver.start();
  await driver.commands({
    kind: "resolveActivity",
    seq: 1,
    isLocal: true,
    result: { status: "backoff", attempt: 2, backoffMs: 5000, originalScheduleTimeMs: 77 },
  });
  expect(kinds(await driver.commands(cancel))).toEqual(["cancelTimer", "cancelWorkflow"]);
});

test("a child workflow is started, signalled by its method's name, and gives its result", async () => {
  const driver = workflowOf(async () => {
    const handle = await workflow.startChildWorkflow(Child, {
      args: [7],
      id: "child-1",
      parentClosePolicy: "abandon",
      staticSummary: "a child",
    });
    await handle.signal("poke", "me");
    return [handle.workflowId, handle.firstExecutionRunId, await handle.result()];
  });
  const { child } = only(await driver.start(), "startChildWorkflow");
  expect(child).toMatchObject({
    workflowId: "child-1",
    workflowType: "ChildType",
    taskQueue: "queue",
    parentClosePolicy: 2,
    workflowIdReusePolicy: 1,
    cancellationType: "waitCancellationCompleted",
    inheritBuildId: true,
  });
  expect(child.input.map(valueOf)).toEqual([7]);
  expect(only(await driver.commands(childStarted(1)), "signalExternalWorkflow")).toMatchObject({
    seq: 1,
    target: { kind: "child", workflowId: "child-1" },
    signalName: "wire-name",
  });
  await driver.commands({ kind: "resolveSignalExternal", seq: 1 });
  const done = only(
    await driver.commands({
      kind: "resolveChildWorkflow",
      seq: 1,
      result: { status: "completed", result: payloads("seven")[0] },
    }),
    "completeWorkflow",
  );
  expect(valueOf(done.result)).toEqual(["child-1", "child-run", "seven"]);
});

test("a child without an id gets a random one that replay repeats", async () => {
  const code = (): Promise<unknown> => workflow.executeChildWorkflow("Other", {});
  const [first, second] = await Promise.all([workflowOf(code).start(), workflowOf(code).start()]);
  const id = only(first, "startChildWorkflow").child.workflowId;
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(only(second, "startChildWorkflow").child.workflowId).toBe(id);
});

test("a child whose id is taken, and a child that fails, throw errors that say so", async () => {
  const driver = workflowOf(async () => {
    const taken: unknown = await workflow
      .executeChildWorkflow("Other", { id: "taken" })
      .catch((error: unknown) => error);
    expect(taken).toBeInstanceOf(WorkflowAlreadyStartedError);
    const failed: unknown = await workflow
      .executeChildWorkflow("Other", { id: "failing" })
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ChildWorkflowError);
    return (failed as ChildWorkflowError).workflowId;
  });
  await driver.start();
  await driver.commands({
    kind: "resolveChildWorkflowStart",
    seq: 1,
    result: { status: "alreadyExists", workflowId: "taken", workflowType: "Other" },
  });
  await driver.commands(childStarted(2));
  const failure = Failure.create({
    message: "it failed",
    failureInfo: { case: "childWorkflowExecutionFailureInfo", value: { workflowExecution: { workflowId: "failing" } } },
    cause: { message: "why" },
  });
  const done = await driver.commands({ kind: "resolveChildWorkflow", seq: 2, result: { status: "failed", failure } });
  expect(valueOf(only(done, "completeWorkflow").result)).toBe("failing");
});

test("cancelling the workflow cancels its child once and waits for the child's end", async () => {
  const driver = workflowOf(() => workflow.executeChildWorkflow(Child, { args: [1], id: "child" }));
  await driver.start();
  await driver.commands(childStarted(1));
  expect(await driver.commands(cancel)).toEqual([{ kind: "cancelChildWorkflow", seq: 1, reason: "" }]);
  const failure = Failure.create({
    failureInfo: { case: "childWorkflowExecutionFailureInfo", value: {} },
    cause: newCanceledFailure(),
  });
  expect(
    kinds(await driver.commands({ kind: "resolveChildWorkflow", seq: 1, result: { status: "cancelled", failure } })),
  ).toEqual(["cancelWorkflow"]);
});

test("a workflow that is cancelled while its child starts does not wait for the start", async () => {
  const driver = workflowOf(() => workflow.executeChildWorkflow(Child, { args: [1], id: "child" }));
  await driver.start();
  expect(kinds(await driver.commands(cancel))).toEqual(["cancelChildWorkflow", "cancelWorkflow"]);
});

test("other workflows are signalled and cancelled by id", async () => {
  const driver = workflowOf(async () => {
    const handle = workflow.getExternalWorkflowHandleFor(Child, "other", { runId: "run" });
    await handle.signal("poke", "you");
    await handle.cancel("why not");
    const untyped = workflow.getExternalWorkflowHandle("third");
    const error: unknown = await untyped.signal("any", 1, 2).catch((reason: unknown) => reason);
    return (error as Error).message;
  });
  expect(only(await driver.start(), "signalExternalWorkflow")).toMatchObject({
    seq: 1,
    target: { kind: "external", namespace: "default", workflowId: "other", runId: "run" },
    signalName: "wire-name",
  });
  expect(only(await driver.commands({ kind: "resolveSignalExternal", seq: 1 }), "requestCancelExternal")).toMatchObject(
    { seq: 1, workflowId: "other", reason: "why not" },
  );
  expect(
    only(await driver.commands({ kind: "resolveCancelExternal", seq: 1 }), "signalExternalWorkflow"),
  ).toMatchObject({ seq: 2, target: { runId: "" } });
  const failure = Failure.create({
    message: "no such workflow",
    failureInfo: { case: "applicationFailureInfo", value: {} },
  });
  expect(
    valueOf(only(await driver.commands({ kind: "resolveSignalExternal", seq: 2, failure }), "completeWorkflow").result),
  ).toBe("no such workflow");
});

test("a Nexus operation starts, and gives its result", async () => {
  const driver = workflowOf(async () => {
    const client = workflow.createNexusClient({ endpoint: "endpoint", service: "service" });
    const handle = await client.startOperation<string>(
      "charge",
      { amount: 3 },
      { scheduleToCloseTimeout: "1m", cancellationType: "tryCancel" },
    );
    return [handle.operationToken, await handle.result()];
  });
  expect(only(await driver.start(), "scheduleNexusOperation")).toMatchObject({
    seq: 1,
    endpoint: "endpoint",
    service: "service",
    operation: "charge",
    scheduleToCloseTimeoutMs: 60_000,
    cancellationType: "tryCancel",
  });
  await driver.commands({
    kind: "resolveNexusOperationStart",
    seq: 1,
    result: { status: "startedAsync", operationToken: "token" },
  });
  const done = await driver.commands({
    kind: "resolveNexusOperation",
    seq: 1,
    result: { status: "completed", result: payloads("paid")[0] },
  });
  expect(valueOf(only(done, "completeWorkflow").result)).toEqual(["token", "paid"]);
});

test("promises are taken as they end, and waited for without throwing", async () => {
  const driver = workflowOf(async () => {
    const slow = workflow.sleep(300).then(() => "slow");
    const quick = workflow.sleep(100).then(() => "quick");
    const order: string[] = [];
    for await (const name of workflow.asCompleted([slow, quick])) order.push(name);
    const failing = Promise.reject(new TypeError("no"));
    const endless = workflow.waitCondition(() => false);
    const { done, pending } = await workflow.wait([endless, failing], { returnWhen: "firstException" });
    const limited = await workflow.wait([endless], { timeout: 50 });
    const late: unknown = await workflow
      .asCompleted([endless], { timeout: 50 })
      .next()
      .catch((error: unknown) => error);
    expect(late).toBeInstanceOf(TimeoutError);
    return [...order, done.length, pending.length, limited.pending.length];
  });
  await driver.start();
  await driver.commands(fireTimer(2));
  await driver.commands(fireTimer(1));
  await driver.commands(fireTimer(3));
  expect(valueOf(only(await driver.commands(fireTimer(4)), "completeWorkflow").result)).toEqual([
    "quick",
    "slow",
    1,
    1,
    1,
  ]);
});
