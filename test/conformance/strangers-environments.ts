import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { DataTrial as Trial } from "./strangers-data.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;
const script = "test/conformance/strangers/python/environments.py";

/**
 * The test environments of the official SDKs, which start our built programs in the place of their servers: a workflow
 * sleeps a year on one that skips time, and runs on one for development.
 *
 * @param programs Where the interpreter of Python and the script for Node are.
 */
export function environmentTrials(programs: { readonly python: string; readonly typescript: string }): Trial[] {
  const servers = [resolve("dist/cli/test-server-main.js"), resolve("dist/cli/main.js")];
  const trial = (sdk: string, file: string, args: readonly string[]): Trial => ({
    name: `official ${sdk} SDK: its test environments start our servers`,
    async run() {
      await run(file, [...args, ...servers], { timeout: TIMEOUT_MS });
    },
  });
  return [trial("Python", programs.python, [script]), trial("TypeScript", process.execPath, [programs.typescript])];
}
