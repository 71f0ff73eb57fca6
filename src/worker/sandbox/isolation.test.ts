import { expect, test } from "vitest";
import { initialize, Trial, type Files } from "./sandbox.test-support.ts";

/** A workflow whose run method has the given body, with `arg` as its argument. */
function workflowOf(body: string, before = ""): Files {
  return {
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      ${before}
      @workflow.defn()
      class Trial {
        @workflow.run async run(arg: any): Promise<unknown> { ${body} }
      }`,
  };
}

test("every run has module state of its own, in the workflow's module and in those it imports", async () => {
  const trial = await Trial.of({
    ...workflowOf("runs += 1; return [runs, count()];", `import { count } from "./counter.ts"; let runs = 0;`),
    "counter.ts": `const counts = new Map<string, number>(); export function count() { counts.set("n", (counts.get("n") ?? 0) + 1); return counts.get("n"); }`,
  });
  expect([trial.run("Trial"), trial.run("Trial"), trial.run("Trial")]).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
});

test("a class counts before one of the same name that its module imports", async () => {
  const trial = await Trial.of({
    ...workflowOf(`return "own";`, `import { kind } from "./other.ts"; export { kind };`),
    "other.ts": `
      import * as workflow from "perdure/workflow";
      export const kind = "other";
      @workflow.defn({ name: "Trial" })
      class Other {
        @workflow.run async run(): Promise<string> { return kind; }
      }`,
  });
  expect(trial.run("Trial")).toBe("own");
});

test("a property set on globalThis is seen by its run alone", async () => {
  const trial = await Trial.of(
    workflowOf(
      `const g = globalThis as any; const before = [g.leak, self.leak, global.leak]; g.leak = arg; return [before, g.leak, self.leak, "leak" in g];`,
      "declare const self: any, global: any;",
    ),
  );
  const expected = (arg: number): unknown => [[null, null, null], arg, arg, true];
  expect(trial.run("Trial", [1])).toEqual(expected(1));
  expect(trial.run("Trial", [2])).toEqual(expected(2));
});

test("a run may replace a global for itself", async () => {
  const trial = await Trial.of(
    workflowOf(
      `const g = globalThis as any; const before = typeof g.fetch + typeof g.Date; g.fetch = () => arg; g.Date = undefined; return [before, g.fetch(), typeof g.Date];`,
    ),
  );
  expect(trial.run("Trial", [1])).toEqual(["undefinedfunction", 1, "undefined"]);
  expect(trial.run("Trial", [2])).toEqual(["undefinedfunction", 2, "undefined"]);
});

test("assigning to a name that was never declared throws instead of making a global", async () => {
  const trial = await Trial.of(
    {
      "workflows.js":
        workflowOf("leak = 1; return leak;")["workflows.ts"]?.replaceAll(/: (any|Promise<unknown>)/g, "") ?? "",
    },
    { modules: ["workflows.js"] },
  );
  expect(trial.failure("Trial")).toContain("leak is not defined");
});

// Made by the first test that needs it: what is made outside of tests is never cleaned up.
let everything: Promise<Trial> | undefined;

test.each([
  "Array.prototype.leak = 1",
  "Object.prototype.leak = 1",
  "Object.prototype.toString = () => ''",
  "Object.defineProperty(Object.prototype, 'leak', { value: 1 })",
  "Array.prototype.push = () => 0",
  "Array.prototype.map = () => []",
  "Promise.prototype.then = () => 0",
  "Promise.all = () => 0",
  "Function.prototype.call = () => 0",
  "String.prototype.leak = 1",
  "Number.prototype.leak = 1",
  "Map.prototype.get = () => 1",
  "Symbol.leak = 1",
  "Symbol.for('leak').leak = 1",
  "Math.random = () => 4",
  "Math.leak = 1",
  "JSON.parse = () => 1",
  "Reflect.leak = 1",
  "Date.now = () => 1",
  "Date.prototype.getTime = () => 1",
  "Intl.leak = 1",
  "Intl.DateTimeFormat.prototype.leak = 1",
  "Error.stackTraceLimit = 0",
  "Error.prepareStackTrace = () => 1",
  "Error.prototype.name = 'Leak'",
  "TypeError.prototype.message = 'leak'",
  "RegExp.prototype.exec = () => null",
  "Uint8Array.prototype.leak = 1",
  "Object.getPrototypeOf(Uint8Array).leak = 1",
  "Object.getPrototypeOf(async () => 1).leak = 1",
  "Object.getPrototypeOf(function* () {}).prototype.leak = 1",
  "Object.getPrototypeOf(async function* () {}).prototype.leak = 1",
  "Object.getPrototypeOf([][Symbol.iterator]()).next = () => 1",
  "Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())).leak = 1",
  "Object.getPrototypeOf(new Map().keys()).next = () => 1",
  "Object.getPrototypeOf('a'.matchAll(/a/g)).next = () => 1",
  "console.log = () => 0",
  "crypto.randomUUID = () => ''",
  "performance.now = () => 1",
  "URL.prototype.leak = 1",
  "new URL('http://a').searchParams.constructor.prototype.leak = 1",
  "TextEncoder.prototype.encode = () => 0",
  "AbortSignal.timeout = () => 0",
  "AbortController.prototype.leak = 1",
  "Object.getPrototypeOf(AbortSignal).leak = 1",
  "setTimeout.leak = 1",
  "structuredClone.leak = 1",
  "globalThis.Array.leak = 1",
  "Object.getPrototypeOf(globalThis).leak = 1",
  "workflow.defn.leak = 1",
  "ApplicationError.prototype.leak = 1",
  "ApplicationError.leak = 1",
  "({}).constructor.leak = 1",
  "(() => 1).constructor.prototype.leak = 1",
])("what runs share cannot be changed: %s", async (code) => {
  const trial = await (everything ??= bundleCodes());
  expect(trial.run("Trial", [code])).toMatch(/^TypeError: /);
  expect(trial.run("Trial", [code])).toMatch(/^TypeError: /);
});

/** Cannot evaluate text in a sandbox, so the codes are written out as functions of one module. */
async function bundleCodes(): Promise<Trial> {
  const source = await import("node:fs/promises").then(({ readFile }) => readFile(new URL(import.meta.url), "utf8"));
  const list = /test\.each\(\[\n([\s\S]*?)\n\]\)\("what runs share/.exec(source)?.[1] ?? "";
  const codes = [...list.matchAll(/^ {2}"(.*)",$/gm)].map((match) => match[1] ?? "");
  const cases = codes.map((code) => `${JSON.stringify(code)}: () => { ${code}; },`);
  return Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import { ApplicationError } from "perdure/exceptions";
      const cases: any = { ${cases.join("\n")} };
      @workflow.defn() class Trial {
        @workflow.run async run(code: string) {
          try { cases[code](); return "it was possible"; } catch (error) { return String(error); }
        }
      }`,
  });
}

