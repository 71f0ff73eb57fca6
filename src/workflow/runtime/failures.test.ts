import { expect, test } from "vitest";
import { NondeterminismError } from "../../core/errors.ts";
import { ApplicationError } from "../../payload/failure-error.ts";
import { WorkflowTaskFailedCause } from "../../proto/gen/enums.ts";
import * as workflow from "../../workflow.ts";
import type { FailureType } from "../definition.ts";
import { initialize, kinds, only, WorkflowDriver } from "../../../test/support/workflow-driver.ts";
import { reportUnhandledRejection } from "./unhandled-rejection.ts";

/** A workflow that throws. */
function failingWith(
  error: unknown,
  types: readonly FailureType[] = [],
  workerTypes: readonly FailureType[] = [],
): WorkflowDriver {
  @workflow.defn({ name: "Failing", failureExceptionTypes: types })
  class Failing {
    @workflow.run
    async run(): Promise<void> {
      await workflow.waitCondition(() => true);
      throw error;
    }
  }
  return new WorkflowDriver(Failing, { failureExceptionTypes: workerTypes });
}

test("a failure fails the workflow, any other error only the workflow task", async () => {
  const { failure } = only(await failingWith(new ApplicationError("no", { type: "No" })).start(), "failWorkflow");
  expect(failure).toMatchObject({
    message: "no",
    failureInfo: { case: "applicationFailureInfo", value: { type: "No" } },
  });
  const completion = await failingWith(new TypeError("oops")).apply([initialize()]);
  expect(completion).toMatchObject({
    status: "failed",
    cause: WorkflowTaskFailedCause.WORKFLOW_WORKER_UNHANDLED_FAILURE,
    failure: { message: "oops", failureInfo: { value: { type: "TypeError" } } },
  });
});

test("a workflow or a worker may name errors that fail the workflow, by class or by name", async () => {
  class OwnError extends Error {}
  class Derived extends OwnError {}
  expect(kinds(await failingWith(new Derived("x"), [OwnError]).start())).toEqual(["failWorkflow"]);
  expect(kinds(await failingWith(new Derived("x"), [], [OwnError]).start())).toEqual(["failWorkflow"]);
  expect(kinds(await failingWith(new Derived("x"), ["OwnError"]).start())).toEqual(["failWorkflow"]);
  expect(kinds(await failingWith(new RangeError("x"), [Error]).start())).toEqual(["failWorkflow"]);
  expect((await failingWith(new Error("x"), [RangeError]).apply([initialize()])).status).toBe("failed");
});

test("nondeterminism is told by its own cause", async () => {
  const completion = await failingWith(new NondeterminismError("differs")).apply([initialize()]);
  expect(completion).toMatchObject({ status: "failed", cause: WorkflowTaskFailedCause.NON_DETERMINISTIC_ERROR });
});

test("a constructor that throws, and arguments that cannot be read, fail the workflow task", async () => {
  @workflow.defn()
  class Broken {
    field = Broken.create();
    static create(): number {
      throw new RangeError("no field");
    }
    @workflow.run
    async run(): Promise<void> {
      // Never reached.
    }
  }
  expect(await new WorkflowDriver(Broken).apply([initialize()])).toMatchObject({
    status: "failed",
    failure: { message: "no field" },
  });
  const unreadable = initialize([], { arguments: [{ metadata: {}, data: new Uint8Array([1]), externalPayloads: [] }] });
  expect(await failingWith("never").apply([unreadable])).toMatchObject({
    status: "failed",
    failure: { failureInfo: { value: { type: "PayloadConversionError" } } },
  });
});

test("a result that cannot be converted fails the workflow task", async () => {
  @workflow.defn()
  class Unsendable {
    @workflow.run
    async run(): Promise<unknown> {
      return { count: 1n };
    }
  }
  expect(await new WorkflowDriver(Unsendable).apply([initialize()])).toMatchObject({
    status: "failed",
    failure: { message: expect.stringContaining("bigint") as string },
  });
});

test("the first end counts", async () => {
  @workflow.defn()
  class Twice {
    @workflow.run
    async run(): Promise<string> {
      return "done";
    }
    @workflow.signal
    async late(): Promise<void> {
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      throw new ApplicationError("too late");
    }
  }
  const driver = new WorkflowDriver(Twice);
  const commands = await driver.commands(initialize(), {
    kind: "signalWorkflow",
    signalName: "late",
    input: [],
    headers: {},
    identity: "",
    eventId: 0,
  });
  expect(commands).toHaveLength(1);
});

test("a promise that was rejected for nobody fails the run's next workflow task", async () => {
  @workflow.defn()
  class Careless {
    @workflow.run
    async run(): Promise<void> {
      await workflow.sleep(1000);
    }
  }
  const driver = new WorkflowDriver(Careless);
  let frame: unknown;
  const { context } = driver.host;
  const original = context.run.bind(context);
  Object.assign(driver.host, {
    context: {
      getStore: () => context.getStore(),
      run: <T>(value: unknown, code: () => T): T => original((frame = value), code),
    },
  });
  await driver.start();
  expect(reportUnhandledRejection(undefined, new Error("elsewhere"))).toBe(false);
  expect(reportUnhandledRejection(frame, new TypeError("nobody waited"))).toBe(true);
  expect(driver.logs).toMatchObject([
    {
      level: "error",
      message: "A promise was rejected for which nobody waits, the workflow's next task fails",
      attributes: { reason: "nobody waited" },
    },
  ]);
  expect(await driver.apply([{ kind: "fireTimer", seq: 1 }])).toMatchObject({
    status: "failed",
    failure: { message: "nobody waited" },
  });
});
