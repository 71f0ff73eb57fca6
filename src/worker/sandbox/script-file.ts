import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SCRIPT_PARAMETERS } from "./inside/script-parameters.ts";
import { keepSources, type SourceMapJson } from "./source-map-filter.ts";
import type { BundledScript } from "./workflow-bundle.ts";

/** Folder, below the one that the bundle is made in, of scripts that coverage tools read. */
const FOLDER = ".perdure";

/** The text that is compiled of a script: its first line is ours. */
export function toScriptText(code: string, parameters: readonly string[]): string {
  return `(function (${parameters.join(", ")}) { "use strict";\n${code}\n})`;
}

/** The script with its map in it, whose sources are the files themselves, for a debugger. */
export function withInlineMap(script: BundledScript, workingDirectory: string): BundledScript {
  const map = JSON.stringify(toMapOfText(script.map));
  // Debuggers do not agree on what a script that begins before its first line means to its map.
  return {
    ...script,
    code: `${script.code}\n${toMapComment(toFileMap(map, workingDirectory))}\n`,
    map,
    countsFirstLine: true,
  };
}

/**
 * The script in a file of its own, which coverage tools find by the name under which V8 counts.
 *
 * They know files only, read them after the program has ended, and follow the map in it to the sources.
 */
export async function withScriptFile(script: BundledScript, workingDirectory: string): Promise<BundledScript> {
  const text = toScriptText(script.code, SCRIPT_PARAMETERS);
  const map = JSON.stringify(toMapOfText(script.map));
  const contents = `${text}\n${toMapComment(toFileMap(map, workingDirectory))}\n`;
  const name = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  const folder = join(workingDirectory, FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, ".gitignore"), "*\n");
  const file = join(folder, `workflows-${name}.js`);
  // Processes that measure at the same time write the same.
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, contents);
  await rename(temporary, file);
  return { ...script, url: pathToFileURL(file).href };
}

/** The map of the text that is compiled, whose first line is ours, made of that of the code. */
function toMapOfText(map: string): SourceMapJson {
  const json = JSON.parse(map) as SourceMapJson;
  return { ...json, mappings: `;${json.mappings}` };
}

function toFileMap(map: string, workingDirectory: string): SourceMapJson {
  // What is no file of the user's would only be in the way of reports and debuggers.
  const json = keepSources(JSON.parse(map) as SourceMapJson, (source) => !/perdure:|node_modules/.test(source));
  return { ...json, sources: json.sources.map((source) => pathToFileURL(resolve(workingDirectory, source)).href) };
}

function toMapComment(map: SourceMapJson): string {
  const data = Buffer.from(JSON.stringify(map)).toString("base64");
  return `//# sourceMappingURL=data:application/json;base64,${data}`;
}
