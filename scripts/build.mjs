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

// A thread loads one file in half the time that its hundreds of modules take, and a short one sooner than a long one.
await build({
  ...shared,
  minifyWhitespace: true,
  entryPoints: [
    { in: "dist/server/thread.js", out: "server/thread" },
    { in: "dist/worker/placed/placed-entry.js", out: "worker/placed/placed-entry" },
  ],
  outdir: "dist",
});
const { threadSource } = await import("../dist/worker/threads/thread-script.js");
await build({
  ...shared,
  minifyWhitespace: true,
  stdin: {
    contents: threadSource("./dist/worker/threads/serve-thread.js", "./dist/worker/tasks/workflow-service.js"),
    resolveDir: ".",
  },
  // Of all forms a thread is up soonest with this one.
  format: "cjs",
  define: { "import.meta.url": "$url" },
  banner: { js: `const $url = require("node:url").pathToFileURL(__filename).href;` },
  outfile: "dist/worker/tasks/workflow-thread.cjs",
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
