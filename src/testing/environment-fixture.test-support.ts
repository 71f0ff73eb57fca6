import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { ScheduleActionStartWorkflow } from "../client.ts";
import { SearchAttributeKey } from "../common.ts";
import { silentLogger } from "../core/telemetry/logger.ts";
import { Runtime, Worker, type ActivitySource } from "../worker/index.ts";
import * as activities from "./activities.test-support.ts";
import { Caller, Race, Sleeper } from "./environment.workflows.ts";
import { WorkflowEnvironment } from "./workflow-environment.ts";

/** Where the fixture that this version wrote is kept. */
export const fixtureUrl = new URL("./fixtures/environment-1.snapshot", import.meta.url);

/** A worker of the workflows that are under test, on a queue named "q". */
export function startWorker({ client }: WorkflowEnvironment, own: ActivitySource = activities): Promise<Worker> {
  return Worker.create(client, {
    taskQueue: "q",
    workflows: [Caller, Race, Sleeper],
    activities: own,
    runtime: new Runtime({ logger: silentLogger }),
  });
}

/**
 * An environment in the middle of things: "sleeper" has slept two of ten days, "waiting" has started where no worker polls,
 * "done" has ended, "race" is in an activity that its worker will not end, and "daily" is a schedule with starts to come.
 */
export async function prepareEnvironment(): Promise<WorkflowEnvironment> {
  const environment = await WorkflowEnvironment.startTimeSkipping({
    searchAttributes: [SearchAttributeKey.forKeyword("Customer")],
  });
  const { client } = environment;
  const taken = new AbortController();
  const worker = await startWorker(environment, {
    slow: (): Promise<never> => {
      taken.abort();
      return new Promise(() => undefined);
    },
    flaky: activities.flaky,
  });
  await client.executeWorkflow(Sleeper, { args: [0], id: "done", taskQueue: "q" });
  await client.startWorkflow(Sleeper, { args: [10], id: "sleeper", taskQueue: "q" });
  const action = new ScheduleActionStartWorkflow(Sleeper, { args: [0], id: "daily", taskQueue: "q" });
  await client.createSchedule("daily", { action, spec: { intervals: [{ every: "1d" }] } });
  await environment.sleep("60 hours");
  const isTaken = once(taken.signal, "abort");
  await client.startWorkflow(Race, { id: "race", taskQueue: "q" });
  await isTaken;
  await client.startWorkflow(Sleeper, { args: [1], id: "waiting", taskQueue: "elsewhere" });
  // It has an activity that never ends, so that nobody waits for it.
  void worker.shutdown();
  return environment;
}

/** Writes the fixture anew, as it is only done when the format of snapshots gets a new version. */
export async function writeFixture(): Promise<void> {
  await using environment = await prepareEnvironment();
  await writeFile(fixtureUrl, await environment.snapshot());
}
