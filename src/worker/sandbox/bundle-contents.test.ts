import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { contentsOf, readWorkflowBundle, writeWorkflowBundle } from "./bundle-contents.ts";
import { bundleFiles, Trial, writeFiles } from "./sandbox.test-support.ts";

function classOf(name: string, options = ""): string {
  return `@workflow.defn(${options}) export class ${name} { @workflow.run async run(): Promise<string> { return "${name}"; } }\n`;
}

const header = `import * as workflow from "perdure/workflow";\n`;

test("a bundle of files tells what its modules define", async () => {
  const files = {
    "parent.ts": `${header}import { Child } from "./child.ts";\nexport const child = Child;\n${classOf("Parent")}`,
    "child.ts": header + classOf("Child") + classOf("Any", "{ dynamic: true }"),
  };
  const bundle = await bundleFiles(files, { modules: ["parent.ts", "child.ts"] });
  const { modules, dynamicModule, definitions } = contentsOf(bundle);
  const keys = Object.fromEntries(bundle.modules.map(({ file, key }) => [file, key]));
  expect(modules).toEqual({ Parent: keys["parent.ts"], Child: keys["child.ts"] });
  expect(dynamicModule).toBe(keys["child.ts"]);
  expect(definitions.map(({ name }) => name)).toEqual(["Child", undefined, "Parent"]);
});

test("a workflow that two modules define is an error", async () => {
  const files = {
    "a.ts": header + classOf("Same"),
    "b.ts": header + classOf("Same", `{ name: "Same" }`).replace('"Same";', '"other";'),
  };
  const bundle = await bundleFiles(files, { modules: ["a.ts", "b.ts"] });
  expect(() => contentsOf(bundle)).toThrow(`"a.ts" and "b.ts" both define workflow "Same"`);
});

test("a stored bundle runs without its sources", async () => {
  const bundle = await bundleFiles({ "workflows.ts": header + classOf("Stored") });
  const path = join(writeFiles({}), "workflows.bundle.json");
  await writeWorkflowBundle(path, bundle);
  expect(readFileSync(path, "utf8")).not.toContain(bundle.workingDirectory);
  const read = await readWorkflowBundle(path);
  expect(new Trial(read).run("Stored")).toBe("Stored");
});

test("a file that is no bundle, or one of another version, is refused", async () => {
  const folder = writeFiles({ "other.json": "[]", "text.json": "text" });
  await expect(readWorkflowBundle(join(folder, "none.json"))).rejects.toThrow("there is no such file");
  await expect(readWorkflowBundle(join(folder, "other.json"))).rejects.toThrow("it is none");
  await expect(readWorkflowBundle(join(folder, "text.json"))).rejects.toThrow("it is none");
  const path = join(folder, "old.json");
  await writeWorkflowBundle(path, await bundleFiles({ "workflows.ts": header + classOf("Old") }));
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, "utf8")) as object), perdure: "0.0.1" }));
  await expect(readWorkflowBundle(path)).rejects.toThrow("version 0.0.1 of this package made it");
});
