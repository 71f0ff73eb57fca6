import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finding, type Load } from "./loads.js";
import { percentile } from "./measure.js";

const COLD_STARTS = 5;

/** Runs one of the programs beside this file and reads the number in its last line. */
async function runProgram(name: string, ...nodeOptions: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-bench-"));
  try {
    const child = spawn(process.execPath, [...nodeOptions, `.bench/${name}`], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, BENCH_FOLDER: folder, BENCH_STARTED_MS: String(Date.now()) },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    const value = Number(output.trim().split("\n").at(-1));
    if (code !== 0 || Number.isNaN(value))
      throw new Error(`bench/${name} ended with code ${String(code)} and printed: ${output}`);
    return value;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function coldStart(): Promise<Finding> {
  const times: number[] = [];
  for (let index = 0; index < COLD_STARTS; index++) times.push(await runProgram("cold.js"));
  return { value: percentile(times, 0.5), unit: "ms", workflows: 1, detail: { minMs: Math.min(...times) } };
}

async function importClient(): Promise<Finding> {
  const times: number[] = [];
  for (let index = 0; index < COLD_STARTS; index++) times.push(await runProgram("import.js"));
  return { value: percentile(times, 0.5), unit: "ms", workflows: 1, detail: { minMs: Math.min(...times) } };
}

/** The loads that need a process of their own. */
export const processLoads: readonly Load[] = [
  {
    id: "R1",
    title: "replay of a 10,000-event history",
    least: 50_000,
    aim: 200_000,
    higher: true,
    run: async () => ({ value: await runProgram("replay.js"), unit: "events/s", workflows: 1, detail: {} }),
  },
  {
    id: "R2",
    title: "10,000 short histories through the replay gate, fetched over gRPC",
    least: 10_000,
    aim: 100_000,
    higher: true,
    run: async () => ({ value: await runProgram("gate.js"), unit: "histories/min", workflows: 10_000, detail: {} }),
  },
  {
    id: "M1",
    title: "2,000 cached idle workflows",
    least: 40,
    aim: 20,
    higher: false,
    run: async () => ({
      value: await runProgram("memory.js", "--expose-gc"),
      unit: "KB each",
      workflows: 1,
      detail: {},
    }),
  },
  {
    id: "TS1",
    title: "500 tests that sleep a year, each with its own server and worker",
    least: 60,
    aim: 20,
    higher: false,
    run: async () => ({ value: await runProgram("tests.js"), unit: "ms each", workflows: 500, detail: {} }),
  },
  { id: "I1", title: "import of perdure/client", least: 80, aim: 40, higher: false, run: importClient },
  { id: "B1", title: "process start to first result", least: 600, aim: 300, higher: false, run: coldStart },
];
