import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import * as activities from "./activities.ts";
import { Greeting } from "./scenarios/spine.workflows.ts";

const run = promisify(execFile);
/** Where official SDKs live: installed by name from their registries, never among our dependencies. */
const home = ".strangers";
const TIMEOUT_MS = 180_000;

/** An official SDK's program of test/conformance/strangers. */
interface Stranger {
  readonly name: string;
  prepare(): void;
  command(...args: readonly string[]): readonly [string, readonly string[]];
}

const python: Stranger = {
  name: "official Python SDK",
  prepare() {
    const folder = join(home, "python");
    if (existsSync(join(folder, "ready"))) return;
    execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
    execFileSync(join(folder, "bin/pip"), ["install", "--quiet", "-r", "test/conformance/strangers/python/requirements.txt"], { stdio: "inherit" });
    mkdirSync(join(folder, "ready"));
  },
  command: (...args) => [join(home, "python/bin/python"), ["test/conformance/strangers/python/hello.py", ...args]],
};

const typescript: Stranger = {
  name: "official TypeScript SDK",
  prepare() {
    const folder = join(home, "typescript");
    mkdirSync(folder, { recursive: true });
    cpSync("test/conformance/strangers/typescript", folder, { recursive: true });
    if (existsSync(join(folder, "node_modules/@temporalio/worker"))) return;
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent"], { cwd: folder, stdio: "inherit" });
  },
  command: (...args) => [process.execPath, [join(home, "typescript/hello.mjs"), ...args]],
};

/** Runs the official SDKs on our server: alone, as worker for our client, and as client of our worker. */
export async function runStrangers(): Promise<{ readonly name: string; readonly error: unknown }[]> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-strangers-"));
  const { child, address } = await startServer(join(folder, "strangers.db"));
  const results: { name: string; error: unknown }[] = [];
  const check = async (name: string, job: () => Promise<void>): Promise<void> => {
    let error: unknown;
    await job().catch((reason: unknown) => (error = reason));
    results.push({ name, error });
  };
  try {
    for (const stranger of [python, typescript]) {
      stranger.prepare();
      const id = `stranger-${stranger.name.replaceAll(" ", "-")}`;
      await check(`${stranger.name}: client and worker`, () => finish(stranger, address, "both", `${id}-both`, id));
      await check(`${stranger.name}: worker of a workflow that our client started`, () => strangerWorks(stranger, address, `${id}-worker`));
      await check(`${stranger.name}: client of a workflow that our worker runs`, () => weWork(stranger, address, `${id}-client`));
    }
  } finally {
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

async function finish(stranger: Stranger, ...args: readonly string[]): Promise<void> {
  const [file, rest] = stranger.command(...args);
  await run(file, rest, { timeout: TIMEOUT_MS });
}

async function strangerWorks(stranger: Stranger, address: string, taskQueue: string): Promise<void> {
  const [file, rest] = stranger.command(address, "worker", taskQueue);
  const child = spawn(file, rest, { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await output(child, /ready/);
    await using client = await Client.connect(address);
    const handle = await client.startWorkflow(Greeting, { args: ["World", true], id: `${taskQueue}-run`, taskQueue });
    await handle.signal("setGreeting", "Hi");
    await handle.signal("release");
    const result = await handle.result();
    if (result !== "Hi, World!") throw new Error(`The workflow answered "${result}"`);
  } finally {
    child.stdin.end();
    child.kill("SIGTERM");
  }
}

async function weWork(stranger: Stranger, address: string, taskQueue: string): Promise<void> {
  await using client = await Client.connect(address);
  const worker = await Worker.create(client, { taskQueue, workflows: [Greeting], activities });
  await worker.runUntil(() => finish(stranger, address, "client", taskQueue, `${taskQueue}-run`));
}

async function startServer(file: string): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = spawn(process.execPath, ["dist/cli/main.js", "server", "start-dev", "--port", "0", "--headless", "--db-filename", file], { stdio: ["ignore", "pipe", "inherit"] });
  const [address] = await output(child, /(127\.0\.0\.1|localhost):\d+/);
  return { child, address };
}

async function output(child: ChildProcess, wanted: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const found = wanted.exec(text);
      if (found !== null) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`A program ended with code ${code} before it printed ${wanted}: ${text}`)));
  });
}
