import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finding, type Load } from "./loads.js";
import { percentile } from "./measure.js";

const COLD_STARTS = 5;
const ACTIONS_A_YEAR = 8_760;

/** Runs one of the programs beside this file and reads the number in its last line. */
async function runProgram(name: string, ...nodeOptions: readonly string[]): Promise<number> {
  return (await readProgram(name, nodeOptions)).value;
}

async function readProgram(
  name: string,
  nodeOptions: readonly string[],
): Promise<{ readonly value: number; readonly lines: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "perdure-bench-"));
  try {
    const child = spawn(process.execPath, [...nodeOptions, `.bench/${name}`], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, BENCH_FOLDER: folder, BENCH_STARTED_MS: String(Date.now()) },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    const lines = output.trim().split("\n");
    const value = Number(lines.at(-1));
    if (code !== 0 || Number.isNaN(value))
      throw new Error(`bench/${name} ended with code ${String(code)} and printed: ${output}`);
    return { value, lines };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function coldStart(): Promise<Finding> {
  const times: number[] = [];
  for (let index = 0; index < COLD_STARTS; index++) times.push(await runProgram("cold.js"));
  return { value: percentile(times, 0.5), unit: "ms", workflows: 1, detail: { minMs: Math.min(...times) } };
}

/** Every shape's percentiles are the detail; the slowest shape is the row's figure. */
async function lists(): Promise<Finding> {
  const { value, lines } = await readProgram("visibility.js", []);
  const detail: Record<string, number> = {};
  for (const line of lines) {
    const found = /^(.*): p50 (\S+) ms, p99 (\S+) ms$/.exec(line);
    if (found === null) continue;
    const [, shape, p50, p99] = found;
    detail[`${shape} p50`] = Number(p50);
    detail[`${shape} p99`] = Number(p99);
  }
  return { value, unit: "ms p50", workflows: 1, detail };
}

/** The lines before the last are the detail: the server's start, CPU time and memory. */
async function yearOfSchedule(): Promise<Finding> {
  const { value, lines } = await readProgram("schedule.js", []);
  const detail: Record<string, number> = {};
  for (const line of lines.slice(0, -1)) {
    const [name = "", figure, unit] = line.split(" ");
    detail[`${name} ${unit}`] = Number(figure);
  }
  return { value, unit: "ms", workflows: ACTIONS_A_YEAR, detail };
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
  {
    id: "SC1",
    title: "a year of an hourly schedule on virtual time: 8,760 starts",
    least: 1000,
    aim: 500,
    higher: false,
    run: yearOfSchedule,
  },
  {
    id: "V1",
    title: "page of 100 among 100,000 runs, slowest filter",
    least: 50,
    aim: 25,
    higher: false,
    run: lists,
  },
  { id: "I1", title: "import of perdure/client", least: 80, aim: 40, higher: false, run: importClient },
  { id: "B1", title: "process start to first result", least: 600, aim: 300, higher: false, run: coldStart },
];
