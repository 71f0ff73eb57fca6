import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { captureLog } from "./captured-log.ts";
import { readPrograms } from "./fences.ts";

const pages = ["docs/data.md", "docs/from-python.md", "docs/from-typescript.md", "docs/streams.md", "docs/testing.md"];
// Within the repository, where the package's own name and its development packages are found; the pages' imports count on the depth.
const scratch = resolve(".bench");
mkdirSync(scratch, { recursive: true });
const folder = mkdtempSync(join(scratch, "docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const programs = pages.flatMap((page) => readPrograms(page).map((program) => ({ page, ...program })));

function write({ name, files }: { readonly name: string; readonly files: ReadonlyMap<string, string> }): string {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(place, file), text);
  return place;
}

test.each(programs)(
  "the program $name of $page prints what the page says",
  { timeout: 60_000 },
  async ({ output, ...program }) => {
    const place = write(program);
    const lines = await captureLog(() => import(join(place, "main.ts")));
    expect(`${lines.join("\n")}\n`).toBe(output);
  },
);

test("every page that has programs is run", () => {
  expect(programs.length).toBeGreaterThanOrEqual(pages.length);
});
