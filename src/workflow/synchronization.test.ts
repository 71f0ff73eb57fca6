import { expect, test } from "vitest";
import * as workflow from "../workflow.ts";
import { only, valueOf, WorkflowDriver } from "../../test/support/workflow-driver.ts";
import type { ActivationJob } from "../core/replay/activation.ts";

const fireTimer = (seq: number): ActivationJob => ({ kind: "fireTimer", seq });

/** A workflow whose run method is the code of the test. */
function workflowOf(code: () => Promise<unknown>): WorkflowDriver {
  @workflow.defn({ name: "Test" })
  class Test {
    @workflow.run
    async run(): Promise<unknown> {
      return code();
    }
  }
  return new WorkflowDriver(Test);
}

test("a lock lets one in at a time, in the order in which they came", async () => {
  const driver = workflowOf(async () => {
    const lock = new workflow.Lock();
    const order: string[] = [];
    const work = (name: string): Promise<void> =>
      lock.run(async () => {
        order.push(`${name} in`);
        await workflow.sleep(100);
        order.push(`${name} out`);
      });
    await Promise.all([work("a"), work("b")]);
    expect(() => lock.release()).toThrow("nobody holds it");
    return order;
  });
  await driver.start();
  await driver.commands(fireTimer(1));
  expect(valueOf(only(await driver.commands(fireTimer(2)), "completeWorkflow").result)).toEqual([
    "a in",
    "a out",
    "b in",
    "b out",
  ]);
});

test("one that is cancelled in line leaves it without a permit", async () => {
  const driver = workflowOf(async () => {
    const semaphore = new workflow.Semaphore(1);
    await semaphore.acquire();
    const scope = new workflow.CancellationScope();
    const inLine = scope.run(() => semaphore.acquire()).catch((error: unknown) => (error as Error).name);
    scope.cancel();
    const outcome = await inLine;
    semaphore.release();
    return [outcome, semaphore.isLocked];
  });
  expect(valueOf(only(await driver.start(), "completeWorkflow").result)).toEqual(["CancelledError", false]);
});

test("an event wakes all who wait, and a queue hands items over in their order", async () => {
  const driver = workflowOf(async () => {
    const event = new workflow.Event();
    const queue = new workflow.Queue<number>(1);
    const woken = Promise.all([event.wait(), event.wait()]);
    const taken = (async () => [await queue.get(), await queue.get(), await queue.get()])();
    const given = (async () => {
      for (const item of [1, 2, 3]) await queue.put(item);
    })();
    event.set();
    await woken;
    await event.wait();
    await given;
    return [await taken, queue.isEmpty, queue.tryGet(), queue.tryPut(4), queue.tryPut(5)];
  });
  expect(valueOf(only(await driver.start(), "completeWorkflow").result)).toEqual([[1, 2, 3], true, null, true, false]);
});

test("a deferred promise may fail for nobody", async () => {
  const driver = workflowOf(async () => {
    const deferred = workflow.createDeferred<string>();
    workflow.createDeferred().reject(new TypeError("nobody waits"));
    void workflow.sleep(1).then(() => deferred.resolve("ended"));
    return await deferred.promise;
  });
  await driver.start();
  expect(valueOf(only(await driver.commands(fireTimer(1)), "completeWorkflow").result)).toBe("ended");
});
