/**
 * Compiles bench/ to plain JavaScript, as users run it, and starts one of its programs with the arguments given: bench/main,
 * or the one that `--program` names.
 */
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
// They measure the inside of the server, which the package does not export.
buildSync({
  entryPoints: ["bench/visibility.ts", "bench/schedule.ts"],
  outdir: ".bench",
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  logLevel: "error",
  tsconfigRaw: "{}",
});
const given = process.argv.slice(2);
const program = given.find((argument) => argument.startsWith("--program="))?.slice("--program=".length) ?? "main";
const nodeOptions = given.filter((argument) => argument.startsWith("--cpu-prof"));
const rest = given.filter((argument) => !/^--(cpu-prof|program=)/.test(argument));
const { status } = spawnSync(process.execPath, [...nodeOptions, `.bench/${program}.js`, ...rest], { stdio: "inherit" });
process.exit(status ?? 1);
