import { dirname, isAbsolute, relative } from "node:path";
import type {
  OnLoadArgs,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  PartialMessage,
  Plugin,
  PluginBuild,
} from "esbuild";
import { isBuiltin, isTestFramework } from "../../refusals/modules.ts";
import { activityReferences } from "./activity-reference.ts";
import { exportsOf, type ModuleExports } from "./bundler.ts";
import { guardedModule } from "./guarded-package.ts";
import type { GuardKind } from "./inside/guarded-library.ts";
import { ImportGraph } from "./import-graph.ts";
import { exportsOfSdk } from "./prebuilt-realm.ts";
import { type ImportNotifications, refusedMembers, type SandboxRestriction, wholeModule } from "./restriction.ts";
import { roleOfFile, roleOfSpecifier, type SdkModuleRole } from "./sdk-layout.ts";
import { loadWithoutUsing } from "./top-level-using.ts";

/** What one build of workflow code is told, and what it finds out. */
export interface BundlePluginOptions {
  readonly workingDirectory: string;
  /** Files that are workflow code whatever their name. */
  readonly entries: ReadonlySet<string>;
  readonly activityModules: RegExp;
  /** True for modules that one realm's runs share; asked with the specifier and with the path it leads to. */
  readonly isPassthrough: (specifierOrPath: string) => boolean;
  readonly restrictions: readonly SandboxRestriction[];
  readonly importNotifications: ImportNotifications;
  /** Filled with what is to be told of imports. */
  readonly notices: Set<string>;
  /** Filled with the keys of the SDK's modules that the code imports. */
  readonly sdkKeys: Set<string>;
  /** Filled with the shared modules that the code imports: from the key to the file. */
  readonly passthroughs: Map<string, string>;
  /** What packages are shared unless they are named here. */
  readonly unshared: readonly string[];
  /** Filled with the keys of the shared modules that runs cannot change. */
  readonly guards: Map<string, GuardKind>;
}

/** Why a module is absent from the sandbox; the realm words its errors by it. */
export type StubReason = "sdk" | "builtin" | "test" | "missing" | "restricted";

type VirtualModule =
  | { readonly kind: "sdk"; readonly key: string }
  | { readonly kind: "passthrough"; readonly key: string; readonly file: string }
  | ({ readonly kind: "stub"; readonly name: string; readonly reason: StubReason } & StubFacts)
  | { readonly kind: "builtin"; readonly name: string }
  | {
      readonly kind: "restricted";
      readonly name: string;
      readonly file: string;
      readonly members: Readonly<Record<string, string>>;
      readonly chain: string;
    }
  | { readonly kind: "forbidden"; readonly name: string; readonly importer: string };

interface StubFacts {
  readonly over?: string | undefined;
  readonly chain?: string | undefined;
  readonly remedy?: string | undefined;
}

const NAMESPACE = "perdure";

/** Namespace of the modules that stand in for activity modules; their paths are those of the files. */
export const ACTIVITY_NAMESPACE = "perdure-activities";

// Marks the plugin's own question to esbuild, which must not come back to the plugin.
const INNER = Symbol("inner resolution");

/** Decides for every import of workflow code whether it is bundled, shared, replaced or refused. */
export function bundlePlugin(options: BundlePluginOptions): Plugin {
  return {
    name: "perdure-workflows",
    setup(build) {
      const graph = new ImportGraph(options.workingDirectory);
      build.onResolve({ filter: /.*/ }, (args) => resolveImport(args, build, graph, options));
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, (args) => loadVirtual(args, graph));
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, ({ path }) => loadWithoutUsing(path));
      build.onLoad({ filter: /.*/, namespace: ACTIVITY_NAMESPACE }, async ({ path }) => ({
        contents: await activityReferences(path),
        loader: "js",
      }));
    },
  };
}

