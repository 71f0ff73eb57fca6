import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { afterAll, expect, test } from "vitest";
import { readPrograms, readSnippets } from "./fences.ts";

const scratch = resolve(".bench");
mkdirSync(scratch, { recursive: true });
const folder = mkdtempSync(join(scratch, "snippets-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pages = ["README.md", ...readdirSync("docs").map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);

/** Writes all code of all pages, and answers from each file to where it stands. */
function writeSources(): Map<string, string> {
  const places = new Map<string, string>();
  const write = (place: string, name: string, file: string, text: string): void => {
    mkdirSync(join(folder, name), { recursive: true });
    const path = join(folder, name, file);
    writeFileSync(path, text);
    places.set(path, place);
  };
  for (const page of pages) {
    for (const { name, files } of readPrograms(page))
      for (const [file, text] of files) write(`${page} ${name}/${file}`, name, file, text);
    const prefix = page.replace(/\W+/g, "-");
    readSnippets(page).forEach((text, index) =>
      // Code without an import is no module, and could not wait.
      write(`${page}, snippet ${index + 1}`, `${prefix}-${index}`, "main.ts", `${text}\nexport {};\n`),
    );
  }
  return places;
}

test("all TypeScript of the pages compiles", { timeout: 120_000 }, () => {
  const places = writeSources();
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ["x.ts"] }, ts.sys, resolve("."));
  const program = ts.createProgram([...places.keys()], { ...options, noEmit: true });
  const faults = [...places].flatMap(([path, place]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText, start = 0 }) => {
      const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start).line + 1;
      return `${place}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
  });
  expect(faults).toEqual([]);
  expect(places.size).toBeGreaterThan(pages.length);
});
