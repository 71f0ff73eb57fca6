import { readFile } from "node:fs/promises";
import { exportsOf } from "./bundler.ts";

/** Files whose exports are activities: named `activities.*`, or in a folder `activities`. */
export const DEFAULT_ACTIVITY_MODULES: RegExp = /(^|[\\/])activities(\.[^\\/]*|[\\/].*)$/;

/**
 * Source of a module that stands in for an activity module: every export becomes a reference by name, so that none of
 * the activity's own imports reaches workflow code.
 *
 * A type given in the activity's definition is found where it is written as a literal.
 */
export async function activityReferences(path: string): Promise<string> {
  const [{ names }, source] = await Promise.all([exportsOf(path), readFile(path, "utf8")]);
  const methods = Object.fromEntries(namedMethods(source));
  const lines = names.map((name) => {
    const type = activityType(source, name);
    const reference = `/* @__PURE__ */ $activity(${JSON.stringify(type)}, ${JSON.stringify(methods)})`;
    return name === "default" ? `export default ${reference};` : `export const ${name} = ${reference};`;
  });
  return lines.join("\n");
}

function activityType(source: string, exportName: string): string {
  if (exportName === "default") {
    return /export\s+default\s+(?:async\s+)?(?:function\s*\*?|class)\s+([\w$]+)/.exec(source)?.[1] ?? exportName;
  }
  const named = new RegExp(
    `\\b${exportName.replaceAll("$", "\\$")}\\s*(?::[^=\\n]+)?=\\s*(?:[\\w$]+\\.)?defn\\(\\s*\\{[^}]*?\\bname:\\s*["'\`]([^"'\`]+)["'\`]`,
  );
  return named.exec(source)?.[1] ?? exportName;
}

/** Methods whose decorator gives a name: from the method's own name to that of the activity. */
function namedMethods(source: string): [method: string, type: string][] {
  const decorated =
    /@(?:[\w$]+\.)?defn\(\s*\{[^}]*?\bname:\s*["'`]([^"'`]+)["'`][^}]*\}\s*\)\s*(?:(?:public|private|protected|static|override|async)\s+)*([\w$]+)/g;
  return [...source.matchAll(decorated)].map((match) => [match[2] ?? "", match[1] ?? ""]);
}
