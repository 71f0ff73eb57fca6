import { readFileSync } from "node:fs";
import plugin from "perdure/lint";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as workflow from "../workflow.ts";
import { ABSENT_GLOBALS } from "../refusals/globals.ts";
import { LintFolder } from "./linted.test-support.ts";
import { PROMISING_CALLS, PROMISING_METHODS } from "./promises.ts";

let folder: LintFolder;
beforeAll(async () => {
  folder = await LintFolder.open();
});
afterAll(() => folder[Symbol.dispose]());

/** A workflow module with the body of a workflow on line 4. */
function workflowOf(body: string, imports = ""): string {
  return `import * as workflow from "perdure/workflow"; ${imports}
@workflow.defn() export class Trial {
  @workflow.run async run(arg: number): Promise<unknown> {
    ${body}
  }
}`;
}

const GLOBALS = "perdure(no-refused-globals)";
const MODULES = "perdure(no-node-modules)";
const PROMISES = "perdure(no-forgotten-promise)";

const isAbsent = (name: string): string =>
  `Cannot use "${name}" in workflow code: it is not there, ${ABSENT_GLOBALS[name]}.`;

const throws = (name: string, reason: string): string => `Cannot use "${name}" in workflow code: ${reason}.`;
const SUBTLE = "it waits for the host; hash and encrypt in an activity";
const FROM_TEXT = "code cannot be made of text; write it into a module";

test("what the sandbox refuses is found where it is written", async () => {
  const source = `import { readFile } from "node:fs/promises";
import * as workflow from "perdure/workflow";
const region = process.env["REGION"];
@workflow.defn()
export class Trial {
  @workflow.run
  async run(): Promise<unknown> {
    workflow.sleep("1 minute");
    const answer = await fetch("https://example.com");
    return [region, answer, await readFile("x")];
  }
}`;
  expect(await folder.find(source)).toEqual([
    {
      rule: MODULES,
      line: 1,
      message:
        'Cannot import "node:fs/promises" in workflow code: modules of the runtime are out of its reach; move the call to an activity, or use `import type`.',
    },
    {
      rule: GLOBALS,
      line: 3,
      message:
        'Cannot use "process" in workflow code: it is not there, pass what the workflow needs as an argument, or read it in an activity.',
    },
    {
      rule: PROMISES,
      line: 8,
      message:
        'Cannot drop the promise of "workflow.sleep": the workflow would go on, and may end, without what it started, and would not see it fail; await it, return it, keep it, or write void before it.',
    },
    {
      rule: GLOBALS,
      line: 9,
      message: 'Cannot use "fetch" in workflow code: it is not there, do network calls in an activity.',
    },
  ]);
});

test("every global that the sandbox leaves out is found", async () => {
  const names = Object.keys(ABSENT_GLOBALS);
  const found = await folder.find(workflowOf(`return [${names.join(", ")}];`));
  expect(found.map(({ message }) => message).toSorted()).toEqual(names.map(isAbsent).toSorted());
});

test("a global is found however it is written", async () => {
  const cases = [
    ["return globalThis.process;", isAbsent("process")],
    [`return globalThis["fetch"]("x");`, isAbsent("fetch")],
    ["return self.Buffer.from('');", isAbsent("Buffer")],
    ["return new WeakRef(this);", isAbsent("WeakRef")],
    ["return Atomics.wait;", isAbsent("Atomics")],
    ["const use = (fetch: unknown) => fetch; return use(fetch);", isAbsent("fetch")],
    ["return process?.env;", isAbsent("process")],
    ["return (process as any).env;", isAbsent("process")],
    ["return crypto.subtle.digest('SHA-256', new Uint8Array());", throws("crypto.subtle", SUBTLE)],
    ["return globalThis.crypto.subtle;", throws("crypto.subtle", SUBTLE)],
    ["return eval('1');", throws("eval", FROM_TEXT)],
    ["return new Function('return 1');", throws("Function", FROM_TEXT)],
  ] as const;
  const found = await folder.findEach(cases.map(([body]) => workflowOf(body)));
  expect(found).toEqual(cases.map(([, message]) => [{ rule: GLOBALS, line: 4, message }]));
});

