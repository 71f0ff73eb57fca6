/** Compiles bench/ to plain JavaScript, as users run it, and starts bench/main with the arguments given. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { buildSync } from "esbuild";

execFileSync(process.execPath, ["scripts/setup.mjs"], { stdio: "inherit" });
if (!existsSync("dist/client.js")) execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
buildSync({
  entryPoints: readdirSync("bench")
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `bench/${name}`),
  outdir: ".bench",
  format: "esm",
  target: "node20",
  sourcemap: true,
  logLevel: "error",
  tsconfigRaw: "{}",
});
// It measures the inside of the server, which the package does not export.
buildSync({
  entryPoints: ["bench/visibility.ts"],
  outdir: ".bench",
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "error",
  tsconfigRaw: "{}",
});
const nodeOptions = process.argv.slice(2).filter((argument) => argument.startsWith("--cpu-prof"));
const rest = process.argv.slice(2).filter((argument) => !argument.startsWith("--cpu-prof"));
const { status } = spawnSync(process.execPath, [...nodeOptions, ".bench/main.js", ...rest], { stdio: "inherit" });
process.exit(status ?? 1);
