/**
 * The official TypeScript SDK's test environments, with our programs in the place of the servers that they start.
 *
 * environments.mjs TEST_SERVER DEV_SERVER
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";
import { TestWorkflowEnvironment } from "@temporalio/testing";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";

const [testServer, devServer] = process.argv.slice(2);
const YEAR_MS = 365 * 24 * 3_600_000;
const MARGIN_MS = 120_000;
const taskQueue = "environments";
const customer = defineSearchAttributeKey("Customer", SearchAttributeType.KEYWORD);
Runtime.install({ logger: new DefaultLogger("ERROR") });

async function within(environment, use, activities = {}) {
  try {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      namespace: environment.namespace ?? "default",
      taskQueue,
      workflowsPath: fileURLToPath(new URL("./environment-workflows.mjs", import.meta.url)),
      activities: { greet: async (greeting, name) => `${greeting}, ${name}!`, ...activities },
    });
    await worker.runUntil(() => use(environment));
  } finally {
    await environment.teardown();
  }
}

async function passed(environment, use) {
  const before = await environment.currentTimeMs();
  await use();
  return (await environment.currentTimeMs()) - before;
}

async function skipTime(environment) {
  const { workflow } = environment.client;
  const asleep = { taskQueue, args: [YEAR_MS, "World"] };
  const year = await passed(environment, async () => {
    assert.equal(await workflow.execute("GreetLater", { workflowId: "year", ...asleep }), "Hello, World!");
  });
  assert(year >= YEAR_MS && year < YEAR_MS + MARGIN_MS, `${year} ms have passed`);
  const handle = await workflow.start("GreetLater", { workflowId: "by-hand", ...asleep });
  const still = await passed(environment, () => handle.query("awake"));
  assert(still < MARGIN_MS, `${still} ms have passed although nobody asked for it`);
  const half = await passed(environment, () => environment.sleep(YEAR_MS / 2));
  assert(half >= YEAR_MS / 2 && half < YEAR_MS / 2 + MARGIN_MS, `${half} ms have passed`);
  assert.equal(await handle.query("awake"), false);
  await environment.sleep(YEAR_MS / 2);
  assert.equal(await handle.result(), "Hello, World!");
  // The activity lets time pass beyond its own timeout, by the same environment.
  const error = await workflow.execute("GreetLater", { workflowId: "late", taskQueue, args: [1, "late"] }).then(
    () => assert.fail("an activity took longer than it may"),
    (reason) => reason,
  );
  assert.equal(error.cause?.cause?.timeoutType, "START_TO_CLOSE");
}

async function runLocally(environment) {
  const { workflow } = environment.client;
  assert.equal(environment.namespace, "of-its-own");
  const handle = await workflow.start("GreetLater", {
    workflowId: "short",
    taskQueue,
    args: [5, "World"],
    typedSearchAttributes: [{ key: customer, value: "one" }],
  });
  assert.equal(await handle.result(), "Hello, World!");
  assert.equal((await handle.describe()).typedSearchAttributes.get(customer), "one");
}

const skipping = await TestWorkflowEnvironment.createTimeSkipping({
  server: { executable: { type: "existing-path", path: testServer } },
});
await within(skipping, skipTime, {
  greet: async (greeting, name) => {
    if (name === "late") await skipping.sleep("1h");
    return `${greeting}, ${name}!`;
  },
});
const local = await TestWorkflowEnvironment.createLocal({
  server: {
    executable: { type: "existing-path", path: devServer },
    namespace: "of-its-own",
    searchAttributes: [customer],
  },
});
await within(local, runLocally);
console.log("ok");
