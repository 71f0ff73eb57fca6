/**
 * Runs the scenarios on any server and, with `--strangers`, the official SDKs too: on that server if it has a port, else on
 * the built program.
 *
 *   npm run conformance -- [--address HOST:PORT|memory:|sqlite:FILE] [--namespace NAME] [--only TEXT] [--replay] [--strangers]
 *                          [--examples] [--http URL]
 *
 * `--only` takes the themes of that name, or else the scenarios with that text in their names; `--replay` keeps no
 * workflow in memory, so that every task replays its history. `--http` is the server's HTTP API, over which every call is
 * made then that it has a path for. `--examples` runs the programs of `examples` instead.
 */
import { parseArgs } from "node:util";
import { runExamples } from "./run-examples.ts";
import { runScenarios, withWorld } from "./run-scenarios.ts";
import type { Scenario } from "./scenario.ts";
import { runStrangers } from "./strangers.ts";
import { scenarios, themes } from "./themes.ts";

const { values: options } = parseArgs({
  options: {
    address: { type: "string", default: "memory:" },
    namespace: { type: "string", default: "default" },
    only: { type: "string", default: "" },
    replay: { type: "boolean", default: false },
    strangers: { type: "boolean", default: false },
    examples: { type: "boolean", default: false },
    http: { type: "string" },
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

function chosen(): readonly Scenario[] {
  const named = themes[options.only] ?? scenarios.filter(({ name }) => name.includes(options.only));
  return named.filter(({ needsCache }) => !options.replay || needsCache !== true);
}

if (options.examples)
  for (const { name, error } of await runExamples(options.address, options.only)) report(name, error);
else
  await withWorld(
    options.address,
    {
      namespace: options.namespace,
      ...(options.replay ? { maxCachedWorkflows: 0 } : {}),
      ...(options.http === undefined ? {} : { httpUrl: options.http }),
    },
    async (world) => {
      await runScenarios(world, chosen(), ({ scenario, error }) =>
        report(`${options.address}: ${scenario.name}`, error),
      );
    },
  );
const hasPort = !/^(memory|sqlite):/.test(options.address);
if (options.strangers)
  for (const { name, error, missing } of await runStrangers(hasPort ? options.address : undefined)) {
    if (missing === undefined) report(name, error);
    else console.log(`none  ${name}: ${missing}`);
  }
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
