import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

/** What must not be loaded with the client: it is large, or of the worker's and the server's. */
const HEAVY = [
  "esbuild",
  "node-sqlite3-wasm",
  "node:sqlite",
  "node:vm",
  "node:http2",
  "node:tls",
  "node:worker_threads",
];

/** Everything that a module loads at once, itself included. Types, and what is imported when it is needed, do not count. */
function loadedWith(entry: string): { readonly modules: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const modules = new Set([entry]);
  const packages = new Set<string>();
  for (const module of modules) {
    const statements = readFileSync(module, "utf8").matchAll(/^(?:import|export)\s+(?!type\b)[^;"]*"([^"]+)";/gm);
    for (const [, specifier = ""] of statements) {
      if (specifier.startsWith(".")) modules.add(join(dirname(module), specifier));
      else packages.add(specifier);
    }
  }
  return { modules, packages };
}

test("importing the client loads nothing heavy", () => {
  const { modules, packages } = loadedWith("src/client.ts");
  expect(modules.size).toBeGreaterThan(50);
  expect([...packages].filter((name) => HEAVY.includes(name))).toEqual([]);
  expect([...modules].filter((name) => /^src\/(server|worker|cli)\//.test(name))).toEqual([]);
});
