/**
 * Every check that a change must pass, in order; stops at the first that fails. The same here and in CI, where `--tested` says
 * that the tests have run already. A word runs only the checks whose names begin with it.
 */
import { spawnSync } from "node:child_process";

const steps = [
  ["setup", "node scripts/setup.mjs"],
  ["format", "oxfmt --check src test scripts bench examples"],
  ["lint", "oxlint --type-aware --deny-warnings src test scripts bench examples"],
  ["types", "tsc -p tsconfig.json"],
  ...["proto", "core", "payload", "nexus", "workflow"].map((layer) => [
    `types of ${layer}, which has no host`,
    `tsc -p src/${layer}/tsconfig.json`,
  ]),
  ["layers", "depcruise --config .dependency-cruiser.cjs src"],
  ["tests with coverage floors", "vitest run --coverage"],
  ["build", "node scripts/build.mjs"],
  ["package", "publint --strict"],
  ["types of the package", "attw --pack . --profile esm-only --no-emoji"],
  ["API reports", "node scripts/api-report.mjs"],
  ["dead code", "knip"],
];

const wasTested = process.argv.includes("--tested");
const only = process.argv.slice(2).find((word) => !word.startsWith("--"));
for (const [name, command] of steps) {
  if (only !== undefined && !name.startsWith(only)) continue;
  if (wasTested && name.startsWith("tests")) continue;
  const started = performance.now();
  const { status } = spawnSync(command, {
    shell: true,
    stdio: "inherit",
    env: { ...process.env, PATH: `node_modules/.bin:${process.env.PATH}` },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`check: ${name} failed after ${seconds} s (${command})`);
    process.exit(1);
  }
  console.error(`check: ${name} passed in ${seconds} s`);
}
