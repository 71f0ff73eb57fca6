import { expect, test } from "vitest";
import { ApplicationError } from "../../payload/failure-error.ts";
import type { RawValue } from "../../payload/payload-converter.ts";
import * as workflow from "../../workflow.ts";
import {
  initialize,
  kinds,
  only,
  payloads,
  queryJob,
  signalJob,
  updateJob,
  valueOf,
  WorkflowDriver,
} from "../../../test/support/workflow-driver.ts";
import type { ActivationJob } from "../../core/replay/activation.ts";

const fireTimer = (seq: number): ActivationJob => ({ kind: "fireTimer", seq });

@workflow.defn()
class Counter {
  count = 0;
  done = false;

  @workflow.run
  async run(): Promise<number> {
    await workflow.waitCondition(() => this.done);
    await workflow.waitCondition(workflow.allHandlersFinished);
    return this.count;
  }

  @workflow.signal
  finish(): void {
    this.done = true;
  }

  @workflow.signal
  fail(type: string): void {
    if (type === "application") throw new ApplicationError("on purpose", { type: "Purpose" });
    throw new TypeError("by mistake");
  }

  @workflow.update
  async add(by: number): Promise<number> {
    await workflow.sleep(100);
    this.count += by;
    return this.count;
  }

  @workflow.validator<Counter, "add">("add")
  checkAdd(by: number): void {
    if (by < 0) throw new Error("negative");
    if (by === 99) this.count = 99;
    if (by === 98) void workflow.sleep(1);
  }

  @workflow.update
  refuse(kind: string): void {
    if (kind === "application") throw new ApplicationError("refused");
    throw new TypeError("by mistake");
  }

  @workflow.update
  who(): unknown {
    return workflow.currentUpdateInfo();
  }

  @workflow.query
  total(): number {
    return this.count;
  }

  @workflow.query
  cheat(): number {
    void workflow.sleep(100);
    return 1;
  }
}

test("an update is accepted, waits, and completes with its result", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  const accepted = await driver.commands(updateJob("add", [5]));
  expect(accepted).toMatchObject([
    { kind: "updateResponse", protocolInstanceId: "add-instance", response: { status: "accepted" } },
    { kind: "startTimer" },
  ]);
  const [completed] = await driver.commands(fireTimer(1));
  expect(completed).toMatchObject({ kind: "updateResponse", response: { status: "completed" } });
  expect(await driver.query("total")).toBe(5);
});

test("what a validator throws refuses the update, whatever it is", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  const response = only(await driver.commands(updateJob("add", [-1])), "updateResponse");
  expect(response).toMatchObject({ response: { status: "rejected", failure: { message: "negative" } } });
  expect(await driver.query("total")).toBe(0);
});

test("in replay the validator is not asked again", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  expect(kinds(await driver.commands(updateJob("add", [-1], false)))).toEqual(["updateResponse", "startTimer"]);
});

test("a validator that issues commands fails the workflow task", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  const completion = await driver.apply([updateJob("add", [98])]);
  expect(completion).toMatchObject({
    status: "failed",
    failure: { failureInfo: { value: { type: "ReadOnlyContextError" } } },
  });
});

test("an update handler's failure is the update's, but a mistake fails the workflow task", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  expect(await driver.commands(updateJob("refuse", ["application"]))).toMatchObject([
    { response: { status: "accepted" } },
    { response: { status: "failed", failure: { message: "refused" } } },
  ]);
  expect(await driver.apply([updateJob("refuse", ["mistake"])])).toMatchObject({
    status: "failed",
    failure: { message: "by mistake" },
  });
});

test("an update that nobody handles is refused with the names of those there are", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  const response = only(await driver.commands(updateJob("nothing")), "updateResponse");
  expect(response).toMatchObject({
    response: {
      status: "rejected",
      failure: {
        message:
          "Update handler for 'nothing' expected but not found, and there is no dynamic handler. known updates: [add refuse who]",
      },
    },
  });
});

