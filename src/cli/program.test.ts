import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { WorkflowService } from "../proto/gen/workflowservice.ts";
import { GrpcTransport } from "../rpc/grpc-transport.ts";
import { run } from "./program.ts";
import { packageVersion } from "./version.ts";

const directory = mkdtempSync(join(tmpdir(), "perdure-cli-"));
afterAll(() => rmSync(directory, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly written: string;
  readonly errors: string;
}

async function runHere(...args: readonly string[]): Promise<Outcome> {
  const written: string[] = [];
  const errors: string[] = [];
  const code = await run(args, {
    write: (line) => written.push(line),
    writeError: (line) => errors.push(line),
    untilStopped: () => Promise.resolve(),
  });
  return { code, written: written.join("\n"), errors: errors.join("\n") };
}

test("version and help are answered", async () => {
  expect(await runHere("--version")).toEqual({ code: 0, written: packageVersion(), errors: "" });
  const help = await runHere("server", "start-dev", "--help");
  expect(help.code).toBe(0);
  expect(help.written).toMatch(/--db-filename <path>/);
});

test("unknown flags, commands and wrong values are refused by name", async () => {
  expect(await runHere("server", "start-dev", "--nope")).toMatchObject({
    code: 1,
    errors: "error: unknown option '--nope'",
  });
  expect((await runHere("nope")).errors).toMatch(/unknown command 'nope'/);
  expect((await runHere("server", "start-dev", "--log-level", "loud")).errors).toMatch(
    /--log-level.*Allowed choices are/,
  );
  expect(await runHere("server", "start-dev", "--port", "x")).toEqual({
    code: 1,
    written: "",
    errors: 'Error: Cannot use flag "--port": found "x", expected a port from 0 to 65535',
  });
});

test("what goes wrong at the start is said in a sentence", async () => {
  const missing = join(directory, "no", "x.db");
  expect((await runHere("server", "start-dev", "-p", "0", "-f", missing)).errors).toMatch(
    /^Error: Cannot open database .* create it first$/,
  );
  const badConfig = await runHere("server", "start-dev", "-p", "0", "--dynamic-config-value", "limit.maxIDLength=true");
  expect(badConfig.errors).toMatch(/^Error: Cannot read dynamic config "limit.maxIDLength"/);
});

test("the configuration can be shown", async () => {
  const { code, written, errors } = await runHere("server", "start-dev", "-p", "0", "-n", "mine", "--log-config");
  expect(code).toBe(0);
  expect(JSON.parse(errors)).toMatchObject({ port: 0, namespaces: ["default", "mine"] });
  expect(written).toMatch(/Temporal Persistence: in-memory/);
});

test("a test server takes a port and a flag, as the official SDKs give them", async () => {
  const { code, written } = await runHere("test-server", "0", "--enable-time-skipping");
  expect(code).toBe(0);
  expect(written).toMatch(/test server: 127\.0\.0\.1:[1-9]\d*$/);
  expect((await runHere("test-server", "port")).errors).toMatch(/Cannot use flag "<port>": found "port"/);
  expect((await runHere("test-server")).errors).toMatch(/missing required argument 'port'/);
});

test("the program serves at the address it prints, and a signal ends it in good order", async () => {
  const file = join(directory, "served.db");
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--import", "tsx", main, "server", "start-dev", "--port", "0", "--db-filename", file],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const exit = once(child, "exit");
  let address = "";
  for await (const line of createInterface(child.stdout)) {
    address = /^Temporal Server:\s+(\S+)$/.exec(line)?.[1] ?? address;
    if (line.startsWith("Temporal Persistence:")) break;
  }
  const transport = new GrpcTransport({ address });
  const { path, request, response } = WorkflowService.methods.DescribeNamespace;
  const answer = await transport.call({ path, body: request.encode({ namespace: "default" }) });
  expect(response.decode(answer).namespaceInfo?.name).toBe("default");
  await transport.close();
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  expect(existsSync(`${file}-wal`)).toBe(false);
}, 60_000);
