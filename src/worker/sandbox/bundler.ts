import { createRequire } from "node:module";
import type * as esbuild from "esbuild";
import { WorkflowBundleError } from "./sandbox-error.ts";

const requireFromHere = createRequire(import.meta.url);
let loaded: typeof esbuild | undefined;

/**
 * Loads esbuild on first use, for it is absent where bundles are built beforehand.
 *
 * @throws {WorkflowBundleError} If it is not installed.
 */
export function loadBundler(): typeof esbuild {
  try {
    // Not imported: for that its names would be looked for beforehand, which takes longer than to run it.
    loaded ??= requireFromHere("esbuild") as typeof esbuild;
    return loaded;
  } catch (cause) {
    throw new WorkflowBundleError(
      `Cannot bundle workflow code: package "esbuild" cannot be loaded, install it or give the worker a prebuilt workflow bundle`,
      { cause },
    );
  }
}

/** What the scripts of a bundle have in common: plain JavaScript for the language level of the oldest Node supported. */
export function scriptOptions(workingDirectory: string): esbuild.BuildOptions {
  return {
    absWorkingDir: workingDirectory,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "node20",
    conditions: ["workflow", "browser", "module"],
    mainFields: ["workflow", "browser", "module", "main"],
    keepNames: true,
    sourcemap: "external",
    sourcesContent: false,
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    supported: { "import-meta": false, "top-level-await": true },
    define: {
      "process.env.NODE_ENV": '"production"',
      "import.meta.url": '"file:///workflow.js"',
      "import.meta.main": "false",
      __dirname: '"/"',
      __filename: '"/workflow.js"',
    },
  };
}

/** The helper by which esbuild keeps names, ours and that of code which it has compiled before. */
const NAME_HELPER =
  /(__name\d* = \(target, value\) => )(?=__defProp\d*\(target, "name", \{ value, configurable: true \}\))/g;

/**
 * Lets the bundler's helper that keeps names leave alone what has its name already, as nearly everything does: naming it
 * again turns a function's properties into a dictionary of 256 bytes, for every function of every run.
 */
export function nameOnlyTheNameless(code: string): string {
  return code.replaceAll(NAME_HELPER, "$1target.name === value ? target : ");
}

/** What a module exports, told without running it. */
export interface ModuleExports {
  readonly isEsModule: boolean;
  readonly names: readonly string[];
}

/** Export names of the module at `path`, those that it passes on from neighbouring files included. */
export async function exportsOf(path: string): Promise<ModuleExports> {
  const { build } = loadBundler();
  const options = {
    entryPoints: [path],
    write: false,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  } satisfies esbuild.BuildOptions;
  const { metafile } = await build({ ...options, metafile: true, bundle: true, packages: "external" }).catch(() =>
    // A neighbour that cannot be resolved must not hide the names that the file itself exports.
    build({ ...options, metafile: true, bundle: false }),
  );
  const output = Object.values(metafile.outputs).find((file) => file.entryPoint !== undefined);
  const input = output?.entryPoint === undefined ? undefined : metafile.inputs[output.entryPoint];
  return { isEsModule: input?.format !== "cjs", names: output?.exports ?? [] };
}

/** Turns what esbuild threw into one error with every message, file and line. */
export function toBundleError(cause: unknown, workingDirectory: string): WorkflowBundleError {
  if (cause instanceof WorkflowBundleError) return cause;
  const messages = isBuildFailure(cause) ? cause.errors.map((message) => describeMessage(message)) : [String(cause)];
  const text = messages.slice(0, MESSAGES_MAX).join("\n");
  const rest = messages.length - MESSAGES_MAX;
  return new WorkflowBundleError(
    `Cannot bundle workflow code in "${workingDirectory}": ${text}${rest > 0 ? `\nand ${rest} more` : ""}`,
    { cause },
  );
}

const MESSAGES_MAX = 10;

function isBuildFailure(value: unknown): value is esbuild.BuildFailure {
  return typeof value === "object" && value !== null && "errors" in value && Array.isArray(value.errors);
}

function describeMessage({ text, location }: esbuild.Message): string {
  return location === null || text.startsWith("Workflow code cannot")
    ? text
    : `${text} (${location.file}:${location.line}:${location.column})`;
}
