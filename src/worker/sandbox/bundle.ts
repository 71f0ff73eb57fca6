import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Metafile, OutputFile } from "esbuild";
import { DEFAULT_ACTIVITY_MODULES } from "./activity-reference.ts";
import { ACTIVITY_NAMESPACE, bundlePlugin, type BundlePluginOptions } from "./bundle-plugin.ts";
import { exportsOf, loadBundler, nameOnlyTheNameless, scriptOptions, toBundleError } from "./bundler.ts";
import { readPrebuiltRealm, type PrebuiltRealm } from "./prebuilt-realm.ts";
import { WorkflowBundleError } from "./sandbox-error.ts";
import { GUARDED_PACKAGES } from "./guarded-package.ts";
import { globalsOf, type ImportNotifications, type SandboxRestriction } from "./restriction.ts";
import { withInlineMap, withScriptFile } from "./script-file.ts";
import { PUBLIC_SDK_KEYS, sdkFile } from "./sdk-layout.ts";
import { isInspected, isMeasuringCoverage } from "./tool-mode.ts";
import { CONVERTER_KEY, type BundledScript, type WorkflowBundle } from "./workflow-bundle.ts";

/** What {@link bundleWorkflows} is made from. */
export interface BundleOptions {
  /** Modules that define workflows: paths or `file:` URLs. */
  readonly modules: readonly string[];
  /**
   * Modules that all runs of a thread share instead of having their own instance: package names as they are imported,
   * or paths. For pure libraries only: state that such a module keeps is seen by every run.
   *
   * @default none
   */
  readonly passthroughModules?: readonly string[];
  /**
   * Packages that every run evaluates for itself although runs would share them, frozen, from the start: for code that
   * changes their classes. Those are `zod` and `nexus-rpc`.
   *
   * @default none
   */
  readonly unsharedModules?: readonly string[];
  /**
   * Module that exports a `payloadConverter`, a `failureConverter` or both, for values in workflow code. All runs of a
   * thread share it.
   *
   * @default the converters of this package
   */
  readonly converterModule?: string;
  /** Modules that each export a function `interceptors`, which makes the interceptors of a run; outermost first. @default none */
  readonly interceptorModules?: readonly string[];
  /** Exceptions to what workflow code may use, beyond what the sandbox refuses by itself. @default none */
  readonly restrictions?: readonly SandboxRestriction[];
  /** What to tell of imports that may not be meant. @default nothing */
  readonly importNotifications?: ImportNotifications;
  /** Modules, by their path relative to the working directory, that hold activities. @default named `activities.*` or in a folder `activities` */
  readonly activityModules?: RegExp;
  /** Folder that relative paths start from and that stacks are relative to. @default the process's */
  readonly workingDirectory?: string;
  /** Puts sources and maps into the scripts, for a debugger. @default true if one listens to the process or TEMPORAL_DEBUG is set */
  readonly debug?: boolean;
}

interface CachedBundle {
  readonly bundle: Promise<WorkflowBundle>;
  /** Files that the bundle was made of, with their state at that time; empty until it is made. */
  readonly inputs: Map<string, string>;
}

interface Build {
  readonly script: BundledScript;
  readonly packages: NonNullable<WorkflowBundle["packages"]>;
  readonly inputs: readonly string[];
}

const cachedBundlesMax = 64;
const bundles = new Map<string, CachedBundle>();
const realmScripts = new Map<string, Promise<BundledScript>>();

/**
 * Compiles workflow modules and all they import into one bundle, in memory.
 *
 * The same modules asked for again give the same bundle, unless one of its files has changed.
 *
 * @throws {WorkflowBundleError} If a module is missing, does not compile or imports what workflow code must not, or if esbuild is not installed.
 */
export async function bundleWorkflows(options: BundleOptions): Promise<WorkflowBundle> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const files = [...new Set(options.modules.map((module) => toPath(module, workingDirectory)))].toSorted();
  const interceptors = (options.interceptorModules ?? []).map((module) => toPath(module, workingDirectory));
  const converter =
    options.converterModule === undefined ? undefined : toPath(options.converterModule, workingDirectory);
  const passthroughs = (options.passthroughModules ?? []).map((name) =>
    name.startsWith(".") ? resolve(workingDirectory, name) : name,
  );
  const activityModules = options.activityModules ?? DEFAULT_ACTIVITY_MODULES;
  const debug = options.debug ?? isInspected();
  const measured = isMeasuringCoverage();
  const { restrictions = [], importNotifications = {}, unsharedModules: unshared = [] } = options;
  const key = JSON.stringify([
    workingDirectory,
    files,
    passthroughs.toSorted(),
    unshared,
    interceptors,
    converter,
    String(activityModules),
    debug,
    measured,
    restrictions,
    importNotifications,
  ]);

  const cached = bundles.get(key);
  if (cached !== undefined && (await isFresh(cached))) return cached.bundle;
  const inputs = new Map<string, string>();
  const bundle = buildBundle({
    workingDirectory,
    files,
    interceptors,
    converter,
    passthroughs,
    unshared,
    activityModules,
    restrictions,
    importNotifications,
    debug,
    measured,
    inputs,
  });
  bundles.delete(key);
  bundles.set(key, { bundle, inputs });
  const oldest = bundles.keys().next();
  if (bundles.size > cachedBundlesMax && oldest.done === false) bundles.delete(oldest.value);
  // A failure is not kept: the file may be mended by the next try.
  bundle.catch(() => bundles.delete(key));
  return bundle;
}