test("handlers know which update they handle", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  const [, completed] = await driver.commands(updateJob("who"));
  expect(completed).toMatchObject({
    response: { status: "completed", result: payloads({ id: "who-id", name: "who" })[0] },
  });
});

test("a workflow can wait for its handlers to finish", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  expect(kinds(await driver.commands(updateJob("add", [1]), signalJob("finish")))).toEqual([
    "updateResponse",
    "startTimer",
  ]);
  expect(kinds(await driver.commands(fireTimer(1)))).toEqual(["updateResponse", "completeWorkflow"]);
  expect(driver.logs).toEqual([]);
});

test("a workflow that ends while a handler runs leaves a warning, unless the handler says that is fine", async () => {
  @workflow.defn()
  class Hasty {
    done = false;
    @workflow.run
    async run(): Promise<void> {
      await workflow.waitCondition(() => this.done);
    }
    @workflow.signal
    async slow(): Promise<void> {
      this.done = true;
      await workflow.sleep("1h");
    }
    @workflow.signal({ unfinishedPolicy: "abandon" })
    async careless(): Promise<void> {
      this.done = true;
      await workflow.sleep("1h");
    }
  }
  const driver = new WorkflowDriver(Hasty);
  await driver.start();
  await driver.commands(signalJob("slow"));
  expect(driver.logs).toMatchObject([{ level: "warn", attributes: { handlers: [{ name: "slow" }] } }]);
  const other = new WorkflowDriver(Hasty);
  await other.start();
  await other.commands(signalJob("careless"));
  expect(other.logs).toEqual([]);
});

test("a signal handler's failure fails the workflow, but a mistake only the workflow task", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  expect(await driver.apply([signalJob("fail", "mistake")])).toMatchObject({
    status: "failed",
    failure: { message: "by mistake" },
  });
  const other = new WorkflowDriver(Counter);
  await other.start();
  const failed = only(await other.commands(signalJob("fail", "application")), "failWorkflow");
  expect(failed.failure).toMatchObject({ message: "on purpose", failureInfo: { value: { type: "Purpose" } } });
});

test("a signal whose arguments cannot be read is dropped with a line in the log", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  const broken: ActivationJob = {
    kind: "signalWorkflow",
    signalName: "finish",
    input: [{ metadata: {}, data: new Uint8Array(3), externalPayloads: [] }],
    headers: {},
    identity: "",
    eventId: 0,
  };
  expect(await driver.commands(broken)).toEqual([]);
  expect(driver.logs).toMatchObject([
    { level: "error", message: 'Dropping signal "finish": its arguments cannot be read' },
  ]);
});

test("a query that issues commands is answered with an error and changes nothing", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  const completion = await driver.apply([queryJob("cheat"), queryJob("total")]);
  expect(completion).toMatchObject({
    commands: [
      {
        kind: "respondToQuery",
        result: { status: "failed", failure: { message: expect.stringContaining("Cannot sleep") as string } },
      },
      { kind: "respondToQuery", result: { status: "succeeded" } },
    ],
  });
});

test("signals without a handler wait for one, in their order", async () => {
  @workflow.defn()
  class Late {
    @workflow.run
    async run(): Promise<string[]> {
      const got: string[] = [];
      await workflow.sleep(100);
      workflow.setSignalHandler("late", (text: string) => void got.push(text));
      workflow.setDynamicSignalHandler(
        (name: string, args: RawValue[]) =>
          void got.push(`${name} ${args.map(({ payload }) => valueOf(payload)).join()}`),
      );
      await workflow.waitCondition(() => got.length === 3);
      return got;
    }
  }
  const driver = new WorkflowDriver(Late);
  await driver.commands(initialize(), signalJob("other", 1, 2), signalJob("late", "a"), signalJob("late", "b"));
  expect(valueOf(only(await driver.commands(fireTimer(1)), "completeWorkflow").result)).toEqual([
    "a",
    "b",
    "other 1,2",
  ]);
});