test("regular expressions remember no match of another run", async () => {
  const trial = await Trial.of(
    workflowOf(
      `const before = [(RegExp as any).$1, RegExp["$&"], (RegExp as any).input]; /(l.*k)/.exec("leak"); return before;`,
    ),
  );
  trial.run("Trial");
  expect(trial.run("Trial")).toEqual([null, null, null]);
});

test("strings of a tagged template, which engines keep for all evaluations of a place, are frozen", async () => {
  const trial = await Trial.of(
    workflowOf("const tag = (strings: any) => strings; return [Object.isFrozen(tag`a`), Object.isFrozen(tag`a`.raw)];"),
  );
  expect(trial.run("Trial")).toEqual([true, true]);
});

test.each([
  "eval('1')",
  "new Function('return 1')()",
  "(async () => 1).constructor('return 1')()",
  "Function('return this')()",
])("code cannot be made of text: %s", async (code) => {
  const trial = await Trial.of(workflowOf(`return ${code};`));
  expect(trial.failure("Trial")).toContain("Code generation from strings disallowed");
});

test("frozen prototypes do not hinder objects and classes that override what they inherit", async () => {
  const trial = await Trial.of(
    workflowOf(
      `
      class OldError extends Error { constructor(message: string) { super(message); this.name = "OldError"; this.message = message + "!"; } }
      function Legacy(this: any) {}
      Legacy.prototype = Object.create(ApplicationError.prototype);
      Legacy.prototype.constructor = Legacy;
      const object: any = {}; object.toString = () => "mine"; object.constructor = 1; object.hasOwnProperty = 2;
      const list: any = []; list.push = () => "pushed";
      const named: any = () => 1; Object.assign(named, { call: 1 });
      return [String(new OldError("old")), String(object), object.constructor, list.push(), Legacy.prototype.constructor === Legacy];
    `,
      `import { ApplicationError } from "perdure/exceptions";`,
    ),
  );
  expect(trial.run("Trial")).toEqual(["OldError: old!", "mine", 1, "pushed", true]);
});