async function resolveImport(
  args: OnResolveArgs,
  build: PluginBuild,
  graph: ImportGraph,
  options: BundlePluginOptions,
): Promise<OnResolveResult | undefined> {
  if (args.pluginData === INNER || args.kind === "entry-point") return undefined;
  const known = knownModule(args, graph, options);
  if (known !== undefined) return known;

  const { importer, resolveDir, kind } = args;
  const found = await build.resolve(args.path, { importer, resolveDir, kind, pluginData: INNER });
  if (found.errors.length > 0) return unresolved(args, found.errors, graph);
  if (found.namespace !== "file") return found;
  if (options.entries.has(found.path)) return { ...found, sideEffects: true };

  const role = roleOfFile(found.path);
  if (role !== undefined) return sdkModule(role, options);
  const restricted = restrictedModule(args, found.path, graph, options);
  if (restricted !== undefined) return restricted;
  if (options.isPassthrough(args.path) || options.isPassthrough(found.path)) {
    const key = options.isPassthrough(args.path) ? args.path : found.path;
    options.passthroughs.set(key, found.path);
    return virtual({ kind: "passthrough", key, file: found.path });
  }
  const guarded = guardedModule(found.path, options.unshared);
  if (guarded !== undefined) {
    options.passthroughs.set(guarded.key, found.path);
    options.guards.set(guarded.key, guarded.kind);
    return virtual({ kind: "passthrough", key: guarded.key, file: found.path });
  }
  if (isActivityModule(found.path, options))
    return { path: found.path, namespace: ACTIVITY_NAMESPACE, sideEffects: false };
  graph.add(found.path, importer);
  return notify(args, found.path, graph, options) ?? found;
}

/** A module with members that are refused. The stand-in for it imports the module itself, which must not be replaced again. */
function restrictedModule(
  args: OnResolveArgs,
  file: string,
  graph: ImportGraph,
  { restrictions }: BundlePluginOptions,
): OnResolveResult | undefined {
  if (args.namespace === NAMESPACE) return undefined;
  const members = refusedMembers(restrictions, [args.path, file]);
  if (members === undefined) return undefined;
  graph.add(file, args.importer);
  return virtual({
    kind: "restricted",
    name: args.path,
    file,
    members,
    chain: graph.chain(args.importer, args.path),
  });
}

/** Tells of an import as far as that is wanted. */
function notify(
  { kind, importer, path }: OnResolveArgs,
  file: string,
  graph: ImportGraph,
  { importNotifications, notices }: BundlePluginOptions,
): OnResolveResult | undefined {
  if (!isAbsolute(importer) || importer.includes("/node_modules/")) return undefined;
  const chain = `Import chain: ${graph.chain(importer, path)}.`;
  if (kind === "dynamic-import" && importNotifications.dynamicImport === "warn")
    notices.add(`Workflow code imports "${path}" dynamically, which every run evaluates anew. ${chain}`);
  const { unsharedPackage = "silent" } = importNotifications;
  if (!file.includes("/node_modules/") || unsharedPackage === "silent") return undefined;
  const text = `Workflow code imports package "${path}", which every run evaluates for itself: pass it through if it keeps no state. ${chain}`;
  if (unsharedPackage === "error") return { errors: [{ text }] };
  notices.add(text);
  return undefined;
}

/** Modules that their name tells, before any file is looked for. */
function knownModule(
  args: OnResolveArgs,
  graph: ImportGraph,
  options: BundlePluginOptions,
): OnResolveResult | undefined {
  const role = roleOfSpecifier(args.path);
  if (role !== undefined) return sdkModule(role, options);
  if (isTestFramework(args.path)) return virtual({ kind: "stub", name: args.path, reason: "test" });
  const chain = graph.chain(args.importer, args.path);
  const exception = wholeModule(options.restrictions, args.path);
  if (exception?.use === "refuse")
    return virtual({ kind: "stub", name: args.path, reason: "restricted", chain, remedy: exception.remedy });
  if (exception?.use === "allow" && isBuiltin(args.path)) return virtual({ kind: "builtin", name: args.path });
  if (!isBuiltin(args.path)) return undefined;
  // A package may try a builtin and do without it, which only a require can express.
  const isAttempt = args.kind === "require-call" && args.importer.includes("node_modules");
  if (isAttempt) return virtual({ kind: "stub", name: args.path, reason: "missing" });
  if (graph.isBelowProgram(args.importer)) return virtual({ kind: "stub", name: args.path, reason: "builtin", chain });
  return virtual({ kind: "forbidden", name: args.path, importer: args.importer });
}

