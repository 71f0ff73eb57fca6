import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scenarios } from "./conformance/themes.ts";

const text = readFileSync("docs/parity.md", "utf8");
const rows = rowsThatStart(/^\| \d/);
const cases = rowsThatStart(/^\| `test_/);

function rowsThatStart(pattern: RegExp): string[][] {
  return text
    .split("\n")
    .filter((line) => pattern.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const failureRows = readFileSync("docs/worker-failures.md", "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| what |"))
  .map((line) => line.split("|").at(-2)?.trim() ?? "");

function sourcesUnder(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(test|suite)\.ts$/.test(path) && !path.includes("node_modules"))
    .map((path) => readFileSync(`${folder}/${path}`, "utf8"))
    .join("\n");
}

test("every test that the parity table names exists", () => {
  const unitTests = sourcesUnder("src") + sourcesUnder("test");
  const names = new Set(scenarios.map(({ name }) => name));
  const unknown = rows.filter(
    ([, , , name = ""]) => name !== "" && !names.has(name) && !unitTests.includes(`"${name}"`),
  );
  expect(unknown).toEqual([]);
});

test("every test that the table of failures names exists", () => {
  const unitTests = sourcesUnder("src") + sourcesUnder("test");
  expect(failureRows.length).toBeGreaterThan(15);
  expect(failureRows.filter((name) => !unitTests.includes(`"${name}"`))).toEqual([]);
});

test("only scenarios, which run on both servers, are said to", () => {
  const names = new Set(scenarios.map(({ name }) => name));
  const wrong = rows.filter(([, , , name = "", both = ""]) => (both === "yes") !== names.has(name));
  expect(wrong).toEqual([]);
});

test("every row without a test says why", () => {
  expect(rows.filter(([, , , name = "", both = ""]) => name === "" && !both.startsWith("not yet: "))).toEqual([]);
});

test("every test that the tables of test cases name exists", () => {
  const unitTests = sourcesUnder("src") + sourcesUnder("test");
  const names = new Set(scenarios.map(({ name }) => name));
  expect(cases.length).toBeGreaterThan(0);
  expect(cases.filter(([, name = ""]) => name !== "" && !names.has(name) && !unitTests.includes(`"${name}"`))).toEqual(
    [],
  );
});

test("the row of a test case says of its test whether it is a scenario, or why there is none", () => {
  const names = new Set(scenarios.map(({ name }) => name));
  const verdict = ([, name = "", both = ""]: readonly string[]): boolean => {
    if (name === "") return both.startsWith("not ours: ");
    return names.has(name) ? both === "yes" : both.startsWith("no: ");
  };
  expect(cases.filter((row) => !verdict(row))).toEqual([]);
});

test("every name that the parity tables give is exported", () => {
  const named = [...text.matchAll(/`([\w-]+):(\w+)(?:\.\w+)?`/g)].map(([, entry = "", name = ""]) => ({ entry, name }));
  expect(named.length).toBeGreaterThan(0);
  const sources = new Map(
    [...new Set(named.map(({ entry }) => entry))].map((entry) => [entry, readFileSync(`src/${entry}.ts`, "utf8")]),
  );
  expect(named.filter(({ entry, name }) => !new RegExp(`\\b${name}\\b`).test(sources.get(entry) ?? ""))).toEqual([]);
});
