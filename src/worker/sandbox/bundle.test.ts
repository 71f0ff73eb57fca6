import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { bundleWorkflows } from "./bundle.ts";
import { WorkflowBundleError, WorkflowLoadError } from "./sandbox-error.ts";
import { bundleFiles, Trial, writeFiles, type Files } from "./sandbox.test-support.ts";

function workflowOf(body: string, before = ""): Files {
  return {
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      ${before}
      @workflow.defn() export class Trial { @workflow.run async run(arg: any): Promise<unknown> { ${body} } }`,
  };
}

async function bundleError(files: Files, modules: readonly string[] = ["workflows.ts"]): Promise<string> {
  const error = await bundleFiles(files, { modules }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(WorkflowBundleError);
  return String(error);
}

test("a builtin that workflow code reaches is refused with the chain of imports", async () => {
  const message = await bundleError({
    ...workflowOf("return read();", `import { read } from "./part.ts";`),
    "part.ts": `export { read } from "./deep/reader.ts";`,
    "deep/reader.ts": `import { readFileSync } from "node:fs"; export const read = () => readFileSync("x");`,
  });
  expect(message).toContain(
    'Workflow code cannot import "node:fs". Import chain: workflows.ts -> part.ts -> deep/reader.ts -> node:fs. Move it to an activity, or use `import type`.',
  );
});

test("a builtin is refused by its old name too, and within a package", async () => {
  const message = await bundleError({
    ...workflowOf("return hash();", `import { hash } from "hashing";`),
    "node_modules/hashing/package.json": `{ "name": "hashing", "type": "module", "main": "index.js" }`,
    "node_modules/hashing/index.js": `import { createHash } from "crypto"; export const hash = createHash;`,
  });
  expect(message).toContain(
    'cannot import "crypto". Import chain: workflows.ts -> node_modules/hashing/index.js -> crypto.',
  );
});

test("imports of types, and of values that are not used, reach nothing", async () => {
  const trial = await Trial.of({
    ...workflowOf(
      "const stats: Stats | undefined = undefined; return stats ?? 'fine';",
      `import type { Stats } from "node:fs"; import { readFile } from "./reader.ts";`,
    ),
    "reader.ts": `import { readFileSync } from "node:fs"; export const readFile = readFileSync;`,
  });
  expect(trial.run("Trial")).toBe("fine");
});

test("a package that tries a builtin and does without it is bundled", async () => {
  const trial = await Trial.of({
    ...workflowOf("return library.kind;", `import library from "careful";`),
    "node_modules/careful/package.json": `{ "name": "careful", "main": "index.js" }`,
    "node_modules/careful/index.js": `let util; try { util = require("util").inspect.custom; require("not-installed"); } catch {} module.exports = { kind: typeof process === "undefined" ? "plain" : "node" };`,
  });
  expect(trial.run("Trial")).toBe("plain");
});

test("the build of a package for browsers is preferred to that for Node", async () => {
  const trial = await Trial.of({
    ...workflowOf("return kind;", `import { kind } from "both";`),
    "node_modules/both/package.json": `{ "name": "both", "type": "module", "exports": { ".": { "browser": "./browser.js", "node": "./node.js", "default": "./node.js" } } }`,
    "node_modules/both/browser.js": `export const kind = "browser";`,
    "node_modules/both/node.js": `import "node:net"; export const kind = "node";`,
  });
  expect(trial.run("Trial")).toBe("browser");
});

test("activity modules are replaced by references to their exports by name", async () => {
  const trial = await Trial.of({
    ...workflowOf(
      "return [charge, renamed, refund, Mail.prototype.send, Mail.prototype.receive, mail.deliver, ship, everything.charge].map((activity: any) => [typeof activity, activity.name]);",
      `import ship, { charge, renamed, refund, Mail, mail } from "./activities.ts"; import * as everything from "./activities.ts";`,
    ),
    "activities.ts": `
      import { readFileSync } from "node:fs";
      import * as activity from "perdure/activity";
      import pg from "pg";
      export * from "./activities/refunds.ts";
      export async function charge() { return readFileSync("x"); }
      export const renamed = activity.defn({ name: "Renamed" })(async () => pg);
      export class Mail { @activity.defn({ name: "SendMail" }) async send() {} async receive() {} }
      export const mail = { async deliver() {} };
      export default async function shipOrder() {}`,
    "activities/refunds.ts": `import "node:net"; export async function refund() {}`,
  });
  const names = ["charge", "Renamed", "refund", "SendMail", "receive", "deliver", "shipOrder", "charge"];
  expect(trial.run("Trial")).toEqual(names.map((name) => ["function", name]));
});

test("calling an activity instead of executing it says how to", async () => {
  const trial = await Trial.of({
    ...workflowOf("return charge(1);", `import { charge } from "./activities/charge.ts";`),
    "activities/charge.ts": `import "node:fs"; export async function charge(amount: number) { return amount; }`,
  });
  expect(trial.failure("Trial")).toBe(
    `Cannot call activity "charge" from workflow code: pass it to workflow.executeActivity, which runs it on a worker`,
  );
});

test("which modules are activities can be told", async () => {
  const files = {
    ...workflowOf("return (charge as any).name;", `import { charge } from "./tasks.ts";`),
    "tasks.ts": `import "node:fs"; export async function charge() {}`,
  };
  expect(await bundleError(files)).toContain("tasks.ts -> node:fs");
  expect((await Trial.of(files, { activityModules: /tasks\.ts$/ })).run("Trial")).toBe("charge");
});

test("decorators, class fields, enums and `using` of TypeScript run", async () => {
  const trial = await Trial.of(
    workflowOf(
      `{ using resource = open(); } await using later = open(); return [new Counter().count, log, Color.Red];`,
      `const log: string[] = [];
       enum Color { Red = "red" }
       function open() { return { [Symbol.dispose]() { log.push("closed"); }, async [Symbol.asyncDispose]() { log.push("later"); } }; }
       function double(_: undefined, context: ClassFieldDecoratorContext) { return (value: number) => value * 2; }
       class Counter { @double count = 21; }`,
    ),
  );
  expect(trial.run("Trial")).toEqual([42, ["closed", "later"], "red"]);
});

test("names of classes and functions are kept", async () => {
  const trial = await Trial.of(workflowOf("const f = () => 1; return [Trial.name, f.name, (class Inner {}).name];"));
  expect(trial.run("Trial")).toEqual(["Trial", "f", "Inner"]);
});

test("JSON, CommonJS, dynamic imports and NODE_ENV work", async () => {
  const trial = await Trial.of({
    ...workflowOf(
      `const { late } = await import("./late.ts"); return [config.size, old.value, late, process.env.NODE_ENV];`,
      `import config from "./config.json"; import old from "./old.cjs";`,
    ),
    "config.json": `{ "size": 3 }`,
    "old.cjs": `exports.value = 4;`,
    "late.ts": `export const late = 5;`,
  });
  expect(trial.run("Trial")).toEqual([3, 4, 5, "production"]);
});

test("a run evaluates only the module of its workflow", async () => {
  const { "workflows.ts": other = "" } = workflowOf("return 1;");
  const files = {
    "good.ts": other,
    "bad.ts": `throw new Error("bad module"); ${other.replace("class Trial", "class Bad")}`,
  };
  const trial = await Trial.of(files, { modules: ["bad.ts", "good.ts"] });
  expect(trial.run("Trial")).toBe(1);
});

test("a module that throws fails its runs with the place in its source", async () => {
  const trial = await Trial.of(
    workflowOf("return 1;", `function broken(): never {\n throw new Error("no luck"); }\n broken();`),
  );
  const run = (): unknown => trial.run("Trial");
  expect(run).toThrow(WorkflowLoadError);
  expect(run).toThrow(
    /Cannot load workflow module "workflows.ts": Error: no luck\n    at broken \(workflows.ts:4:\d+\)/,
  );
});

test("a workflow needs no export, but it has to be at the top level of its module", async () => {
  const { "workflows.ts": source = "" } = workflowOf("return 'here';");
  expect((await Trial.of({ "workflows.ts": source.replace("export ", "") })).run("Trial")).toBe("here");
  const hidden = await Trial.of({
    "workflows.ts": `${source.replace("@workflow.defn() export", "function later() { @workflow.defn()")}}`,
  });
  expect(() => hidden.run("Trial")).toThrow(
    `module "workflows.ts" does not define it, define it at the top level of the module`,
  );
});

test("a module that is missing or has a fault is named", async () => {
  expect(await bundleError({}, ["nowhere.ts"])).toContain(
    `Cannot bundle workflow module "nowhere.ts": there is no such file`,
  );
  expect(await bundleError({ "workflows.ts": "\n  const = 1;" })).toContain("workflows.ts:2:8");
  expect(await bundleError({ "workflows.ts": `import "./nowhere.ts";` })).toContain(
    `Could not resolve "./nowhere.ts". Import chain: workflows.ts -> ./nowhere.ts`,
  );
});

test("the same modules give the same bundle until one of their files changes", async () => {
  const files = {
    ...workflowOf("return answer;", `import { answer } from "./answer.ts";`),
    "answer.ts": "export const answer = 1;",
  };
  const workingDirectory = writeFiles(files);
  const module = join(workingDirectory, "workflows.ts");
  const first = await bundleWorkflows({ modules: [module], workingDirectory });
  const asUrl = `${pathToFileURL(module).href}?v=1`;
  expect(await bundleWorkflows({ modules: [asUrl, module], workingDirectory })).toBe(first);

  writeFileSync(join(workingDirectory, "answer.ts"), "export const answer = 2;");
  utimesSync(join(workingDirectory, "answer.ts"), 1, 1);
  const second = await bundleWorkflows({ modules: [module], workingDirectory });
  expect(second.id).not.toBe(first.id);
  expect(new Trial(second).run("Trial")).toBe(2);
});

test("workflow code may import the converter's module, and shares it with the converter", async () => {
  const trial = await Trial.of(
    {
      ...workflowOf("return Own.name + told.join();", `import { Own, told } from "./converter.ts";`),
      "converter.ts": `
        import { CompositePayloadConverter } from ${JSON.stringify(new URL("../../payload/payload-converter.ts", import.meta.url).pathname)};
        import { JsonPayloadConverter } from ${JSON.stringify(new URL("../../payload/plain-converters.ts", import.meta.url).pathname)};
        export class Own {}
        export const told = ["by the converter"];
        export const payloadConverter = new CompositePayloadConverter(new JsonPayloadConverter());`,
    },
    { converterModule: "converter.ts" },
  );
  expect(trial.run("Trial", ["x"])).toBe("Ownby the converter");
});

test("a converter and interceptors come from modules of their own", async () => {
  const trial = await Trial.of(
    {
      ...workflowOf("return arg;"),
      "converter.ts": `
        import { CompositePayloadConverter } from ${JSON.stringify(new URL("../../payload/payload-converter.ts", import.meta.url).pathname)};
        import { JsonPayloadConverter } from ${JSON.stringify(new URL("../../payload/plain-converters.ts", import.meta.url).pathname)};
        class Converter extends CompositePayloadConverter { toPayload(value: unknown) { return super.toPayload(["converted", value]); } }
        export const payloadConverter = new Converter(new JsonPayloadConverter());`,
      "interceptors.ts": `
        let calls = 0;
        export function interceptors() {
          return { inbound: [{ executeWorkflow: async (input: any, next: any) => [++calls, await next(input)] }] };
        }`,
    },
    { converterModule: "converter.ts", interceptorModules: ["interceptors.ts"] },
  );
  expect(trial.run("Trial", ["x"])).toEqual(["converted", [1, "x"]]);
  expect(trial.run("Trial", ["y"])).toEqual(["converted", [1, "y"]]);
});

test("workflow code may import the converter's module, and shares its classes", async () => {
  const converter = JSON.stringify(new URL("../../converter.ts", import.meta.url).pathname);
  const trial = await Trial.of(
    {
      "workflows.ts": `
        import * as workflow from "perdure/workflow";
        import { Money } from "./converter.ts";
        @workflow.defn()
        class Trial {
          @workflow.run async run(arg: unknown): Promise<unknown> { return [arg instanceof Money, new Money(2)]; }
        }`,
      "converter.ts": `
        import { createPayloadConverter, jsonClass, RichJsonPayloadConverter } from ${converter};
        export class Money { readonly cents: number; constructor(cents: number) { this.cents = cents; } }
        export const payloadConverter = createPayloadConverter({
          json: new RichJsonPayloadConverter({ types: [jsonClass(Money, { name: "Money" })] }),
        });`,
    },
    { converterModule: "converter.ts" },
  );
  expect(trial.run("Trial", [{ $type: "Money", $value: { cents: 1 } }])).toEqual([
    true,
    { $type: "Money", $value: { cents: 2 } },
  ]);
});
