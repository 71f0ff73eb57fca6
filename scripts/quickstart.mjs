/** From a fresh clone to a first result: installs what is missing, builds, and runs examples/hello. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

// The example must run what users install, so its imports may not be led to the sources.
const env = { ...process.env, TSX_TSCONFIG_PATH: "examples/tsconfig.json" };
const run = (...args) => execFileSync(process.execPath, args, { stdio: "inherit", env });
run("scripts/setup.mjs");
if (!existsSync("dist/client.js") || process.argv.includes("--rebuild")) {
  console.error("Building …");
  run("scripts/build.mjs");
}
run(
  "--import",
  "tsx",
  "examples/hello/main.ts",
  ...process.argv.slice(2).filter((argument) => argument !== "--rebuild"),
);
