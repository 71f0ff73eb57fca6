/**
 * Prints a digest of the bytes of all histories that simulated runs leave, and whether a second time gives the same.
 *
 *   npm run determinism -- [--seed N] [--node PROGRAM]... [--json] [--histories]
 *
 * With `--node` other versions of Node do the same, and their digests must be the same. It exits with 1 if any differs;
 * `--histories` then prints them, to find where.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { toJson } from "../../src/proto/json.ts";
import { History } from "../../src/proto/gen/history.ts";
import { digestRuns, type RunDigest } from "./digest.ts";

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    node: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    histories: { type: "boolean", default: false },
  },
});

const digests = await digestRuns(Number(options.seed));
if (options.histories) {
  console.log(JSON.stringify(digests.map(toReadable), undefined, 1));
} else if (options.json) {
  console.log(JSON.stringify(digests.map(summaryOf)));
} else {
  for (const { seed, runs, events, digest } of digests) {
    console.log(`seed ${seed}: ${runs} histories, ${events} events, ${digest}`);
  }
  const others = [["a second time", await digestRuns(Number(options.seed))] as const, ...options.node.map(askOther)];
  const differing = others.filter(([, other]) => !isSame(digests, other)).map(([name]) => name);
  for (const [name] of others) console.log(`${differing.includes(name) ? "DIFFERS" : "same"}: ${name}`);
  if (differing.length > 0) process.exitCode = 1;
}

type Summary = Omit<RunDigest, "histories">;

function askOther(program: string): readonly [name: string, digests: readonly Summary[]] {
  const args = ["--import", "tsx", fileURLToPath(import.meta.url), "--json", "--seed", options.seed];
  const output = execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  return [`Node ${version}`, JSON.parse(output) as readonly Summary[]];
}

function isSame(left: readonly Summary[], right: readonly Summary[]): boolean {
  return JSON.stringify(left.map(({ digest }) => digest)) === JSON.stringify(right.map(({ digest }) => digest));
}

function summaryOf({ histories: _histories, ...summary }: RunDigest): Summary {
  return summary;
}

function toReadable({ seed, histories }: RunDigest): object {
  const entries = Object.entries(histories);
  return {
    seed,
    histories: Object.fromEntries(entries.map(([name, bytes]) => [name, toJson(History, History.decode(bytes))])),
  };
}
