import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { exampleOutputs } from "../docs/example-outputs.ts";
import type { StrangerOutcome } from "./strangers.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;

/** Runs the programs of the examples whose names have that text, each in a process of its own, and compares what they print. */
export async function runExamples(address: string, only: string): Promise<StrangerOutcome[]> {
  const outcomes: StrangerOutcome[] = [];
  for (const [name, wanted] of Object.entries(exampleOutputs)) {
    if (!name.includes(only)) continue;
    const error = await runExample(name, address, wanted).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    outcomes.push({ name: `${address}: examples/${name}`, error });
  }
  return outcomes;
}

async function runExample(name: string, address: string, wanted: readonly string[]): Promise<void> {
  // By the root's configuration the package's name leads to its sources, so that nothing has to be built.
  const env = { ...process.env, TSX_TSCONFIG_PATH: "tsconfig.json" };
  const args = ["--import", "tsx", `examples/${name}/main.ts`, address];
  const { stdout } = await run(process.execPath, args, { env, timeout: TIMEOUT_MS });
  assert.deepEqual(stdout.trimEnd().split("\n").slice(0, wanted.length), wanted);
}
