import { readFileSync } from "node:fs";

/** A program of a page, with what it prints. */
export interface DocProgram {
  /** Its folder on the page: what is before the slash in the names of its fences. */
  readonly name: string;
  /** Sources by file name; the program is `main.ts`. */
  readonly files: ReadonlyMap<string, string>;
  /** The text fence after it; undefined if there is none. */
  readonly output: string | undefined;
}

const fence = /^```(\w+)(?: +(\S+))?\n([\s\S]*?)^```$/gm;

/** The programs of a page: fences named `ts FOLDER/FILE`, and the fence of text that follows each `main.ts`. */
export function readPrograms(page: string): DocProgram[] {
  const programs = new Map<string, { files: Map<string, string>; output: string | undefined }>();
  let last: { files: Map<string, string>; output: string | undefined } | undefined;
  for (const [, language, path, text = ""] of readFileSync(page, "utf8").matchAll(fence)) {
    if (language === "text" && last !== undefined) last.output = text;
    last = undefined;
    if (language !== "ts" || path === undefined) continue;
    const [name = "", file = ""] = path.split("/");
    const program = programs.get(name) ?? { files: new Map<string, string>(), output: undefined };
    program.files.set(file, text);
    programs.set(name, program);
    if (file === "main.ts") last = program;
  }
  return [...programs].map(([name, program]) => ({ name, ...program }));
}

const givenAndFence = /(?:<!-- given\n([\s\S]*?)-->\n+)?^```ts\n([\s\S]*?)^```$/gm;

/**
 * The code of a page that is no program: its fences `ts` without a name, each after what a comment before it gives,
 * which readers of the page do not see. That of other packages is left out.
 */
export function readSnippets(page: string): string[] {
  return [...readFileSync(page, "utf8").matchAll(givenAndFence)]
    .map(([, given = "", text = ""]) => `${given}${text}`)
    .filter((code) => !code.includes('from "@temporalio/'));
}
