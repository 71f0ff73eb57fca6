/** Compiles src to dist, one file for each, then joins what is loaded at once, and makes the workflow SDK's bundle for the sandbox. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
for (const program of ["dist/cli/main.js", "dist/cli/test-server-main.js"]) {
  if (existsSync(program)) chmodSync(program, 0o755);
}

const shared = {
  allowOverwrite: true,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  logLevel: "error",
};

// A thread loads one file in half the time that its hundreds of modules take.
await build({
  ...shared,
  entryPoints: [
    { in: "dist/server/thread.js", out: "server/thread" },
    { in: "dist/worker/placed/placed-entry.js", out: "worker/placed/placed-entry" },
    { in: "dist/worker/tasks/workflow-service.js", out: "worker/tasks/workflow-service.bundle" },
  ],
  outdir: "dist",
});
const { prebuildRealm } = await import("../dist/worker/sandbox/bundle.js");
writeFileSync("dist/worker/sandbox/realm-script.json", await prebuildRealm());

// So does a program: what subpaths share is in a few files. Made last, for the realm is built from the files one by one.
const chunks = "dist/chunks";
await build({
  ...shared,
  entryPoints: readdirSync("dist")
    .filter((name) => name.endsWith(".js"))
    .map((name) => join("dist", name)),
  outdir: "dist",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  plugins: [
    { name: "own-places", setup: (plugins) => plugins.onLoad({ filter: /\.js$/ }, ({ path }) => withOwnPlace(path)) },
  ],
});

/** A module that has moved into another file still finds what lies beside its old place. */
function withOwnPlace(path) {
  const text = readFileSync(path, "utf8");
  const place = relative(chunks, path).split(sep).join("/");
  // Not within quotes: there it is only talked about.
  const contents = text.replaceAll(
    /(?<!["'`])import\.meta\.url(?!["'`])/g,
    // What no other subpath shares stays in the subpath's own file, beside the folder of the others.
    `new URL(${JSON.stringify(place)}, new URL(/\\/chunks\\/[^/]*$/.test(import.meta.url) ? "." : "chunks/", import.meta.url)).href`,
  );
  return contents === text ? undefined : { contents, loader: "js" };
}
