import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { silentLogger } from "../core/telemetry/logger.ts";
import { Runtime } from "../worker/index.ts";
import type * as realActivities from "./activities.test-support.ts";
import { Caller, Claim, Sleeper } from "./environment.workflows.ts";
import { mockActivities } from "./mock-activities.ts";
import { environmentFixture, withEnvironment, type TestSetup } from "./test-environment.ts";

const DAY_MS = 86_400_000;

vi.setConfig({ testTimeout: 30_000 });

const mocks = mockActivities<typeof realActivities>({ slow: () => "mock", flaky: (attempt) => attempt });

function setup(): TestSetup {
  return {
    worker: {
      workflows: [Caller, Claim, Sleeper],
      activities: mocks.activities,
      runtime: new Runtime({ logger: silentLogger }),
    },
  };
}

const extended = test.extend({ world: environmentFixture(setup) });

extended("a fixture gives each test an environment with a worker: first", async ({ world: { client, taskQueue } }) => {
  expect(await client.executeWorkflow(Caller, { id: "only", taskQueue })).toEqual(["mock", 3]);
});

extended("a fixture gives each test an environment with a worker: second", async ({ world: { client, taskQueue } }) => {
  expect((await client.countWorkflows()).count).toBe(0);
  expect(await client.executeWorkflow(Caller, { id: "only", taskQueue })).toEqual(["mock", 3]);
});

test(
  "a test function gets an environment that skips time, and what its runner gives it",
  withEnvironment(
    setup,
    async ({ client, environment, taskQueue }, context: { readonly task: { readonly name: string } }) => {
      expect(context.task.name).toMatch(/^a test function gets/);
      expect(environment.supportsTimeSkipping).toBe(true);
      expect(await client.executeWorkflow(Sleeper, { args: [30], id: "month", taskQueue })).toBeGreaterThan(DAY_MS);
    },
  ),
);

test(
  "an environment without a worker has the time of the world if that is asked for",
  withEnvironment({ timeSkipping: false }, ({ environment }) => {
    expect(environment.supportsTimeSkipping).toBe(false);
  }),
);

test("fake timers of the test runner stop neither server nor worker", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  await withEnvironment(setup, async ({ client, taskQueue }) => {
    expect(await client.executeWorkflow(Caller, { id: "faked", taskQueue })).toEqual(["mock", 3]);
    expect(await client.executeWorkflow(Sleeper, { args: [30], id: "month", taskQueue })).toBeGreaterThan(DAY_MS);
    const failed = client.executeWorkflow(Claim, { args: [false], id: "claim", taskQueue });
    await expect(failed).rejects.toMatchObject({ cause: { message: "expected 1 to be 2" } });
  })();
});

test("the tests of node:test have environments of their own, and fake timers that do not matter", async () => {
  const folder = await mkdtemp(join(tmpdir(), "perdure-node-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "sleeper.test.mjs");
  const sources = JSON.stringify(import.meta.url);
  writeFileSync(
    file,
    `import assert from "node:assert/strict";
    import { mock, test } from "node:test";
    const { withEnvironment } = await import(new URL("../testing.ts", ${sources}).href);
    const { Sleeper } = await import(new URL("environment.workflows.ts", ${sources}).href);
    test("a month", withEnvironment({ worker: { workflows: [Sleeper] } }, async ({ client, taskQueue }) => {
      mock.timers.enable();
      assert.ok((await client.executeWorkflow(Sleeper, { args: [30], id: "a", taskQueue })) > 0);
    }));`,
  );
  const output = execFileSync(process.execPath, ["--import", "tsx", "--test", "--test-reporter", "tap", file], {
    encoding: "utf8",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: "" },
  });
  expect(output).toMatch(/^# pass 1$/m);
}, 60_000);
