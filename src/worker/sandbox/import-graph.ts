import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { isTestFramework } from "../../refusals/modules.ts";
import { roleOfFile, roleOfSpecifier } from "./sdk-layout.ts";

const IMPORT_SPECIFIER = /\b(?:from|import)\s*["']([^"'\n]+)["']/g;

/** Who imported whom while one bundle was built: each file with its first importer. */
export class ImportGraph {
  readonly #importers = new Map<string, string>();
  readonly #programs = new Map<string, boolean>();
  readonly #workingDirectory: string;

  constructor(workingDirectory: string) {
    this.#workingDirectory = workingDirectory;
  }

  add(file: string, importer: string): void {
    if (file !== importer && !this.#importers.has(file)) this.#importers.set(file, importer);
  }

  /** The files from the workflow module down to `specifier`, joined for a message. */
  chain(importer: string, specifier: string): string {
    const names = this.#ancestors(importer).map((file) => this.#display(file));
    return [...names.toReversed(), specifier].join(" -> ");
  }

  /**
   * True if a program or a test lies on the way to `file`.
   *
   * Such a file holds workflows beside code that starts them, so what it imports cannot be held against the workflows.
   */
  isBelowProgram(file: string): boolean {
    return this.#ancestors(file).some((ancestor) => this.#isProgram(ancestor));
  }

  #ancestors(file: string): string[] {
    const files: string[] = [];
    const seen = new Set<string>();
    for (
      let at: string | undefined = file;
      at !== undefined && isAbsolute(at) && !seen.has(at);
      at = this.#importers.get(at)
    ) {
      seen.add(at);
      files.push(at);
    }
    return files;
  }

  #display(file: string): string {
    const path = relative(this.#workingDirectory, file);
    return path.startsWith("..") ? file : path;
  }

  #isProgram(file: string): boolean {
    let answer = this.#programs.get(file);
    if (answer === undefined) {
      answer = importSpecifiers(file).some((specifier) => isHostModule(specifier, file));
      this.#programs.set(file, answer);
    }
    return answer;
  }
}

function importSpecifiers(file: string): string[] {
  if (file.includes("/node_modules/")) return [];
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return [...source.matchAll(IMPORT_SPECIFIER)].map((match) => match[1] ?? "");
}

function isHostModule(specifier: string, importer: string): boolean {
  if (isTestFramework(specifier)) return true;
  const role = specifier.startsWith(".")
    ? roleOfFile(resolve(dirname(importer), specifier))
    : roleOfSpecifier(specifier);
  return role?.kind === "stub" && role.over === undefined;
}