test("globals that the sandbox bears are not reported", async () => {
  const bodies = [
    "const fetch = (): number => 1; return fetch();",
    "const { process } = { process: arg }; return process;",
    "const answer: Response | undefined = undefined; return answer;",
    "let ask: typeof fetch; return typeof process === 'undefined' ? arg : undefined;",
    "return workflow.unsafe.sandboxUnrestricted(() => process.env['REGION']);",
    "return { process: arg, fetch: 1 }.process;",
    "return arg instanceof Function;",
    "return [Date.now(), Math.random(), crypto.randomUUID(), setTimeout(() => 1, 1), console.log(structuredClone(arg))];",
    "const lock = require('some-package'); return lock;",
  ];
  expect(await folder.findEach(bodies.map((body) => workflowOf(body)))).toEqual(bodies.map(() => []));
});

test("a module of the runtime is found however it gets there", async () => {
  const statements = [
    `import fs from "fs";`,
    `import "node:fs";`,
    `import { type Stats, statSync } from "node:fs";`,
    `export { readFileSync } from "node:fs";`,
    `export * from "node:fs";`,
    `import fs = require("node:fs");`,
    `const fs = require("node:fs");`,
    `const fs = () => import("node:fs");`,
  ];
  const found = await folder.findEach(statements.map((statement) => workflowOf("return 1;", statement)));
  const places = found.map((each) => each.map(({ rule, line }) => `${rule} ${line}`));
  expect(places).toEqual(statements.map(() => [`${MODULES} 1`]));
});

test("an import for types, or of what is no module of the runtime, is not reported", async () => {
  const statements = [
    `import type { Stats } from "node:fs";`,
    `import { type Stats } from "node:fs";`,
    `export type { Stats } from "node:fs";`,
    `import { z } from "zod";`,
    `const require = (name: string) => name; require("node:fs");`,
  ];
  const found = await folder.findEach(statements.map((statement) => workflowOf("return 1;", statement)));
  expect(found).toEqual(statements.map(() => []));
});

test("what a worker's restrictions allow can be allowed here", async () => {
  const source = workflowOf("return [basename('a'), process.pid, fetch];", `import { basename } from "path";`);
  const rules = {
    "perdure/no-refused-globals": ["error", { allow: ["process"] }],
    "perdure/no-node-modules": ["error", { allow: ["node:path"] }],
  };
  expect(await folder.find(source, rules)).toEqual([{ rule: GLOBALS, line: 4, message: isAbsent("fetch") }]);
});

const PROXIES = [
  `import { sleep as pause } from "perdure/workflow"; declare const options: never; declare const code: never;`,
  `const { greet } = workflow.activities<any>({ startToCloseTimeout: "1m" });`,
  `const calls = workflow.localActivities<any>({});`,
].join(" ");

test("a promise that nobody waits for is found", async () => {
  const cases = [
    ["workflow.executeActivity('a', options);", "workflow.executeActivity"],
    ["workflow.startActivity('a', options)!;", "workflow.startActivity"],
    ["workflow.CancellationScope.nonCancellable(code);", "workflow.CancellationScope.nonCancellable"],
    ["pause(1);", "workflow.sleep"],
    ["if (arg > 0) arg > 1 && pause(1);", "workflow.sleep"],
    ["greet('Ada');", "greet"],
    ["calls.greet('Ada');", "calls.greet"],
    ["const lock = new workflow.Lock(); lock.acquire();", "lock.acquire"],
    ["const child = await workflow.startChildWorkflow('C'); child.signal('s');", "child.signal"],
    ["const other = workflow.getExternalWorkflowHandle('id'); other.id; other.cancel();", "other.cancel"],
  ] as const;
  const found = await folder.findEach(cases.map(([body]) => workflowOf(body, PROXIES)));
  const told = found.map((each) => each.map(({ rule, line, message }) => [rule, line, message.split(":")[0]]));
  expect(told).toEqual(cases.map(([, name]) => [[PROMISES, 4, `Cannot drop the promise of "${name}"`]]));
});

test("a promise that is kept, or a call that makes none, is not reported", async () => {
  const bodies = [
    "await greet('Ada');",
    "return calls.greet('Ada');",
    "void workflow.sleep(1);",
    "const waits = pause(1); await waits;",
    "await Promise.all([greet('Ada'), pause(1)]);",
    "const start = () => pause(1); await start();",
    "const pause = (ms: number) => ms; pause(1);",
    "workflow.continueAsNew();",
    "workflow.setSignalHandler('s', () => undefined);",
    "const lock = new workflow.Lock(); lock.release();",
    "const greet = (name: string) => name; greet('Ada');",
  ];
  expect(await folder.findEach(bodies.map((body) => workflowOf(body, PROXIES)))).toEqual(bodies.map(() => []));
});