function unresolved(args: OnResolveArgs, errors: readonly PartialMessage[], graph: ImportGraph): OnResolveResult {
  if (args.kind === "require-call" || graph.isBelowProgram(args.importer)) {
    return virtual({ kind: "stub", name: args.path, reason: "missing" });
  }
  const chain = graph.chain(args.importer, args.path);
  return { errors: errors.map((error) => ({ ...error, text: `${error.text ?? ""}. Import chain: ${chain}.` })) };
}

function sdkModule(role: SdkModuleRole, options: BundlePluginOptions): OnResolveResult {
  switch (role.kind) {
    case "shared":
      options.sdkKeys.add(role.key);
      return virtual({ kind: "sdk", key: role.key });
    case "stub":
      if (role.over !== undefined) options.sdkKeys.add(role.over);
      return virtual({ kind: "stub", name: role.name, reason: "sdk", over: role.over });
  }
}

function isActivityModule(path: string, { workingDirectory, activityModules }: BundlePluginOptions): boolean {
  return !path.includes("node_modules") && activityModules.test(relative(workingDirectory, path));
}

function virtual(module: VirtualModule): OnResolveResult {
  // The path tells modules apart, so two importers of one module get one instance.
  const path = `${module.kind}:${"key" in module ? module.key : module.name}`;
  return { path, namespace: NAMESPACE, pluginData: module, sideEffects: module.kind === "forbidden" };
}

async function loadVirtual(args: OnLoadArgs, graph: ImportGraph): Promise<OnLoadResult> {
  const module = args.pluginData as VirtualModule;
  switch (module.kind) {
    case "sdk":
      return {
        contents: reexport(`$sdk(${JSON.stringify(module.key)})`, await exportsOfSdk(module.key)),
        loader: "js",
      };
    case "passthrough":
      return {
        contents: reexport(`$shared(${JSON.stringify(module.key)})`, await exportsOf(module.file)),
        loader: "js",
      };
    case "stub": {
      const { name, reason, chain, remedy } = module;
      const over = module.over === undefined ? "undefined" : `$sdk(${JSON.stringify(module.over)})`;
      const note = JSON.stringify({ chain, remedy });
      const call = `$stub(${JSON.stringify(name)}, ${JSON.stringify(reason)}, ${over}, ${note})`;
      return { contents: `module.exports = ${call};`, loader: "js" };
    }
    case "builtin":
      return { contents: `module.exports = $builtin(${JSON.stringify(module.name)});`, loader: "js" };
    case "restricted": {
      const { file, name, members, chain } = module;
      const rest = [name, members, chain].map((part) => JSON.stringify(part)).join(", ");
      return {
        contents: `module.exports = $restrict(require(${JSON.stringify(file)}), ${rest});`,
        loader: "js",
        resolveDir: dirname(file),
      };
    }
    case "forbidden":
      return { errors: [{ text: forbiddenMessage(module.name, graph.chain(module.importer, module.name)) }] };
  }
}

function forbiddenMessage(name: string, chain: string): string {
  return `Workflow code cannot import "${name}". Import chain: ${chain}. Move it to an activity, or use \`import type\`.`;
}

/** An ES module that picks its exports from an object of the realm; what is not imported costs a run nothing. */
function reexport(source: string, { isEsModule, names }: ModuleExports): string {
  if (!isEsModule) return `module.exports = ${source};`;
  const lines = names.map((name, index) => {
    const picked = `/* @__PURE__ */ $pick(m, ${JSON.stringify(name)})`;
    if (name === "default") return `export default ${picked};`;
    return `const e${index} = ${picked};\nexport { e${index} as ${name} };`;
  });
  return [`const m = /* @__PURE__ */ ${source};`, ...lines].join("\n");
}
