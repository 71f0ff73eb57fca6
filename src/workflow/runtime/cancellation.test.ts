import { expect, test } from "vitest";
import { CancelledError, TimeoutError } from "../../payload/failure-error.ts";
import { newActivityFailure, newCanceledFailure } from "../../core/replay/failures.ts";
import * as workflow from "../../workflow.ts";
import {
  activityDone,
  initialize,
  kinds,
  only,
  signalJob,
  valueOf,
  WorkflowDriver,
} from "../../../test/support/workflow-driver.ts";
import type { ActivationJob } from "../../core/replay/activation.ts";

const cancel: ActivationJob = { kind: "cancelWorkflow", reason: "enough" };
const fireTimer = (seq: number): ActivationJob => ({ kind: "fireTimer", seq });

function activityCancelled(seq: number): ActivationJob {
  const failure = newActivityFailure(
    "Activity cancelled",
    { activityId: String(seq), activityType: "work", retryState: 7 },
    newCanceledFailure("Cancelled"),
  );
  return { kind: "resolveActivity", seq, isLocal: false, result: { status: "cancelled", failure } };
}

/** A workflow whose run method is the code of the test. */
function workflowOf(code: () => Promise<unknown>): WorkflowDriver {
  @workflow.defn({ name: "Test" })
  class Test {
    @workflow.run
    async run(): Promise<unknown> {
      return code();
    }
    @workflow.signal
    async slow(): Promise<void> {
      await workflow.sleep("1h");
    }
  }
  return new WorkflowDriver(Test);
}

test("a cancelled workflow's timer is stopped and the workflow ends as cancelled", async () => {
  const driver = workflowOf(() => workflow.sleep("1h"));
  expect(only(await driver.start(), "startTimer")).toMatchObject({ seq: 1, durationMs: 3_600_000 });
  expect(kinds(await driver.commands(cancel))).toEqual(["cancelTimer", "cancelWorkflow"]);
});

test("cancellation reaches a waiting workflow once, and a clean-up after it runs as usual", async () => {
  const driver = workflowOf(async () => {
    try {
      await workflow.sleep("1h");
    } catch (error) {
      expect(error).toBeInstanceOf(CancelledError);
      expect(workflow.cancellationReason()).toBe("enough");
      return await workflow.executeActivity("cleanUp", { startToCloseTimeout: "1m" });
    }
    return undefined;
  });
  await driver.start();
  expect(kinds(await driver.commands(cancel))).toEqual(["cancelTimer", "scheduleActivity"]);
  expect(valueOf(only(await driver.commands(activityDone(1, "clean")), "completeWorkflow").result)).toBe("clean");
});

test("a workflow that lets its clean-up's end rethrow the cancellation ends as cancelled", async () => {
  const driver = workflowOf(async () => {
    try {
      await workflow.waitCondition(() => false);
    } finally {
      await workflow.sleep(10);
    }
  });
  await driver.start();
  expect(kinds(await driver.commands(cancel))).toEqual(["startTimer"]);
  expect(kinds(await driver.commands(fireTimer(1)))).toEqual(["cancelWorkflow"]);
});

test("an activity is asked to stop and says itself how it ended", async () => {
  const driver = workflowOf(() => workflow.executeActivity("work", { startToCloseTimeout: "1m" }));
  await driver.start();
  expect(kinds(await driver.commands(cancel))).toEqual(["requestCancelActivity"]);
  expect(kinds(await driver.commands(activityCancelled(1)))).toEqual(["cancelWorkflow"]);
});

test("a cancellation that comes with the start is delivered to the first wait", async () => {
  const driver = workflowOf(async () => {
    await Promise.resolve();
    await workflow.sleep("1h");
  });
  expect(kinds(await driver.commands(initialize(), cancel))).toEqual(["cancelWorkflow"]);
});

test("handlers go on when the workflow is cancelled", async () => {
  const driver = workflowOf(() => workflow.sleep("2h"));
  await driver.start();
  await driver.commands(signalJob("slow"));
  const commands = await driver.commands(cancel);
  expect(commands).toEqual([{ kind: "cancelTimer", seq: 1 }, { kind: "cancelWorkflow" }]);
});

