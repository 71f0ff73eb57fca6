import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Loader, OnLoadResult } from "esbuild";

const TOP_LEVEL_USING = /^(?:await )?using (?=[\w$]+(?:\s*:[^=\n]+)?\s*=[^=])/gm;

const LOADERS: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "jsx",
  ".mjs": "jsx",
  ".cjs": "jsx",
  ".jsx": "jsx",
};

/**
 * Loads a file with `using` at its top level turned into `const`, as wide as before so that columns stay.
 *
 * A module of workflow code never ends, so nothing would be disposed of; and lowered, the declaration would hide the
 * module's other names from its functions. Undefined for all other files.
 */
export async function loadWithoutUsing(path: string): Promise<OnLoadResult | undefined> {
  const loader = LOADERS[extname(path)];
  if (loader === undefined || path.includes("node_modules")) return undefined;
  const source = await readFile(path, "utf8");
  const contents = source.replaceAll(TOP_LEVEL_USING, (keyword) => "const ".padEnd(keyword.length));
  return contents === source ? undefined : { contents, loader };
}
