import { expect, test } from "vitest";
import * as workflow from "../../workflow.ts";
import type { ActivationJob } from "../../core/replay/activation.ts";
import { initialize, kinds, only, queryJob, valueOf, WorkflowDriver } from "../../../test/support/workflow-driver.ts";
import { workflowGlobals } from "./globals.ts";

const globals = workflowGlobals();
const fireTimer = (seq: number): ActivationJob => ({ kind: "fireTimer", seq });

/** A workflow whose run method, and query, are the code of the test. */
function workflowOf(code: () => Promise<unknown>, ask: () => unknown = () => undefined): WorkflowDriver {
  @workflow.defn({ name: "Test" })
  class Test {
    @workflow.run
    async run(): Promise<unknown> {
      return code();
    }
    @workflow.query
    ask(): unknown {
      return ask();
    }
  }
  return new WorkflowDriver(Test);
}

test("outside of a workflow they say so", () => {
  expect(() => globals.now()).toThrow("does not run in a workflow");
  expect(() => globals.random()).toThrow("does not run in a workflow");
  expect(() => globals.setTimeout(() => undefined)).toThrow("does not run in a workflow");
});

test("the clock and the dice are the workflow's", async () => {
  const draw = async (): Promise<unknown> => [
    globals.now(),
    globals.elapsed(),
    globals.random(),
    globals.randomUUID(),
    [...globals.getRandomValues(new Uint8Array(5))],
  ];
  const [first, second] = [await workflowOf(draw).start(), await workflowOf(draw).start()];
  expect(first).toEqual(second);
  expect((valueOf(only(first, "completeWorkflow").result) as unknown[]).slice(0, 2)).toEqual([1_001_000, 1_000_000]);
});

test("timeouts are timers of the workflow, and can be cleared", async () => {
  const driver = workflowOf(async () => {
    const seen: unknown[] = [];
    globals.setTimeout((...args) => void seen.push(args), 100, "a", 1);
    globals.clearTimeout(globals.setTimeout(() => void seen.push("cleared"), 200));
    await workflow.waitCondition(() => seen.length > 0);
    return seen;
  });
  expect(kinds(await driver.start())).toEqual(["startTimer", "startTimer", "cancelTimer"]);
  expect(valueOf(only(await driver.commands(fireTimer(1)), "completeWorkflow").result)).toEqual([["a", 1]]);
});

test("intervals go on until they are cleared", async () => {
  const driver = workflowOf(async () => {
    let rounds = 0;
    const id = globals.setInterval(() => {
      rounds++;
      if (rounds === 2) globals.clearInterval(id);
    }, 100);
    await workflow.waitCondition(() => rounds === 2);
    return rounds;
  });
  await driver.start();
  expect(kinds(await driver.commands(fireTimer(1)))).toEqual(["startTimer"]);
  expect(kinds(await driver.commands(fireTimer(2)))).toEqual(["startTimer", "cancelTimer", "completeWorkflow"]);
});

test("a callback keeps the scope in which it was set, and what it throws is the workflow's", async () => {
  const driver = workflowOf(async () => {
    const scope = new workflow.CancellationScope();
    let found: unknown;
    await scope.run(async () => void globals.setTimeout(() => (found = workflow.CancellationScope.current())));
    await workflow.waitCondition(() => found !== undefined);
    globals.setTimeout(() => {
      throw new TypeError("in a callback");
    });
    await workflow.waitCondition(() => false);
    return found === scope;
  });
  await driver.start();
  await driver.commands(fireTimer(1));
  expect(await driver.apply([fireTimer(2)])).toMatchObject({ status: "failed", failure: { message: "in a callback" } });
});

test("microtasks and the console work, the console not in replay", async () => {
  const code = async (): Promise<unknown> => {
    const order: number[] = [];
    globals.queueMicrotask(() => void order.push(1));
    order.push(0);
    await Promise.resolve();
    globals.console.log("text", { a: 1 }, 2);
    return order;
  };
  const driver = workflowOf(code);
  expect(valueOf(only(await driver.start(), "completeWorkflow").result)).toEqual([0, 1]);
  expect(driver.logs).toMatchObject([
    { level: "info", message: 'text {"a":1} 2', attributes: { workflowId: "workflow-id" } },
  ]);
  const replayed = workflowOf(code);
  await replayed.apply([initialize()], { isReplaying: true });
  expect(replayed.logs).toEqual([]);
});

test("a query may draw random numbers without moving the workflow's own", async () => {
  const driver = workflowOf(
    async () => {
      const before = globals.random();
      await workflow.sleep(1);
      return [before, globals.random()];
    },
    () => globals.random(),
  );
  await driver.start();
  await driver.commands(queryJob("ask"));
  const asked = only(await driver.commands(fireTimer(1)), "completeWorkflow").result;
  const other = workflowOf(async () => [globals.random(), globals.random()]);
  expect(valueOf(asked)).toEqual(valueOf(only(await other.start(), "completeWorkflow").result));
});
