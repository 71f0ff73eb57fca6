import { expect, test, vi } from "vitest";
import { bundleFiles, detailsOf, type Files } from "../sandbox/sandbox.test-support.ts";
import { SandboxedRunner } from "./sandboxed-runner.ts";

vi.setConfig({ testTimeout: 60_000 });

const files: Files = {
  "node_modules/heavy/package.json": JSON.stringify({ name: "heavy", version: "1.0.0", main: "index.js" }),
  "node_modules/heavy/index.js": "export const heavy = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];",
  "node_modules/light/package.json": JSON.stringify({ name: "light", version: "1.0.0", main: "index.js" }),
  "node_modules/light/index.js": "export const light = 1;",
  "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import { heavy } from "heavy";
      import { light } from "light";
      @workflow.defn()
      export class Trial {
        @workflow.run async run(): Promise<unknown> { return [heavy, light]; }
      }`,
};

/** The lines that a runner logs while it makes runs that take so long, as its clock has it. */
async function linesOf(costsMs: readonly number[], passthroughModules: readonly string[] = []): Promise<string[]> {
  const bundle = await bundleFiles(files, { passthroughModules });
  const lines: string[] = [];
  const readings = costsMs.flatMap((costMs) => [0, costMs]);
  const runner = new SandboxedRunner({
    bundle,
    modules: { Trial: "m0" },
    failureExceptionTypes: [],
    eagerActivities: true,
    guard: (_runId, code) => code(),
    log: (level, message) => lines.push(`${level} ${message}`),
    nowMs: () => readings.shift() ?? 0,
  });
  costsMs.forEach((_cost, index) => runner.create(detailsOf("Trial", `run-${index}`, "7", [])));
  return lines;
}

test("a module whose runs all cost more than a millisecond earns one warning that says how to share its packages", async () => {
  const lines = await linesOf([40, ...Array.from({ length: 29 }, () => 2.5)]);
  expect(lines).toEqual([expect.stringMatching(/^warn Every run of workflow module "workflows.ts" takes 2\.5 ms/)]);
  expect(lines[0]).toContain('with its packages "heavy" (1 kB), "light" (1 kB)');
  expect(lines[0]).toContain('passthroughModules: ["heavy"]');
});

test("runs that cost a millisecond at most, or only once more, or import no packages of their own earn no warning", async () => {
  expect(await linesOf(Array.from({ length: 30 }, () => 1))).toEqual([]);
  expect(await linesOf([50, 50, 50, 0.5, ...Array.from({ length: 26 }, () => 50)])).toEqual([]);
  expect(
    await linesOf(
      Array.from({ length: 30 }, () => 9),
      ["heavy", "light"],
    ),
  ).toEqual([]);
});
