import { expect, test } from "vitest";
import * as workflow from "../workflow.ts";
import {
  activityDone,
  initialize,
  kinds,
  only,
  queryJob,
  signalJob,
  valueOf,
  WorkflowDriver,
} from "../../test/support/workflow-driver.ts";

async function greet(greeting: string, name: string): Promise<string> {
  return `${greeting}, ${name}`;
}

@workflow.defn()
class SayHello {
  #greeting = "Hello";

  @workflow.run
  async run(name: string): Promise<string> {
    return workflow.executeActivity(greet, { args: [this.#greeting, name], startToCloseTimeout: "5s" });
  }

  @workflow.signal
  setGreeting(greeting: string): void {
    this.#greeting = greeting;
  }

  @workflow.query({ name: "current-greeting" })
  greeting(): string {
    return this.#greeting;
  }
}

test("schedules an activity and completes with its result", async () => {
  const driver = new WorkflowDriver(SayHello);
  const scheduled = only(await driver.start("World"), "scheduleActivity");
  expect(scheduled).toMatchObject({
    seq: 1,
    taskQueue: "queue",
    requestEagerExecution: true,
    useWorkflowBuildId: true,
  });
  expect(scheduled.activity).toMatchObject({
    activityId: "1",
    activityType: "greet",
    startToCloseTimeoutMs: 5000,
    cancellationType: "tryCancel",
  });
  expect(scheduled.activity.arguments.map(valueOf)).toEqual(["Hello", "World"]);
  const completed = only(await driver.commands(activityDone(1, "Hello, World")), "completeWorkflow");
  expect(valueOf(completed.result)).toBe("Hello, World");
});

test("handles signals of the first activation before the run method begins", async () => {
  const driver = new WorkflowDriver(SayHello);
  const scheduled = only(
    await driver.commands(initialize(["World"]), signalJob("setGreeting", "Hi")),
    "scheduleActivity",
  );
  expect(scheduled.activity.arguments.map(valueOf)).toEqual(["Hi", "World"]);
});

test("answers queries by name on the wire", async () => {
  const driver = new WorkflowDriver(SayHello);
  await driver.start("World");
  await driver.commands(signalJob("setGreeting", "Hi"));
  expect(await driver.query("current-greeting")).toBe("Hi");
  const completion = await driver.apply([queryJob("nothing")]);
  expect(completion).toMatchObject({ commands: [{ kind: "respondToQuery", result: { status: "failed" } }] });
  expect(kinds(await driver.commands(activityDone(1, "done")))).toEqual(["completeWorkflow"]);
});
