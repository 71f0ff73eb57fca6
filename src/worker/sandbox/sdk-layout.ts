import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { PARTLY_SHARED, SHARED_SUBPATHS } from "../../refusals/modules.ts";

/** How a module that workflow code imports takes part in the sandbox. */
export type SdkModuleRole =
  /** Runs in the sandbox, one instance for each realm. */
  | { readonly kind: "shared"; readonly key: string }
  /** Exists only outside; in the sandbox its members throw when used, but for those of module `over`. */
  | { readonly kind: "stub"; readonly name: string; readonly over?: string | undefined };

// Layers that are pure by the rules of this package, so that all of their files may run in the sandbox.
const PURE_LAYERS = new Set(["proto", "core", "payload", "nexus", "workflow"]);

// Tests of this package define workflows beside its sources.
const USER_FILE = /\.(test|suite|test-support|workflows)\.[cm]?[jt]s$/;

const packageRoot = fileURLToPath(new URL("../../", import.meta.url));
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** Keys of the SDK's modules that every realm has, if the package has them. */
export const PUBLIC_SDK_KEYS: readonly string[] = [...SHARED_SUBPATHS, ...PARTLY_SHARED.values()];

/** Path of the file that holds SDK module `key`, such as "workflow" or "core/errors". */
export function sdkFile(key: string): string {
  return `${packageRoot}${key}${extension}`;
}

/** The role of an import by package name, such as "perdure/client"; `undefined` for other packages. */
export function roleOfSpecifier(specifier: string): SdkModuleRole | undefined {
  if (specifier === "perdure") return { kind: "stub", name: specifier };
  if (!specifier.startsWith("perdure/")) return undefined;
  return roleOfKey(specifier.slice("perdure/".length), specifier);
}

/** The role of a file of this package; `undefined` for files outside of it and for its tests. */
export function roleOfFile(path: string): SdkModuleRole | undefined {
  const inside = relative(packageRoot, path);
  if (inside.startsWith("..") || isAbsolute(inside) || USER_FILE.test(path)) return undefined;
  const key = inside
    .split(sep)
    .join("/")
    .replace(/\.[cm]?[jt]s$/, "");
  if (key.includes("node_modules/")) return undefined;
  return roleOfKey(key, `perdure/${key}`);
}

function roleOfKey(key: string, name: string): SdkModuleRole {
  const layer = key.includes("/") ? key.slice(0, key.indexOf("/")) : undefined;
  const isShared = layer === undefined ? SHARED_SUBPATHS.has(key) : PURE_LAYERS.has(layer);
  if (isShared || key === "activity/definition") return { kind: "shared", key };
  return { kind: "stub", name, over: PARTLY_SHARED.get(key) };
}