interface BundleRequest {
  readonly workingDirectory: string;
  readonly files: readonly string[];
  readonly interceptors: readonly string[];
  readonly converter: string | undefined;
  readonly passthroughs: readonly string[];
  readonly unshared: readonly string[];
  readonly activityModules: RegExp;
  readonly restrictions: readonly SandboxRestriction[];
  readonly importNotifications: ImportNotifications;
  readonly debug: boolean;
  readonly measured: boolean;
  readonly inputs: Map<string, string>;
}

async function buildBundle(request: BundleRequest): Promise<WorkflowBundle> {
  const { workingDirectory, interceptors, converter, debug, measured } = request;
  const files = [...new Set([...request.files, ...interceptors])];
  const modules = files.map((file, index) => ({ key: `m${index}`, file: relative(workingDirectory, file) }));
  const plugin: BundlePluginOptions = {
    workingDirectory,
    entries: new Set(files),
    activityModules: request.activityModules,
    restrictions: request.restrictions,
    importNotifications: request.importNotifications,
    notices: new Set(),
    isPassthrough: (name) => name === converter || request.passthroughs.includes(name),
    sdkKeys: new Set(),
    passthroughs: new Map(),
    unshared: request.unshared,
    guards: new Map(),
  };
  const program = await buildScript("workflows.js", programSource(files), plugin, debug && !measured);
  // Workflow code that imports the same file shares it by another key, which leads to the same module.
  if (converter !== undefined) plugin.passthroughs.set(CONVERTER_KEY, converter);
  let shared: Build | undefined;
  if (plugin.passthroughs.size > 0) {
    const entries = new Set(plugin.passthroughs.values());
    const source = sharedSource(plugin.passthroughs);
    shared = await buildScript(
      "workflow-libraries.js",
      source,
      { ...plugin, entries, isPassthrough: () => false, unshared: GUARDED_PACKAGES },
      debug,
    );
  }
  const realm = await realmScript(plugin.sdkKeys);
  await recordInputs(request.inputs, [...program.inputs, ...(shared?.inputs ?? [])]);
  const interceptorKeys = interceptors.map((file) => `m${files.indexOf(file)}`);
  return withId({
    format: 1,
    realm,
    shared: shared?.script,
    guards: Object.fromEntries(plugin.guards),
    program: measured ? await withScriptFile(program.script, workingDirectory) : program.script,
    modules,
    interceptors: interceptorKeys,
    globals: globalsOf(request.restrictions),
    notices: [...plugin.notices],
    packages: program.packages,
    workingDirectory,
  });
}

/** Modules are imported on demand, so that a run evaluates only the one that defines its workflow. */
function programSource(files: readonly string[]): string {
  const entries = files.map((file, index) => `m${index}: () => import(${JSON.stringify(file)})`);
  return `$modules({ ${entries.join(", ")} });`;
}

function sharedSource(passthroughs: ReadonlyMap<string, string>): string {
  const entries = [...passthroughs].map(
    ([key, file]) => `${JSON.stringify(key)}: () => require(${JSON.stringify(file)})`,
  );
  return `$modules({ ${entries.join(", ")} });`;
}

/** The SDK's part of the bundle: its modules, the workflow runtime, and what makes a fresh realm deterministic. */
function realmScript(sdkKeys: ReadonlySet<string>): Promise<BundledScript> {
  const keys = [...new Set([...PUBLIC_SDK_KEYS.filter((key) => existsSync(sdkFile(key))), ...sdkKeys])].toSorted();
  const cacheKey = keys.join(" ");
  let script = realmScripts.get(cacheKey);
  if (script === undefined) {
    script = readPrebuiltRealm().then((prebuilt) =>
      prebuilt?.cacheKey === cacheKey ? prebuilt.script : buildRealmScript(keys),
    );
    realmScripts.set(cacheKey, script);
    script.catch(() => realmScripts.delete(cacheKey));
  }
  return script;
}

/**
 * What the package's build writes to `realm-script.json`: the script for workflows that import nothing but public modules.
 *
 * @public
 */
