import { existsSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { GuardKind } from "./inside/guarded-library.ts";

interface GuardedPackage {
  readonly kind: GuardKind;
  /** Versions that the tests hold for: what a package keeps in its modules may change with any other. */
  readonly versions: RegExp;
  /** Files that keep what cannot be made a run's own. */
  readonly except?: RegExp;
}

/** Packages that all runs share without being asked: no run can leave anything behind in them for another. */
const GUARDED: ReadonlyMap<string, GuardedPackage> = new Map<string, GuardedPackage>([
  ["nexus-rpc", { kind: "frozen", versions: /^0\.0\.3$/ }],
  ["zod", { kind: "zod", versions: /^4\.6\.\d+$/, except: /^(v3\/|compile\.)/ }],
]);

/** Their names. */
export const GUARDED_PACKAGES: readonly string[] = [...GUARDED.keys()];

/** A module of a package that is shared from the start. */
export interface GuardedModule {
  /** The same on every machine. */
  readonly key: string;
  readonly kind: GuardKind;
}

const PACKAGE_FOLDER = /^(.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+))[/\\]/;

/**
 * What is known of a file if it belongs to a package that is shared from the start.
 *
 * @param unshared Packages that the user wants each run to have for itself.
 */
export function guardedModule(file: string, unshared: readonly string[]): GuardedModule | undefined {
  const [, folder = "", name = ""] = PACKAGE_FOLDER.exec(file) ?? [];
  const found = GUARDED.get(name);
  if (found === undefined || unshared.includes(name)) return undefined;
  const version = versionOf(folder);
  const path = relative(folder, file).split(sep).join("/");
  if (!found.versions.test(version) || found.except?.test(path) === true) return undefined;
  return { key: `${name}@${version}/${path}`, kind: found.kind };
}

function versionOf(folder: string): string {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return "";
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version?: unknown };
  return typeof version === "string" ? version : "";
}
