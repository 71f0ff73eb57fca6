import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import * as core from "zod/v4/core";
import * as mini from "zod/mini";
import * as zod from "zod";
import { expect, test, vi } from "vitest";
import { bundleWorkflows, type BundleOptions } from "./bundle.ts";
import { type Files, initialize, Trial, writeFiles } from "./sandbox.test-support.ts";
import { exercise, exerciseMini } from "./zod-exercise.test-support.ts";

const EXERCISE = resolve(import.meta.dirname, "zod-exercise.test-support.ts");
const WALK = resolve(import.meta.dirname, "reach.test-support.ts");

vi.setConfig({ testTimeout: 60_000 });

/** Workflows of a project that has this package's dependencies. */
async function trialOf(files: Files, options: Partial<BundleOptions> = {}): Promise<Trial> {
  const folder = writeFiles(files);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return new Trial(await bundleWorkflows({ modules: ["workflows.ts"], workingDirectory: folder, ...options }));
}

function workflow(body: string, before = ""): Files {
  return {
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import * as zod from "zod";
      import * as mini from "zod/mini";
      import * as core from "zod/v4/core";
      import * as nexus from "nexus-rpc";
      import { exercise, exerciseMini } from ${JSON.stringify(EXERCISE)};
      import { describe, vandalize } from ${JSON.stringify(WALK)};
      ${before}
      const samples = () => [zod.z.string(), zod.z.object({ a: zod.z.number() }).safeParse({}), mini.string(), zod.z.email(), core];
      const everything = () => ({ zod, mini, core, nexus, samples: samples() });
      @workflow.defn()
      class Trial {
        @workflow.run async run(arg: any): Promise<unknown> { ${body} }
      }`,
  };
}

const whole = workflow(
  `if (arg === "vandal") return vandalize(everything());
   return { described: describe(everything()), done: exercise(zod, core), mini: exerciseMini(mini) };`,
);

test("schemas of the shared zod do what they do elsewhere", async () => {
  const trial = await trialOf(whole);
  const { done, mini: ofMini } = trial.run("Trial") as { done: unknown; mini: unknown };
  expect(done).toEqual(JSON.parse(JSON.stringify(exercise(zod, core))));
  expect(ofMini).toEqual(JSON.parse(JSON.stringify(exerciseMini(mini))));
});

test("a run that changes all that it can reach of the packages shared from the start leaves no trace for the next", async () => {
  const trial = await trialOf(whole);
  const untouched = new Trial(trial.bundle).run("Trial");
  const first = trial.run("Trial");
  const { objects, attempts } = trial.run("Trial", ["vandal"]) as { objects: number; attempts: number };
  expect(objects).toBeGreaterThan(1_000);
  expect(attempts).toBeGreaterThan(5_000);
  const next = trial.run("Trial");
  expect(next).toEqual(first);
  expect(next).toEqual(untouched);
});

test("settings and registered schemas of zod are the run's own, from its modules to its end", async () => {
  const trial = await trialOf(
    workflow(
      `const known = [...zod.globalRegistry._idmap.keys()];
       zod.z.number().meta({ id: arg });
       zod.config({ customError: () => arg });
       return [known, zod.z.string().safeParse(1).error.issues[0].message, core.globalConfig.customError !== undefined];`,
      `zod.z.string().meta({ id: "of-module" }); zod.config(zod.z.locales.de());`,
    ),
  );
  expect(trial.run("Trial", ["one"])).toEqual([["of-module"], "one", true]);
  expect(trial.run("Trial", ["two"])).toEqual([["of-module"], "two", true]);
});

test("what each of two runs sets stays while they take turns", async () => {
  const trial = await trialOf(
    workflow(
      `zod.config({ customError: () => arg }); await workflow.sleep(1000); return zod.z.string().safeParse(1).error.issues[0].message;`,
    ),
  );
  const runs = ["one", "two"].map((arg) => {
    const run = trial.instantiate("Trial");
    run.activate([initialize("Trial", [arg])]);
    return run;
  });
  expect(runs.map((run) => run.result([{ kind: "fireTimer", seq: 1 }]))).toEqual(["one", "two"]);
});

test("who changes a class of a shared package is told how to have it unshared, and can", async () => {
  const files = workflow(`return (zod.z.string() as any).leak;`, `(zod.ZodString.prototype as any).leak = "own";`);
  const shared = await trialOf(files);
  expect(() => shared.run("Trial")).toThrow(/all workflows share .*"zod".*unsharedModules/s);
  const unshared = await trialOf(files, { unsharedModules: ["zod"] });
  expect(unshared.run("Trial")).toBe("own");
});

test("a version of a package that nobody has looked at is not shared", async () => {
  const trial = await Trial.of({
    "node_modules/zod/package.json": JSON.stringify({ name: "zod", version: "5.0.0", main: "index.js" }),
    "node_modules/zod/index.js": "export const state = { runs: 0 };",
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import { state } from "zod";
      @workflow.defn()
      class Trial {
        @workflow.run async run(): Promise<unknown> { return ++state.runs; }
      }`,
  });
  expect(trial.bundle.shared).toBeUndefined();
  expect([trial.run("Trial"), trial.run("Trial")]).toEqual([1, 1]);
});
