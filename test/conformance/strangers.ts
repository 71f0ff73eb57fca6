import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "perdure/client";
import { Worker } from "perdure/worker";
import * as activities from "./activities.ts";
import { dataTrials } from "./strangers-data.ts";
import { echoTrials } from "./strangers-go.ts";
import { environmentTrials } from "./strangers-environments.ts";
import { compareMetricsWith } from "./strangers-metrics.ts";
import { streamTrials } from "./strangers-streams.ts";
import { Greeting } from "./strangers.workflows.ts";

const run = promisify(execFile);
/** Where official SDKs live: installed by name from their registries, never among our dependencies. */
const home = ".strangers";
const TIMEOUT_MS = 180_000;

/** An official SDK's program of test/conformance/strangers. */
interface Stranger {
  readonly name: string;
  /** Why it cannot be met here; undefined if it can. */
  missing?(): string | undefined;
  prepare(): void;
  command(...args: readonly string[]): readonly [string, readonly string[]];
}

const python: Stranger = {
  name: "official Python SDK",
  prepare() {
    const folder = join(home, "python");
    installOnce(folder, "test/conformance/strangers/python/requirements.txt", (requirements) => {
      execFileSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
      execFileSync(join(folder, "bin/pip"), ["install", "--quiet", "-r", requirements], { stdio: "inherit" });
    });
  },
  command: (...args) => [join(home, "python/bin/python"), ["test/conformance/strangers/python/hello.py", ...args]],
};

const typescript: Stranger = {
  name: "official TypeScript SDK",
  prepare() {
    const folder = join(home, "typescript");
    mkdirSync(folder, { recursive: true });
    cpSync("test/conformance/strangers/typescript", folder, { recursive: true });
    installOnce(folder, "test/conformance/strangers/typescript/package.json", () => {
      execFileSync("npm", ["install", "--no-audit", "--no-fund", "--silent"], { cwd: folder, stdio: "inherit" });
    });
  },
  command: (...args) => [process.execPath, [join(home, "typescript/hello.mjs"), ...args]],
};

const goProgram = join(home, "go/strangers");
const go: Stranger = {
  name: "official Go SDK",
  missing: () => (spawnSync("go", ["version"]).error === undefined ? undefined : '"go" is not on the path'),
  prepare() {
    mkdirSync(join(home, "go"), { recursive: true });
    execFileSync("go", ["build", "-o", join(process.cwd(), goProgram), "."], {
      cwd: "test/conformance/strangers/go",
      stdio: "inherit",
    });
  },
  command: (...args) => [goProgram, args],
};

/** Installs what a file asks for, unless that was done. */
function installOnce(folder: string, wantedFile: string, install: (wantedFile: string) => void): void {
  const installedFile = join(folder, "installed");
  const wanted = readFileSync(wantedFile, "utf8");
  if (existsSync(installedFile) && readFileSync(installedFile, "utf8") === wanted) return;
  install(wantedFile);
  writeFileSync(installedFile, wanted);
}

/** What became of one meeting with an official SDK. */
export interface StrangerOutcome {
  readonly name: string;
  readonly error: unknown;
  /** Why there was no meeting. */
  readonly missing?: string;
}

/** Lets official SDKs meet us on a server: alone, as worker for our client, and as client of our worker. Without an address, the server is ours, as a program. */
export async function runStrangers(address?: string): Promise<StrangerOutcome[]> {
  if (address !== undefined) return meetStrangers(address);
  const folder = mkdtempSync(join(tmpdir(), "perdure-strangers-"));
  const server = await startServer(join(folder, "strangers.db"));
  try {
    return [...(await meetStrangers(server.address)), ...(await tryEnvironments())];
  } finally {
    server.child.kill("SIGTERM");
    await once(server.child, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

async function meetStrangers(address: string): Promise<StrangerOutcome[]> {
  const unique = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
  const results: StrangerOutcome[] = [];
  const check = async (name: string, job: () => Promise<void>): Promise<void> => {
    let error: unknown;
    await job().catch((reason: unknown) => (error = reason));
    results.push({ name, error });
  };
  for (const stranger of [python, typescript, go]) {
    const missing = stranger.missing?.();
    if (missing !== undefined) {
      results.push({ name: `${address}: ${stranger.name}`, error: undefined, missing });
      continue;
    }
    stranger.prepare();
    const id = `stranger-${stranger.name.replaceAll(" ", "-")}-${unique}`;
    await check(`${address}: ${stranger.name}: client and worker`, () =>
      finish(stranger, address, "both", `${id}-both`, id),
    );
    await check(`${address}: ${stranger.name}: worker of a workflow that our client started`, () =>
      strangerWorks(stranger, address, `${id}-worker`),
    );
    await check(`${address}: ${stranger.name}: client of a workflow that our worker runs`, () =>
      weWork(stranger, address, `${id}-client`),
    );
  }
  const interpreter = join(home, "python/bin/python");
  await check(`${address}: official Python SDK: metrics of one load have the same names, tags and buckets`, () =>
    compareMetricsWith(interpreter, address, unique),
  );
  const goTrials = go.missing?.() === undefined ? echoTrials(goProgram, address, unique) : [];
  const trials = [
    ...dataTrials(interpreter, address, unique),
    ...streamTrials(interpreter, address, unique),
    ...goTrials,
  ];
  for (const trial of trials) await check(`${address}: ${trial.name}`, () => trial.run());
  return results;
}

/** What the official SDKs start by themselves. */
async function tryEnvironments(): Promise<StrangerOutcome[]> {
  const results: StrangerOutcome[] = [];
  const programs = { python: join(home, "python/bin/python"), typescript: join(home, "typescript/environments.mjs") };
  for (const { name, run: job } of environmentTrials(programs)) {
    let error: unknown;
    await job().catch((reason: unknown) => (error = reason));
    results.push({ name, error });
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
  if (!existsSync("dist/cli/main.js"))
    throw new Error('Cannot start the server: "dist/cli/main.js" is not there, run "npm run build" first');
  const child = spawn(
    process.execPath,
    ["dist/cli/main.js", "server", "start-dev", "--port", "0", "--headless", "--db-filename", file],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
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
    child.once("exit", (code) =>
      reject(new Error(`A program ended with code ${code} before it printed ${wanted}: ${text}`)),
    );
  });
}