test("in a program or a test, the workflows alone are workflow code", async () => {
  const source = `import { readFileSync } from "node:fs";
import { Worker } from "perdure/worker";
import * as workflow from "perdure/workflow";
console.log(process.argv, Worker, readFileSync("x"));
@workflow.defn() class Trial {
  @workflow.run async run(): Promise<unknown> {
    return [process.pid,
      readFileSync("x")];
  }
}
process.exit(Trial.length);`;
  const found = await folder.find(source, undefined, "main.ts");
  expect(found.map(({ rule, line }) => [rule, line])).toEqual([
    [GLOBALS, 7],
    [MODULES, 8],
  ]);
  expect(found[1]?.message).toContain(`Cannot use "readFileSync" of "node:fs" in workflow code`);
});

test("activities beside workflows, and workflows outside of the sandbox, may use what the host has", async () => {
  const source = `import * as activity from "perdure/activity";
import * as workflow from "perdure/workflow";
export const ask = activity.defn({ name: "Ask" })(async (url: string) => (await fetch(url)).status);
export class Activities { @activity.defn async pid() { return process.pid; } }
@workflow.defn({ sandboxed: false }) export class Outside { @workflow.run async run() { return process.pid; } }
@workflow.defn() export class Inside { @workflow.run async run() { return process.pid; } }`;
  expect(await folder.find(source)).toEqual([{ rule: GLOBALS, line: 6, message: isAbsent("process") }]);
});

test("workflows that plain JavaScript declares are found, and code without workflows is left alone", async () => {
  const declared = `import { declare } from "perdure/workflow";
export class Trial { async run() { return process.pid; } }
declare(Trial, {});`;
  expect(await folder.find(declared, undefined, "workflows.mjs")).toHaveLength(1);
  const part = `import { sleep } from "perdure/workflow";
export const nap = async () => { await sleep(1); return process.pid; };`;
  expect(await folder.find(part)).toHaveLength(1);
  const other = `import { readFileSync } from "node:fs";
import { NondeterminismError } from "perdure/workflow";
export const text = process.argv.map((path) => readFileSync(path)).concat(NondeterminismError as never);`;
  expect(await folder.find(other)).toEqual([]);
});

test("the examples and the workflows of the benchmarks pass", async () => {
  const { files, findings } = await folder.run(["examples", "bench"]);
  expect(findings).toEqual([]);
  expect(files).toBeGreaterThan(50);
});

test("the recommended configuration has every rule and the plugin itself, as ESLint wants it", () => {
  const { meta, rules, configs } = plugin;
  expect(configs.recommended.plugins["perdure"]).toBe(plugin);
  expect(configs.recommended.rules).toEqual(
    Object.fromEntries(Object.keys(rules).map((name) => [`perdure/${name}`, "error"])),
  );
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
  expect(meta.version).toBe(manifest.version);
});

test("the page of the sandbox has the configuration of oxlint", () => {
  const [, text = ""] = /^```json\n([\s\S]*?)^```$/m.exec(readFileSync("docs/sandbox.md", "utf8")) ?? [];
  expect(JSON.parse(text)).toEqual({ jsPlugins: ["perdure/lint"], rules: plugin.configs.recommended.rules });
});

type Module = typeof workflow;
type Promising = {
  [Name in keyof Module]: Module[Name] extends (...args: never[]) => infer R
    ? [R] extends [never]
      ? never
      : R extends PromiseLike<unknown>
        ? Name
        : never
    : never;
}[keyof Module];

test("all functions of perdure/workflow that answer with a promise are known", () => {
  // Compiled only if these are all of them.
  const promising: Record<Promising, true> = {
    executeActivity: true,
    executeChildWorkflow: true,
    executeLocalActivity: true,
    shield: true,
    signalWithStartWorkflow: true,
    sleep: true,
    startActivity: true,
    startChildWorkflow: true,
    startLocalActivity: true,
    wait: true,
    waitCondition: true,
  };
  const known = [...PROMISING_CALLS].filter((path) => !path.includes("."));
  expect(known.toSorted()).toEqual(Object.keys(promising).toSorted());
  expect([...PROMISING_METHODS.keys()].filter((name) => !(name in workflow))).toEqual([]);
});
