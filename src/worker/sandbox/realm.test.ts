import { expect, test } from "vitest";
import { realmFor } from "./realm-source.ts";
import { bundleFiles, initialize, Trial } from "./sandbox.test-support.ts";

const header = `import * as workflow from "perdure/workflow";\n`;

test("bundles that share their modules share a realm, and strict runs have one each", async () => {
  const first = await bundleFiles({
    "workflows.ts": `${header}@workflow.defn() class A { @workflow.run async run() { return 1; } }`,
  });
  const second = await bundleFiles({
    "workflows.ts": `${header}@workflow.defn() class B { @workflow.run async run() { return 2; } }`,
  });
  expect(realmFor(first)).toBe(realmFor(second));
  expect(realmFor(first, { isStrict: true })).not.toBe(realmFor(first, { isStrict: true }));
});

test("a promise that a workflow leaves rejected fails its next activation, and nothing else", async () => {
  const trial = await Trial.of({
    "workflows.ts": `${header}
      @workflow.defn() class Trial {
        @workflow.run async run(fails: boolean): Promise<unknown> {
          await workflow.sleep(1000);
          if (fails) void Promise.reject(new Error("nobody waited"));
          await workflow.sleep(1000);
          return "done";
        }
      }`,
  });
  const runs = [false, true].map((fails) => ({ fails, run: trial.instantiate("Trial") }));
  for (const { fails, run } of runs) run.activate([initialize("Trial", [fails])]);
  for (const { run } of runs) run.activate([{ kind: "fireTimer", seq: 1 }]);
  await new Promise((resolve) => setImmediate(resolve));
  const [good, bad] = runs.map(({ run }) => run.activate([{ kind: "fireTimer", seq: 2 }]));
  expect(good).toMatchObject({ status: "completed" });
  expect(bad).toMatchObject({
    status: "failed",
    failure: { message: expect.stringContaining("nobody waited") as string },
  });
});

test("everything that is ready runs in one drain, however long its chain", async () => {
  const trial = await Trial.of({
    "workflows.ts": `${header}@workflow.defn() class Trial { @workflow.run async run(): Promise<number> { let n = 0; for (; n < 10_000; n++) await null; return n; } }`,
  });
  expect(trial.run("Trial")).toBe(10_000);
});

test("values cross the border as values of the realm", async () => {
  const trial = await Trial.of({
    "workflows.ts": `${header}@workflow.defn() class Trial { @workflow.run async run(arg: any, bytes: any): Promise<unknown> {
      return [arg instanceof Array, arg[0] instanceof Object, Object.getPrototypeOf(arg[0]) === Object.prototype, bytes instanceof Uint8Array, workflow.info().workflowType];
    } }`,
  });
  expect(trial.run("Trial", [[{}], new Uint8Array([1])])).toEqual([true, true, true, true, "Trial"]);
});
