import { fork, spawn, type ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { PlacedMessage, WorkerMessage } from "./placed-message.ts";
import type { PlacedScript } from "./placed-script.ts";

/** One thread or process. */
export interface PoolMember {
  post(message: WorkerMessage): void;
  /** Ends it at once; nothing is told of it any more. */
  end(): Promise<void>;
  /** Whether it keeps the worker's own process alive. */
  keepAlive(isBusy: boolean): void;
}

/** What starts a {@link PoolMember}. */
export interface PoolMemberOptions {
  readonly name: string;
  readonly script: PlacedScript;
  readonly memoryMb: number | undefined;
  readonly onMessage: (message: PlacedMessage) => void;
  /** Called once if it ends by itself. */
  readonly onLost: (reason: string) => void;
}

/** Runs the script as if it were a module of its file, so that it finds packages from there. */
const RUN_SCRIPT = `
const { Module } = require("node:module");
const run = ({ code, file, directory }) => {
  const script = new Module(file);
  script.filename = file;
  script.paths = Module._nodeModulePaths(directory);
  script._compile(code, file);
};`;

/** Starts a thread. */
export function startThread({ name, script, memoryMb, onMessage, onLost }: PoolMemberOptions): PoolMember {
  const resourceLimits = memoryMb === undefined ? {} : { maxOldGenerationSizeMb: memoryMb };
  const options = { name, resourceLimits, execArgv: [], workerData: sourceOf(script) };
  const worker =
    script.code === undefined
      ? new Worker(script.entry, options)
      : new Worker(`${RUN_SCRIPT}\nrun(require("node:worker_threads").workerData);`, { ...options, eval: true });
  let hasEnded = false;
  let reason: string | undefined;
  worker.on("message", onMessage);
  worker.on("error", (error: Error) => {
    reason = error.message;
  });
  worker.once("exit", (code) => {
    if (hasEnded) return;
    hasEnded = true;
    onLost(reason ?? `exit code ${code}`);
  });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    keepAlive: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
    async end() {
      hasEnded = true;
      await worker.terminate();
    },
  };
}

/** Starts a child process. */
export function startProcess({ script, memoryMb, onMessage, onLost }: PoolMemberOptions): PoolMember {
  const execArgv = memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`];
  const child = script.code === undefined ? forkEntry(script.entry, execArgv) : spawnScript(execArgv);
  let hasEnded = false;
  const lost = (reason: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    onLost(reason);
  };
  child.on("message", (message) => onMessage(message as PlacedMessage));
  child.once("error", (error) => lost(error.message));
  child.once("exit", (code, signal) => lost(signal === null ? `exit code ${code}` : `signal ${signal}`));
  const source = sourceOf(script);
  if (source !== undefined) child.send(source);
  unrefChild(child);
  return {
    post(message) {
      // A process that is gone is told of by its exit.
      if (child.connected) child.send(message, () => undefined);
    },
    keepAlive(isBusy) {
      if (!isBusy) unrefChild(child);
      else {
        child.ref();
        child.channel?.ref();
      }
    },
    end() {
      hasEnded = true;
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      });
    },
  };
}

const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;

function forkEntry(entry: URL, execArgv: readonly string[]): ChildProcess {
  return fork(entry, { execArgv: [...execArgv], serialization: "advanced", stdio: [...stdio] });
}

function spawnScript(execArgv: readonly string[]): ChildProcess {
  const begin = `${RUN_SCRIPT}\nprocess.once("message", run);`;
  return spawn(process.execPath, [...execArgv, "-e", begin], { serialization: "advanced", stdio: [...stdio] });
}

function unrefChild(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

function sourceOf({ code, entry }: PlacedScript): { code: string; file: string; directory: string } | undefined {
  if (code === undefined) return undefined;
  const file = fileURLToPath(entry);
  return { code, file, directory: dirname(file) };
}
