import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

/** The whole script of a thread, in a file or as text. */
export type ThreadScript =
  | { readonly kind: "file"; readonly url: URL }
  | { readonly kind: "source"; readonly code: string };

const scripts = new Map<string, Promise<ThreadScript>>();

/**
 * Finds out how to start a thread that serves `module`, a URL of a module that exports `createService`.
 *
 * The package's build makes a script of such a module and all it imports: a `.cjs` file, which is started as it is. From
 * sources, as in this package's own tests, a thread would have no loader for them, so that the script is made here, once
 * for each module.
 */
export function threadScript(module: URL): Promise<ThreadScript> {
  let script = scripts.get(module.href);
  if (script === undefined) {
    script = module.pathname.endsWith(".cjs")
      ? Promise.resolve({ kind: "file", url: module })
      : compile(fileURLToPath(module));
    scripts.set(module.href, script);
    script.catch(() => scripts.delete(module.href));
  }
  return script;
}

function compile(modulePath: string): Promise<ThreadScript> {
  const serve = existing(new URL("./serve-thread.ts", import.meta.url), new URL("./serve-thread.js", import.meta.url));
  return bundleSource(threadSource(serve, modulePath)).then((code) => ({ kind: "source", code }));
}

/**
 * Source of a thread's script.
 *
 * @public The package's build uses it too.
 */
export function threadSource(servePath: string, modulePath: string): string {
  return [
    `import { parentPort, workerData } from "node:worker_threads";`,
    `import { serveThread } from ${JSON.stringify(servePath)};`,
    `import { createService } from ${JSON.stringify(modulePath)};`,
    // A script has no top-level await; a failure must still end the thread.
    `serveThread(parentPort, workerData, createService).catch((error) => setImmediate(() => { throw error; }));`,
  ].join("\n");
}

/** One script of a module's text and all it imports, packages apart. */
export async function bundleSource(source: string): Promise<string> {
  const { build } = await import("esbuild");
  const result = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: "js", sourcefile: "thread.js" },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    packages: "external",
    keepNames: true,
    sourcemap: "inline",
    logLevel: "silent",
    plugins: [ownUrls],
  });
  return result.outputFiles[0]?.text ?? "";
}

function existing(...urls: readonly URL[]): string {
  const paths = urls.map((url) => fileURLToPath(url));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? "";
}

/** Keeps `import.meta.url` of each module what it was before they became one script. */
const ownUrls: Plugin = {
  name: "own-urls",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]s$/, namespace: "file" }, async ({ path }) => {
      if (path.includes("node_modules")) return undefined;
      const { readFile } = await import("node:fs/promises");
      const text = await readFile(path, "utf8");
      if (!text.includes("import.meta.url")) return undefined;
      const url = JSON.stringify(pathToFileURL(path).href);
      return { contents: text.replaceAll("import.meta.url", url), loader: /\.[cm]?ts$/.test(path) ? "ts" : "js" };
    });
  },
};
