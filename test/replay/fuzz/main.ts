/**
 * Runs random workflows of the public API, evicts them at random, replays them from scratch and compares.
 *
 *   npm run fuzz -- [--steps 1000000] [--seed N] [--processes 2]
 *
 * A program that differs is told with its seed: `--seed SEED --steps 1` runs it alone.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { FuzzOptions, FuzzReport } from "./fuzz-run.ts";

interface Share extends FuzzReport {
  readonly cpuSeconds: number;
}

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    processes: { type: "string", default: String(availableParallelism()) },
  },
});
const seed = Number(values.seed);
const steps = Number(values.steps);
const processes = Math.min(Number(values.processes), steps);
console.log(`seed ${seed}`);
const shares = await Promise.all(
  Array.from({ length: processes }, (_, at) =>
    runShare({ seed: seed + at, stride: processes, steps: Math.ceil(steps / processes) }),
  ),
);
const sum = (of: "steps" | "programs" | "made" | "cpuSeconds"): number =>
  shares.reduce((all, share) => all + share[of], 0);
console.log(
  `${sum("steps")} jobs and commands of ${sum("programs")} programs, their code made ${sum("made")} times, in ${(performance.now() / 1000).toFixed(1)} s (${sum("cpuSeconds").toFixed(1)} s CPU)`,
);
const differences = shares.flatMap(({ difference }) => (difference === undefined ? [] : [difference]));
for (const difference of differences) console.log(difference);
process.exitCode = differences.length === 0 ? 0 : 1;

/** @throws {Error} If the process ends without a report. */
function runShare(options: FuzzOptions): Promise<Share> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./share.ts", import.meta.url)), [JSON.stringify(options)]);
    child.once("message", (share) => resolve(share as Share));
    child.once("exit", (code) => reject(new Error(`a process of the fuzz ended with ${code} before its report`)));
  });
}
