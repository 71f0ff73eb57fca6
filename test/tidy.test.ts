import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

const LINES_MAX = 400;

/** Words that say nothing of what a thing is, and what to write instead. */
const drawers = /^(common|utils?|helpers?|misc|manager|base|impl)$/i;

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "gen" || entry.name === "node_modules" ? [] : listFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

const files = ["src", "test", "bench", "scripts", "examples"].flatMap(listFiles);
const sources = files.filter((path) => path.startsWith("src/"));
const read = (path: string): string => readFileSync(path, "utf8");

test(`no file is longer than ${LINES_MAX} lines`, () => {
  const long = files
    .map((path) => ({ path, lines: read(path).split("\n").length }))
    .filter(({ lines }) => lines > LINES_MAX);
  expect(long).toEqual([]);
});

test("files are named in kebab-case by what they hold", () => {
  const entries = new Set(readdirSync("src").filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts")));
  const bad = files.filter((path) => {
    const name = basename(path).replace(/(\.\w[\w-]*)?\.ts$/, "");
    return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || (drawers.test(name) && !entries.has(basename(path)));
  });
  expect(bad).toEqual([]);
});

test("no source carries an unfinished mark, a switched-off test or a banner", () => {
  const pattern = /\b(TODO|FIXME|XXX|HACK)\b|\b(it|test|describe)\.(skip|todo|only)\b|^\s*\/\/\s*[-=*#]{4,}/m;
  expect(files.filter((path) => path !== "test/tidy.test.ts" && pattern.test(read(path)))).toEqual([]);
});

test("the pure layers read no clock, dice or timers of the host", () => {
  const pattern = /\b(Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|setInterval\(|from "node:)/;
  const pure = sources.filter(
    (path) =>
      /^src\/(proto|core|payload|nexus|workflow)\//.test(path) && !/\.(test|suite|test-support)\.ts$/.test(path),
  );
  expect(pure.filter((path) => pattern.test(read(path)))).toEqual([]);
});

test("every error code stands in docs/errors.md, and every code there is thrown somewhere", () => {
  const codes = new Set(
    sources.flatMap((path) =>
      [...read(path).matchAll(/static override readonly code(?:: string)? = "(TEMPORAL\w*)"/g)].map(
        (match) => match[1] ?? "",
      ),
    ),
  );
  const listed = new Set([...read("docs/errors.md").matchAll(/^\| `(TEMPORAL\w*)`/gm)].map((match) => match[1] ?? ""));
  expect([...codes].filter((code) => !listed.has(code)).toSorted()).toEqual([]);
  expect([...listed].filter((code) => !codes.has(code) && code !== "TEMPORAL").toSorted()).toEqual([]);
});

test("every entry file is an export of the package, and every export has its entry file", () => {
  const entries = readdirSync("src")
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => `./${name.replace(/\.ts$/, "")}`);
  const manifest = JSON.parse(read("package.json")) as { exports: Record<string, unknown> };
  const exported = Object.keys(manifest.exports).filter((name) => name !== "./package.json");
  expect(exported.toSorted()).toEqual(entries.toSorted());
  expect(exported.filter((name) => !existsSync(`src/${name.slice(2)}.ts`))).toEqual([]);
});