test("a scope cancels what runs in it, also what it starts later, and nothing else", async () => {
  const driver = workflowOf(async () => {
    const scope = new workflow.CancellationScope();
    const inside = scope.run(async () => {
      await Promise.resolve();
      await workflow.sleep("1h");
    });
    const outside = workflow.sleep(500);
    await workflow.sleep(100);
    scope.cancel("not needed");
    const error: unknown = await inside.catch((reason: unknown) => reason);
    await outside;
    return [(error as Error).message, scope.isCancelRequested, workflow.CancellationScope.current().isCancelRequested];
  });
  await driver.start();
  expect(kinds(await driver.commands(fireTimer(2)))).toEqual(["cancelTimer"]);
  expect(valueOf(only(await driver.commands(fireTimer(1)), "completeWorkflow").result)).toEqual([
    "not needed",
    true,
    false,
  ]);
});

test("what is not cancellable waits for its end while the workflow around it is cancelled", async () => {
  const driver = workflowOf(async () => {
    const kept = await workflow.CancellationScope.nonCancellable(async () => {
      await workflow.sleep(100);
      return "kept";
    });
    await workflow.sleep(200);
    return kept;
  });
  await driver.start();
  expect(await driver.commands(cancel)).toEqual([]);
  expect(kinds(await driver.commands(fireTimer(1)))).toEqual(["cancelWorkflow"]);
});

test("shield tells its caller of the cancellation at once while the code goes on", async () => {
  let isDone = false;
  const driver = workflowOf(async () => {
    const outcome = await workflow
      .shield(async () => {
        await workflow.sleep(100);
        isDone = true;
      })
      .catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(CancelledError);
    await workflow.sleep(200);
    return isDone;
  });
  await driver.start();
  expect(kinds(await driver.commands(cancel))).toEqual(["startTimer"]);
  expect(await driver.commands(fireTimer(1))).toEqual([]);
  expect(valueOf(only(await driver.commands(fireTimer(2)), "completeWorkflow").result)).toBe(true);
});

test("a scope with a timeout throws a timeout error, and stops its timer when it is done in time", async () => {
  const driver = workflowOf(async () => {
    const error: unknown = await workflow.CancellationScope.withTimeout(100, () => workflow.sleep("1h")).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TimeoutError);
    return await workflow.CancellationScope.withTimeout(100, async () => "in time");
  });
  await driver.start();
  const commands = await driver.commands(fireTimer(1));
  expect(kinds(commands)).toEqual(["cancelTimer", "startTimer", "cancelTimer", "completeWorkflow"]);
});

test("a scope's abort signal aborts with it", async () => {
  const driver = workflowOf(() =>
    workflow.CancellationScope.cancellable(async (scope) => {
      const { signal } = scope;
      await workflow.sleep("1h").catch(() => undefined);
      return signal.aborted && signal.reason instanceof CancelledError;
    }),
  );
  await driver.start();
  const commands = await driver.commands(cancel);
  expect(kinds(commands)).toEqual(["cancelTimer", "completeWorkflow"]);
  expect(commands[1]).toMatchObject({ kind: "completeWorkflow" });
});

test("one activity of several is cancelled by its handle", async () => {
  const driver = workflowOf(async () => {
    const first = workflow.startActivity<string>("one", { startToCloseTimeout: "1m" });
    const second = workflow.startActivity<string>("two", { startToCloseTimeout: "1m" });
    first.cancel();
    first.cancel();
    const error: unknown = await first.catch((reason: unknown) => reason);
    return [(error as Error).name, await second, first.activityId];
  });
  expect(await driver.start()).toMatchObject([
    { kind: "scheduleActivity", seq: 1 },
    { kind: "scheduleActivity", seq: 2 },
    { kind: "requestCancelActivity", seq: 1 },
  ]);
  await driver.commands(activityCancelled(1));
  expect(valueOf(only(await driver.commands(activityDone(2, "b")), "completeWorkflow").result)).toEqual([
    "ActivityError",
    "b",
    "1",
  ]);
});

test("an activity that fails while nobody waits for it disturbs nothing", async () => {
  const driver = workflowOf(async () => {
    void workflow.startActivity("one", { startToCloseTimeout: "1m" });
    await workflow.sleep(100);
    return "fine";
  });
  await driver.start();
  await driver.commands(activityCancelled(1));
  expect(kinds(await driver.commands(fireTimer(1)))).toEqual(["completeWorkflow"]);
});
