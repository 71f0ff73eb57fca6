import { expect, test } from "vitest";
import { defaultPayloadConverter } from "../../payload/default-converter.ts";
import { bundleFiles, initialize, Trial } from "./sandbox.test-support.ts";
import { StackMapper } from "./stack-mapper.ts";

const files = {
  "workflows.ts": `import * as workflow from "perdure/workflow";
import { fail } from "./deep/fail.ts";

interface Unused { readonly lines: number }

@workflow.defn()
export class Trial {
  @workflow.run async run(): Promise<unknown> {
    await workflow.sleep(1000);
    return fail({ lines: 1 } satisfies Unused);
  }
}
`,
  "deep/fail.ts": `type Reason = { lines: number };

export function fail(reason: Reason): never {
  throw new Error("failed after " + reason.lines);
}
`,
};

test("a failure's stack names lines of the TypeScript files, and nothing else", async () => {
  const trial = await Trial.of(files);
  const run = trial.instantiate("Trial");
  run.activate([initialize("Trial")]);
  const completion = run.activate([{ kind: "fireTimer", seq: 1 }]);
  if (completion.status !== "failed") throw new Error("The workflow did not fail its task");
  const frames = completion.failure.stackTrace.split("\n").filter((line) => line.includes(" at "));
  expect(frames.map((frame) => frame.trim())).toEqual([
    "at fail (deep/fail.ts:4:9)",
    "at _Trial.run (workflows.ts:10:12)",
  ]);
});

test("workflow code that reads an error's stack sees lines of the TypeScript files", async () => {
  const reading = `import * as workflow from "perdure/workflow";
import { fail } from "./deep/fail.ts";

@workflow.defn()
export class Reading {
  @workflow.run async run(): Promise<unknown> {
    await workflow.sleep(1000);
    try {
      return fail({ lines: 2 });
    } catch (error) {
      return (error as Error).stack;
    }
  }
}
`;
  const trial = await Trial.of({ ...files, "workflows.ts": reading });
  const run = trial.instantiate("Reading");
  run.activate([initialize("Reading")]);
  const completion = run.activate([{ kind: "fireTimer", seq: 1 }]);
  const [command] = completion.status === "completed" ? completion.commands : [];
  if (command?.kind !== "completeWorkflow" || command.result === undefined) throw new Error("No result");
  expect(defaultPayloadConverter.fromPayload(command.result)).toBe(
    "Error: failed after 2\n    at fail (deep/fail.ts:4:9)\n    at _Reading.run (workflows.ts:9:8)",
  );
});

test("frames of the host are left out where no code of the user is in sight", async () => {
  const mapper = new StackMapper(await bundleFiles(files));
  const stack =
    "Error: no\n    at inner (perdure:perdure.js:1:1)\n    at Script.runInContext (node:vm:148:12)\n    at drain (file:///app/realm.js:1:1)";
  expect(mapper.map(stack).split("\n")).toHaveLength(2);
  expect(mapper.map("no stack at all")).toBe("no stack at all");
  expect(mapper.map("    at x (perdure:unknown.js:1:1)")).toBe("    at x (perdure:unknown.js:1:1)");
});

test("what called into the realm is left out between the code that failed and the code that waited for it", async () => {
  const mapper = new StackMapper(await bundleFiles(files));
  const user = (name: string) => `    at ${name} (perdure:workflows.js:1:1)`;
  const host = "    at Script.runInContext (node:vm:148:12)\n    at drain (file:///app/realm.js:1:1)";
  const waiting = `    at async Promise.all (index 0)\n${user("async outer")}`;
  const mapped = mapper.map(`Error: no\n${user("inner")}\n${host}\n${waiting}\n${host}`);
  expect(mapped.split("\n").map((line) => line.trim().replace(/ \(perdure.*/, ""))).toEqual([
    "Error: no",
    "at inner",
    "at async Promise.all (index 0)",
    "at async outer",
  ]);
});

test("sources can be read of files that belong to the bundle, and of no others", async () => {
  const bundle = await bundleFiles({ ...files, "secret.txt": "secret" });
  const mapper = new StackMapper(bundle);
  expect(mapper.readSource("deep/fail.ts")).toBe(files["deep/fail.ts"]);
  expect(mapper.readSource("secret.txt")).toBeUndefined();
  expect(mapper.readSource("../../etc/passwd")).toBeUndefined();
  expect(new StackMapper({ ...bundle, workingDirectory: undefined }).readSource("deep/fail.ts")).toBeUndefined();
});

test("a bundle for a debugger carries its sources", async () => {
  const bundle = await bundleFiles(files, { debug: true });
  expect(bundle.program.code).toMatch(/\n\/\/# sourceMappingURL=data:application\/json;base64,/);
  expect(JSON.parse(bundle.program.map)).toMatchObject({
    sourcesContent: expect.arrayContaining([files["deep/fail.ts"]]),
  });
  expect(new Trial(bundle).instantiate("Trial")).toBeDefined();
});