test("an update may be handled by what the run method sets in the same workflow task", async () => {
  @workflow.defn()
  class Late {
    @workflow.run
    async run(): Promise<void> {
      await Promise.resolve();
      workflow.setUpdateHandler("late", (by: number) => by + 1, {
        validator: (by: number) => {
          if (by === 0) throw new Error("zero");
        },
      });
      await workflow.waitCondition(() => false);
    }
  }
  const driver = new WorkflowDriver(Late);
  expect(await driver.commands(initialize(), updateJob("late", [1]))).toMatchObject([
    { response: { status: "accepted" } },
    { response: { status: "completed" } },
  ]);
  expect(await driver.commands(updateJob("late", [0]))).toMatchObject([{ response: { status: "rejected" } }]);
});

test("handlers can be read, replaced and taken away at run time", async () => {
  @workflow.defn()
  class Changing {
    @workflow.run
    async run(): Promise<unknown> {
      const original = workflow.getQueryHandler("answer")?.();
      workflow.setQueryHandler("answer", () => 2);
      const replaced = workflow.getQueryHandler("answer")?.();
      workflow.setSignalHandler("go", undefined);
      const seen = [original, replaced, workflow.getSignalHandler("go"), workflow.getDynamicUpdateHandler()];
      await workflow.waitCondition(() => false);
      return seen;
    }
    @workflow.query
    answer(): number {
      return 1;
    }
    @workflow.signal
    go(): void {
      // Taken away.
    }
  }
  const driver = new WorkflowDriver(Changing);
  await driver.start();
  expect(await driver.query("answer")).toBe(2);
});

test("dynamic handlers and workflows get unconverted arguments", async () => {
  @workflow.defn({ dynamic: true })
  class Anything {
    seen: unknown[] = [];
    @workflow.run
    async run(args: RawValue[]): Promise<unknown> {
      this.seen.push(workflow.info().workflowType, ...args.map(({ payload }) => valueOf(payload)));
      await workflow.sleep(100);
      return this.seen;
    }
    @workflow.query({ dynamic: true })
    ask(name: string, args: RawValue[]): unknown {
      return [name, ...args.map(({ payload }) => valueOf(payload))];
    }
  }
  const driver = new WorkflowDriver(Anything);
  await driver.commands(initialize(["a", 1], { workflowType: "Whatever" }));
  expect(await driver.query("colour", "red")).toEqual(["colour", "red"]);
  expect(valueOf(only(await driver.commands(fireTimer(1)), "completeWorkflow").result)).toEqual(["Whatever", "a", 1]);
});

test("a dynamic workflow's config and an init method come before any handler", async () => {
  const order: string[] = [];
  @workflow.defn({ dynamic: true })
  class Configured {
    @workflow.dynamicConfig
    settings(): workflow.DynamicWorkflowConfig {
      order.push("config");
      return { versioningBehavior: "autoUpgrade", failureExceptionTypes: [TypeError] };
    }
    @workflow.init
    prepare(_args: unknown[]): void {
      order.push("init");
    }
    @workflow.run
    async run(_args: unknown[]): Promise<void> {
      order.push("run");
      throw new TypeError("fails the workflow");
    }
    @workflow.signal
    early(): void {
      order.push("signal");
    }
  }
  const driver = new WorkflowDriver(Configured);
  const completion = await driver.apply([initialize(), signalJob("early")]);
  expect(order).toEqual(["init", "config", "signal", "run"]);
  expect(completion).toMatchObject({
    status: "completed",
    versioningBehavior: 2,
    commands: [{ kind: "failWorkflow" }],
  });
});

test("every workflow answers where it waits and what it can be asked", async () => {
  const driver = new WorkflowDriver(Counter);
  await driver.start();
  expect(await driver.query("__stack_trace")).toContain("messages.test.ts");
  expect(await driver.query("__enhanced_stack_trace")).toMatchObject({
    sdk: { name: "perdure" },
    stacks: [{ locations: expect.any(Array) as unknown[] }],
  });
  const metadata = (await driver.query("__temporal_workflow_metadata")) as {
    definition: { signalDefinitions: { name: string }[] };
  };
  expect(metadata.definition.signalDefinitions.map(({ name }) => name)).toEqual(["fail", "finish"]);
});
