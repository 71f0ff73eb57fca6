/**
 * Runs the scenarios on any server and, with `--strangers`, the official SDKs against ours.
 *
 *   npm run conformance -- [--address HOST:PORT|memory:|sqlite:FILE] [--namespace NAME] [--strangers]
 */
import { parseArgs } from "node:util";
import { runScenarios, withWorld } from "./run-scenarios.ts";
import { scenarios } from "./scenarios.ts";
import { runStrangers } from "./strangers.ts";

const { values: options } = parseArgs({
  options: {
    address: { type: "string", default: "memory:" },
    namespace: { type: "string", default: "default" },
    strangers: { type: "boolean", default: false },
  },
});

let failed = 0;
let passed = 0;
function report(name: string, error: unknown): void {
  if (error === undefined) passed++;
  else failed++;
  console.log(`${error === undefined ? "pass" : "FAIL"}  ${name}`);
  if (error !== undefined) console.log(error);
}

await withWorld(options.address, options.namespace, async (world) => {
  for (const { scenario, error } of await runScenarios(world, scenarios)) report(`${options.address}: ${scenario.name}`, error);
});
if (options.strangers) for (const { name, error } of await runStrangers()) report(name, error);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
