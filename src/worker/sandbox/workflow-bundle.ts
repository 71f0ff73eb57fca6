import type { GuardKind } from "./inside/guarded-library.ts";
import type { GlobalRestrictions } from "./restriction.ts";

/** One script of a bundle, with the map that leads back to the files it was made of. */
export interface BundledScript {
  /** Name of the script in stacks. */
  readonly name: string;
  readonly code: string;
  /** Names the script to tools instead of `name`: that of a file with the same text. @default none */
  readonly url?: string | undefined;
  /** Whether the lines of stacks, and of the map, count the line that is put before the code. @default false */
  readonly countsFirstLine?: boolean | undefined;
  /** Source map as JSON text, parsed only when a stack has to be shown. */
  readonly map: string;
}

/** A module of workflow code that a run may be instantiated from. */
export interface BundledModule {
  /** Names the module within the bundle. */
  readonly key: string;
  /** Path of the file, relative to the folder that the bundle was made in. */
  readonly file: string;
}

/** Workflow code made ready for the sandbox: plain data, which may be stored and sent to threads. */
export interface WorkflowBundle {
  readonly format: 1;
  /** Changes with the content. */
  readonly id: string;
  /** What every run of a realm shares: the SDK's own modules. */
  readonly realm: BundledScript;
  /** The third-party modules that runs share, if any. */
  readonly shared?: BundledScript | undefined;
  /** Those of the shared modules that runs cannot change, by their keys. */
  readonly guards?: Readonly<Record<string, GuardKind>> | undefined;
  /** The user's modules: a function body that every run evaluates for itself. */
  readonly program: BundledScript;
  readonly modules: readonly BundledModule[];
  /** Keys of the modules that hold interceptors; every run evaluates them before its own. */
  readonly interceptors: readonly string[];
  /** Exceptions made for globals. */
  readonly globals?: GlobalRestrictions | undefined;
  /** What whoever uses the bundle should know of its imports. */
  readonly notices?: readonly string[] | undefined;
  /** Packages that every run evaluates for itself, the heaviest first. */
  readonly packages?: readonly { readonly name: string; readonly bytes: number }[] | undefined;
  /** Folder that the files' names are relative to, where the bundle was not moved away from it. */
  readonly workingDirectory?: string | undefined;
}

/** Key of the module, among the shared ones, that exports `payloadConverter` or `failureConverter`. */
export const CONVERTER_KEY = "perdure:converter";
