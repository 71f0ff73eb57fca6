import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLogger } from "../core/telemetry/logger.ts";
import { createAuthority } from "../rpc/certificate.test-support.ts";
import { WorkflowEnvironment } from "../testing/index.ts";
import { Runtime, Worker } from "../worker/index.ts";
import { takeInTurn } from "./history-source.ts";
import { run } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "perdure-replay-"));
let environment: WorkflowEnvironment;

/** A module of workflows; the argument is what Greeter does first. */
function write(name: string, first: string): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `import * as workflow from "perdure/workflow";
@workflow.defn()
export class Greeter {
  @workflow.run
  async run(name: string): Promise<string> {
    ${first}
    return "Hello, " + name;
  }
}
@workflow.defn()
export class Idle {
  @workflow.run
  async run(): Promise<void> {
    await workflow.sleep("1s");
  }
}
`,
  );
  return file;
}

const original = write("workflows.ts", `await workflow.sleep("1m");`);
const changed = write("changed.ts", `await workflow.executeActivity("greet", { startToCloseTimeout: "1m" });`);

beforeAll(async () => {
  environment = await WorkflowEnvironment.startTimeSkipping({ listen: {} });
  const { client } = environment;
  const classes = (await import(original)) as { Greeter: never; Idle: never };
  await using _worker = await Worker.create(client, {
    taskQueue: "q",
    workflows: [classes.Greeter, classes.Idle],
    runtime: new Runtime({ logger: silentLogger }),
  });
  for (const id of ["one", "two"]) await client.executeWorkflow("Greeter", { args: [id], id, taskQueue: "q" });
  await client.executeWorkflow("Idle", { id: "idle", taskQueue: "q" });
  const history = await client.getWorkflowHandle("one").fetchHistory();
  mkdirSync(join(folder, "histories"));
  writeFileSync(join(folder, "histories", "one.json"), history.toJson());
}, 60_000);
afterAll(async () => {
  await environment.shutdown();
  rmSync(folder, { recursive: true });
});

async function replay(...args: readonly string[]): Promise<{ code: number; written: string; errors: string }> {
  const written: string[] = [];
  const errors: string[] = [];
  const code = await run(["replay", ...args], {
    write: (line) => written.push(line),
    writeError: (line) => errors.push(line),
    untilStopped: () => Promise.resolve(),
  });
  return { code, written: written.join("\n"), errors: errors.join("\n") };
}

test("histories of a service are replayed on the code that wrote them", async () => {
  const { code, written } = await replay("-w", original, "--address", environment.address ?? "", "--since", "7d");
  expect(written).toMatch(/^ok {4}Idle {2}idle/m);
  expect(written).toMatch(/3 replayed, 0 failed$/);
  expect(code).toBe(0);
}, 60_000);

test("a service is reached with TLS, a certificate of the caller's own and an API key", async () => {
  const authority = createAuthority("gate");
  const { cert, key } = authority.issue("temporal.test", ["temporal.test"]);
  const tls = { cert, key, clientRootCACert: authority.cert };
  await using guarded = await WorkflowEnvironment.restore(await environment.snapshot(), {
    listen: { tls, apiKeys: ["right"] },
  });
  const caller = authority.issue("caller");
  const files = { ca: authority.cert, cert: caller.cert, key: caller.key };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.pem`), text);
  const at = ["-w", original, "--address", guarded.address ?? "", "--tls-ca", join(folder, "ca.pem")];
  const own = ["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")];
  const named = ["--tls-server-name", "temporal.test"];
  const { code, written } = await replay(...at, ...own, ...named, "--api-key", "right");
  expect(written).toMatch(/3 replayed, 0 failed$/);
  expect(code).toBe(0);
  expect(await replay(...at, ...own, "--api-key", "wrong")).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/its API key is not known/) as unknown,
  });
}, 60_000);

test("code that does not follow fails the gate, which says where", async () => {
  const junit = join(folder, "report.xml");
  const at = ["--address", environment.address ?? "", "-q", "WorkflowType = 'Greeter'"];
  const { code, written } = await replay("-w", changed, ...at, "--sample", "1", "--junit", junit);
  expect(code).toBe(2);
  expect(written).toMatch(/^DIFF {2}Greeter/);
  expect(written).toMatch(/TimerStarted "1".*scheduleActivity "1" of type "greet"/);
  expect(written).toMatch(/at .*changed\.ts:6:\d+/);
  expect(readFileSync(junit, "utf8")).toMatch(
    /<testsuite name="replay" tests="1" failures="1"[\s\S]*<failure type="nondet/,
  );
}, 60_000);

test("histories in files are replayed without a service, and told of in JSON", async () => {
  const { code, written } = await replay("-w", changed, "--history", join(folder, "histories"), "--json");
  expect(code).toBe(2);
  expect(JSON.parse(written)).toMatchObject({
    replayed: 1,
    failed: 1,
    results: [
      {
        workflowId: "one",
        workflowType: "Greeter",
        status: "nondeterminism",
        details: { reason: "differentCommand", eventType: "TimerStarted" },
      },
    ],
  });
}, 60_000);

test("a gate that finds nothing to replay does not pass unless it may", async () => {
  const at = ["-w", original, "--address", environment.address ?? "", "-q", "WorkflowType = 'Nobody'"];
  expect(await replay(...at)).toMatchObject({ code: 3, written: "0 replayed, 0 failed" });
  expect((await replay(...at, "--allow-empty")).code).toBe(0);
}, 60_000);

test("a workflow that the modules do not define fails the gate", async () => {
  const other = join(folder, "other.ts");
  writeFileSync(other, readFileSync(original, "utf8").replace("class Greeter", "class Other"));
  const { code, written } = await replay("-w", other, "--history", join(folder, "histories"));
  expect(code).toBe(2);
  expect(written).toMatch(/^FAIL {2}Greeter[\s\S]*"?Greeter"?/);
}, 60_000);

test("what is missing or wrong is said by name", async () => {
  expect((await replay()).errors).toMatch(/"--workflows" is missing/);
  expect((await replay("-w", original)).errors).toMatch(/neither --address nor --history/);
  expect((await replay("-w", original, "--history", join(folder, "none.json"))).errors).toMatch(/cannot be read/);
  expect((await replay("-w", join(folder, "none.ts"), "--history", folder)).errors).toMatch(/no such file/);
  const at = ["-w", original, "--address", "127.0.0.1:1"];
  expect((await replay(...at, "--since", "a week")).errors).toMatch(/Cannot use flag "--since": found "a week"/);
  expect((await replay(...at, "--sample", "0")).errors).toMatch(/Cannot use flag "--sample"/);
}, 60_000);

test("a sample takes of each type in turn", () => {
  expect(takeInTurn([["a1", "a2", "a3"], ["b1"], ["c1", "c2"]], 5)).toEqual(["a1", "b1", "c1", "a2", "c2"]);
});
