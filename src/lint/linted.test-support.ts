import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

/** What oxlint says of one place. */
export interface Finding {
  readonly rule: string;
  readonly line: number;
  readonly message: string;
}

interface Report {
  readonly number_of_files: number;
  readonly diagnostics: readonly {
    readonly message: string;
    readonly code: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

const OXLINT = resolve("node_modules/oxlint/bin/oxlint");

/** A folder in which oxlint runs with the plugin, as built for users: it loads no TypeScript on all versions of Node. */
export class LintFolder {
  readonly #path: string;
  #files = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(): Promise<LintFolder> {
    mkdirSync(resolve(".bench"), { recursive: true });
    const path = mkdtempSync(resolve(".bench/lint-"));
    const shared = { bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "error" } as const;
    await build({ ...shared, entryPoints: ["src/lint.ts"], outfile: join(path, "plugin.mjs") });
    return new LintFolder(path);
  }

  /** What the rules find in one source; all are errors without options unless `rules` says otherwise. */
  async find(source: string, rules: object = RECOMMENDED, name = "workflows.ts"): Promise<readonly Finding[]> {
    const [found = []] = await this.findEach([source], rules, name);
    return found;
  }

  /** What the rules find in each source: the linter is started once for all of them. */
  async findEach(
    sources: readonly string[],
    rules: object = RECOMMENDED,
    name = "workflows.ts",
  ): Promise<(readonly Finding[])[]> {
    const paths = sources.map((source) => this.#write(source, name));
    const { findings } = await this.run(paths, rules);
    return paths.map((path) => {
      const ofFile = findings.filter(({ file }) => resolve(file) === path);
      return ofFile.map(({ rule, line, message }) => ({ rule, line, message }));
    });
  }

  /** What the rules find in files that there are, and in how many they looked. */
  async run(
    paths: readonly string[],
    rules: object = RECOMMENDED,
  ): Promise<{ readonly files: number; readonly findings: readonly (Finding & { readonly file: string })[] }> {
    this.#files += 1;
    const config = join(this.#path, `${this.#files}.json`);
    const settings = { plugins: [], categories: { correctness: "off" }, jsPlugins: ["./plugin.mjs"], rules };
    writeFileSync(config, JSON.stringify(settings));
    const report = JSON.parse(await runOxlint(["-c", config, "--no-ignore", "--format=json", ...paths])) as Report;
    const findings = report.diagnostics.map(({ code, message, filename, labels }) => ({
      rule: code,
      line: labels[0]?.span.line ?? 0,
      message,
      file: filename,
    }));
    return { files: report.number_of_files, findings: findings.toSorted((a, b) => a.line - b.line) };
  }

  #write(source: string, name: string): string {
    this.#files += 1;
    const path = join(this.#path, String(this.#files), name);
    mkdirSync(dirname(path));
    writeFileSync(path, source);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true });
  }
}

const RECOMMENDED = {
  "perdure/no-refused-globals": "error",
  "perdure/no-node-modules": "error",
  "perdure/no-forgotten-promise": "error",
};

/** What it prints; it ends with 1 where it finds something. */
function runOxlint(args: readonly string[]): Promise<string> {
  return new Promise((fulfil, reject) => {
    execFile(process.execPath, [OXLINT, ...args], (error, stdout, stderr) => {
      if (stdout.startsWith("{")) fulfil(stdout);
      else reject(new Error(`oxlint gave no report: ${stderr}${stdout}`, { cause: error }));
    });
  });
}
