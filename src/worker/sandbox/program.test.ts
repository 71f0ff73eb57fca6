import { expect, test } from "vitest";
import { Trial, type Files } from "./sandbox.test-support.ts";

const workflowClass = `
  @workflow.defn() class Trial {
    @workflow.run async run(what: string): Promise<unknown> { return use(what); }
  }`;

test("a program in a single file holds workflows beside what starts them", async () => {
  const files: Files = {
    "workflows.ts": `
      import { readFileSync } from "node:fs";
      import * as workflow from "perdure/workflow";
      import * as activity from "perdure/activity";
      import { Client } from "perdure/client";
      import { Worker } from "perdure/worker";
      import { part } from "./part.ts";

      export const greet = activity.defn({ name: "Greet" })(async (name: string) => readFileSync(name, "utf8"));
      class Runner extends Worker {}
      function use(what: string): unknown {
        if (what === "client") return Client.connect("memory:");
        if (what === "extended") return new Runner();
        if (what === "builtin") return readFileSync("x");
        if (what === "instanceof") return {} instanceof Client;
        return [typeof greet, greet.name, part];
      }
      ${workflowClass}

      const client = await Client.connect("memory:");
      await using worker = await Worker.create(client, { taskQueue: "q", workflows: [Trial], activities: [greet] });
      for (const name of await client.names()) console.log(name);
      process.exit(1);`,
    "part.ts": `import { connect } from "node:net"; export const part = typeof connect;`,
  };
  const trial = await Trial.of(files);
  expect(trial.run("Trial", ["nothing"])).toEqual(["function", expect.any(String), "function"]);
  expect(trial.run("Trial", ["instanceof"])).toBe(false);
  expect(trial.failure("Trial", ["client"])).toBe(
    `Cannot use "Client.connect" of "perdure/client" in workflow code: it runs outside of workflows; keep it out of the code that a workflow calls`,
  );
  expect(trial.failure("Trial", ["extended"])).toContain(`Cannot use "Worker" of "perdure/worker" in workflow code`);
  expect(trial.failure("Trial", ["builtin"])).toBe(
    `Cannot use "readFileSync" of "node:fs" in workflow code: modules of the runtime are out of its reach; move the call to an activity. Import chain: workflows.ts -> node:fs`,
  );
});

test("an activity of the same file keeps the name that it was given", async () => {
  const trial = await Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import { defn } from "perdure/activity";
      import { Worker } from "perdure/worker";
      export const greet = defn({ name: "Greet" })(async () => "hi");
      function use(): unknown { return (greet as any)[Symbol.for("perdure.activity.definition")]?.name; }
      ${workflowClass}`,
  });
  expect(trial.run("Trial", [""])).toBe("Greet");
});

test("workflows may be defined in a test file", async () => {
  const trial = await Trial.of(
    {
      "trial.test.ts": `
        import { expect, test, describe, vi } from "vitest";
        import assert from "node:assert/strict";
        import * as workflow from "perdure/workflow";
        import { TestEnvironment } from "perdure/testing";
        import { startServer } from "./server.ts";
        const mocked = vi.fn().mockReturnValue(1);
        function use(what: string): unknown { return what === "expect" ? expect(1).toBe(1) : "ran"; }
        ${workflowClass}
        describe("a group", () => { test.each([1, 2])("a test", async () => { expect(await startServer()).toBe(1); }); });`,
      "server.ts": `import net from "node:net"; class Server extends net.Server {} export const startServer = async () => new Server();`,
    },
    { modules: ["trial.test.ts"] },
  );
  expect(trial.run("Trial", ["run"])).toBe("ran");
  expect(trial.failure("Trial", ["expect"])).toContain(
    `Cannot use "expect" of "vitest" in workflow code: test code runs outside of workflows`,
  );
});

test("the guard by which a file tells whether it is the program does not hold in a workflow", async () => {
  const trial = await Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import { fileURLToPath } from "node:url";
      import { Client } from "perdure/client";
      let started = false;
      function use(): unknown { return started; }
      ${workflowClass}
      if ((import.meta as any).main || (typeof process !== "undefined" && process.argv[1] === fileURLToPath(import.meta.url))) { started = true; await Client.connect("memory:"); }`,
  });
  expect(trial.run("Trial", [""])).toBe(false);
});

test("a workflow that its module defines only after waiting is said to be so", async () => {
  const trial = await Trial.of({
    "workflows.ts": `
      import * as workflow from "perdure/workflow";
      import { Client } from "perdure/client";
      await Client.connect("memory:");
      function use(): unknown { return 1; }
      ${workflowClass}`,
  });
  expect(() => trial.run("Trial", [""])).toThrow(
    `module "workflows.ts" does not define it, the module awaits something before it does`,
  );
});
