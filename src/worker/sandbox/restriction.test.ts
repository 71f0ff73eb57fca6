import { expect, test } from "vitest";
import { bundleFiles, type Files, Trial } from "./sandbox.test-support.ts";

const packageFiles = {
  "node_modules/clocks/package.json": `{ "name": "clocks", "version": "1.0.0", "type": "module", "exports": "./index.js" }`,
  "node_modules/clocks/index.js": `export const local = () => "local"; export const zone = () => "UTC"; export default { local };`,
};

function workflowOf(imports: string, body: string): Files {
  return {
    ...packageFiles,
    "workflows.ts": `import * as workflow from "perdure/workflow";
      ${imports}
      @workflow.defn()
      class Trial {
        @workflow.run async run(): Promise<unknown> { ${body} }
      }`,
  };
}

const noLocal = { module: "clocks", member: "local", remedy: "use workflow.now" } as const;

test("a refused member of a package names member, remedy and chain, and the others work", async () => {
  const files = {
    ...workflowOf(`import { tell } from "./tell.ts";`, "return tell();"),
    "tell.ts": `import { local, zone } from "clocks"; export function tell(): unknown { try { return local(); } catch (error) { return [zone(), (error as Error).name, (error as Error).message]; } }`,
  };
  const trial = await Trial.of(files, { restrictions: [noLocal] });
  expect(trial.run("Trial")).toEqual([
    "UTC",
    "SandboxAccessError",
    `Cannot use "local" of "clocks" in workflow code: use workflow.now. Import chain: workflows.ts -> tell.ts -> clocks`,
  ]);
});

test("a refused member can be read where restrictions are lifted, and imported as a namespace", async () => {
  const trial = await Trial.of(
    workflowOf(
      `import * as clocks from "clocks";`,
      "return [workflow.unsafe.sandboxUnrestricted(() => clocks.local()), clocks.zone(), Object.keys(clocks).toSorted()];",
    ),
    { restrictions: [noLocal] },
  );
  expect(trial.run("Trial")).toEqual(["local", "UTC", ["default", "local", "zone"]]);
});

test("a package can be refused as a whole, which counts only when it is used", async () => {
  const restrictions = [{ module: "clocks" }];
  const trial = await Trial.of(workflowOf(`import { zone } from "clocks";`, "return zone();"), { restrictions });
  expect(trial.failure("Trial")).toContain(
    `Cannot use "zone" of "clocks" in workflow code: the worker's restrictions forbid it. Import chain: workflows.ts -> clocks`,
  );
  const unused = workflowOf(`import { zone } from "clocks"; export const later = (): string => zone();`, "return 1;");
  expect((await Trial.of(unused, { restrictions })).run("Trial")).toBe(1);
});

test("a refused package is refused for passed-through modules too", async () => {
  const files = workflowOf(`import { local } from "clocks";`, "return local();");
  const trial = await Trial.of(files, { restrictions: [noLocal], passthroughModules: ["clocks"] });
  expect(trial.failure("Trial")).toContain(`Cannot use "local" of "clocks"`);
});

test("a module of the runtime can be allowed", async () => {
  const files = workflowOf(`import { basename } from "node:path";`, `return basename("/a/b.txt");`);
  await expect(bundleFiles(files)).rejects.toThrow(`Workflow code cannot import "node:path"`);
  const trial = await Trial.of(files, { restrictions: [{ module: "path", use: "allow" }] });
  expect(trial.run("Trial")).toBe("b.txt");
});

test("a global can be allowed, and one of the language refused", async () => {
  const files = workflowOf(
    "",
    "return [typeof process, Math.abs(-1), (() => { try { return Math.sin(0); } catch (error) { return (error as Error).message; } })()];",
  );
  expect((await Trial.of(files)).run("Trial")).toEqual(["undefined", 1, 0]);
  const restrictions = [
    { module: "globalThis", member: "process", use: "allow" },
    { module: "globalThis", member: "Math.sin", remedy: "its last digit differs between machines" },
  ] as const;
  expect((await Trial.of(files, { restrictions })).run("Trial")).toEqual([
    "object",
    1,
    `Cannot use "Math.sin" in workflow code: its last digit differs between machines`,
  ]);
});

test("imports that may not be meant are told of, or refused", async () => {
  const files = {
    ...workflowOf(`import { zone } from "clocks";`, `return [zone(), (await import("./later.ts")).value];`),
    "later.ts": "export const value = 1;",
  };
  expect((await bundleFiles(files)).notices).toEqual([]);
  const importNotifications = { dynamicImport: "warn", unsharedPackage: "warn" } as const;
  expect((await bundleFiles(files, { importNotifications })).notices).toEqual([
    `Workflow code imports package "clocks", which every run evaluates for itself: pass it through if it keeps no state. Import chain: workflows.ts -> clocks.`,
    `Workflow code imports "./later.ts" dynamically, which every run evaluates anew. Import chain: workflows.ts -> ./later.ts.`,
  ]);
  const shared = await bundleFiles(files, { importNotifications, passthroughModules: ["clocks"] });
  expect(shared.notices).toHaveLength(1);
  await expect(bundleFiles(files, { importNotifications: { unsharedPackage: "error" } })).rejects.toThrow(
    `imports package "clocks"`,
  );
});

test("a bundle knows what its packages weigh", async () => {
  const bundle = await bundleFiles(workflowOf(`import { zone } from "clocks";`, "return zone();"));
  expect(bundle.packages).toEqual([{ name: "clocks", bytes: expect.any(Number) as number }]);
});