test("runs that take turns keep their values apart", async () => {
  const trial = await Trial.of(
    workflowOf(
      `const own = [arg]; current = arg; await workflow.sleep(1000); own.push(current); return own;`,
      "let current: unknown;",
    ),
  );
  const runs = [1, 2, 3].map(() => trial.instantiate("Trial"));
  runs.forEach((run, index) => run.activate([initialize("Trial", [index])]));
  const results = runs.map((run) => run.result([{ kind: "fireTimer", seq: 1 }]));
  expect(results).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test("a library's state is each run's own, unless the library is passed through", async () => {
  const files = {
    ...workflowOf("return next();", `import { next } from "counting";`),
    "node_modules/counting/package.json": `{ "name": "counting", "type": "module", "main": "index.js" }`,
    "node_modules/counting/index.js": `let count = 0; export function next() { return ++count; }`,
  };
  const isolated = await Trial.of(files);
  expect([isolated.run("Trial"), isolated.run("Trial")]).toEqual([1, 1]);
  const shared = await Trial.of(files, { passthroughModules: ["counting"] });
  expect([shared.run("Trial"), shared.run("Trial")]).toEqual([1, 2]);
});

test("a library that extends the language can, if it is passed through", async () => {
  const trial = await Trial.of(
    {
      ...workflowOf(
        "return [(1 as any).plus(arg), shared.default.version];",
        `import "extending"; import * as shared from "old-library";`,
      ),
      "node_modules/extending/package.json": `{ "name": "extending", "main": "index.js" }`,
      "node_modules/extending/index.js": `Number.prototype.plus = function (other) { return this + other; };`,
      "node_modules/old-library/package.json": `{ "name": "old-library", "main": "index.js" }`,
      "node_modules/old-library/index.js": `module.exports = { version: "1.2" };`,
    },
    { passthroughModules: ["extending", "old-library"] },
  );
  expect(trial.run("Trial", [2])).toEqual([3, "1.2"]);
});

test("all runs share one SDK, so that its errors and marks are the same in every module", async () => {
  const trial = await Trial.of({
    ...workflowOf(
      "return [isOwn(new ApplicationError('x')), viaRelative === ApplicationError];",
      `import { ApplicationError } from "perdure/exceptions"; import { isOwn, viaRelative } from "./part.ts";`,
    ),
    "part.ts": `
      import { ApplicationError } from "perdure/exceptions";
      import { ApplicationError as viaRelative } from ${JSON.stringify(new URL("../../payload/failure-error.ts", import.meta.url).pathname)};
      export const isOwn = (error: unknown) => error instanceof ApplicationError;
      export { viaRelative };`,
  });
  expect(trial.run("Trial")).toEqual([true, true]);
});