export async function prebuildRealm(): Promise<string> {
  const keys = PUBLIC_SDK_KEYS.filter((key) => existsSync(sdkFile(key))).toSorted();
  const exports = await Promise.all(keys.map(async (key) => [key, await exportsOf(resolve(sdkFile(key)))] as const));
  return JSON.stringify({
    cacheKey: keys.join(" "),
    script: await buildRealmScript(keys),
    exports: Object.fromEntries(exports),
  } satisfies PrebuiltRealm);
}

async function buildRealmScript(keys: readonly string[]): Promise<BundledScript> {
  const table = keys.map((key) => `${JSON.stringify(key)}: require(${JSON.stringify(sdkFile(key))})`);
  const source = [
    `import { installGlobals } from ${JSON.stringify(sdkFile("worker/sandbox/inside/web-globals"))};`,
    `installGlobals($host);`,
    // Required, not imported: the SDK's modules must find the globals in place when they are evaluated.
    `const { openRealm } = require(${JSON.stringify(sdkFile("worker/sandbox/inside/realm-api"))});`,
    `$open(openRealm, { ${table.join(", ")} });`,
  ].join("\n");
  return (
    await runBuild("perdure.js", source, dirname(sdkFile("workflow")), {
      // Keeping names makes every closure dearer; the SDK's classes get theirs back when a realm opens.
      keepNames: false,
      minifyWhitespace: true,
    })
  ).script;
}

function buildScript(name: string, source: string, plugin: BundlePluginOptions, debug: boolean): Promise<Build> {
  return runBuild(name, source, plugin.workingDirectory, {
    plugins: [bundlePlugin(plugin)],
    ...(debug ? { sourcesContent: true } : {}),
  }).then((build) => (debug ? { ...build, script: withInlineMap(build.script, plugin.workingDirectory) } : build));
}

async function runBuild(name: string, source: string, workingDirectory: string, extra: BuildOptions): Promise<Build> {
  const { build } = loadBundler();
  try {
    const result = await build({
      ...scriptOptions(workingDirectory),
      ...extra,
      stdin: { contents: source, resolveDir: workingDirectory, sourcefile: "perdure:entry", loader: "js" },
      outfile: join(workingDirectory, name),
      write: false,
      metafile: true,
    });
    const code = nameOnlyTheNameless(outputText(result.outputFiles, ".js"));
    const script = { name, code, map: outputText(result.outputFiles, ".map") };
    return { script, inputs: inputFiles(result.metafile, workingDirectory), packages: packagesOf(result.metafile) };
  } catch (cause) {
    throw toBundleError(cause, workingDirectory);
  }
}

/** What the packages of a script weigh in it. */
function packagesOf({ outputs }: Metafile): Build["packages"] {
  const weights = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
      if (name !== undefined) weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...weights].map(([name, bytes]) => ({ name, bytes })).toSorted((a, b) => b.bytes - a.bytes);
}

function outputText(files: readonly OutputFile[], ending: string): string {
  return files.find((file) => file.path.endsWith(ending))?.text ?? "";
}

function inputFiles(metafile: Metafile, workingDirectory: string): string[] {
  return Object.keys(metafile.inputs)
    .map((name) => (name.startsWith(`${ACTIVITY_NAMESPACE}:`) ? name.slice(ACTIVITY_NAMESPACE.length + 1) : name))
    .filter((name) => !name.startsWith("perdure:") && !name.includes("node_modules"))
    .map((name) => resolve(workingDirectory, name));
}

function withId(bundle: Omit<WorkflowBundle, "id">): WorkflowBundle {
  const hash = createHash("sha256");
  for (const script of [bundle.realm, bundle.shared, bundle.program]) hash.update(script?.code ?? "");
  return { ...bundle, id: hash.digest("hex").slice(0, 16) };
}

function toPath(module: string, workingDirectory: string): string {
  const path = module.startsWith("file:") ? fileURLToPath(module.replace(/[?#].*$/, "")) : module.replace(/\?.*$/, "");
  const absolute = isAbsolute(path) ? path : resolve(workingDirectory, path);
  if (existsSync(absolute)) return absolute;
  throw new WorkflowBundleError(`Cannot bundle workflow module "${module}": there is no such file`);
}

async function isFresh({ bundle, inputs }: CachedBundle): Promise<boolean> {
  await bundle;
  const states = await Promise.all([...inputs.keys()].map(fileState));
  return [...inputs.values()].every((state, index) => state === states[index]);
}

async function recordInputs(inputs: Map<string, string>, files: readonly string[]): Promise<void> {
  for (const file of files) inputs.set(file, await fileState(file));
}

async function fileState(file: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(file);
    return `${mtimeMs} ${size}`;
  } catch {
    return "absent";
  }
}
