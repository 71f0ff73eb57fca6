import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exportsOf, type ModuleExports } from "./bundler.ts";
import { sdkFile } from "./sdk-layout.ts";
import type { BundledScript } from "./workflow-bundle.ts";

/** What the package's build finds out beforehand about the SDK's own modules, which is the larger part of bundling. */
export interface PrebuiltRealm {
  /** The keys of the modules that the script holds. */
  readonly cacheKey: string;
  readonly script: BundledScript;
  /** What each of the modules exports. */
  readonly exports: Readonly<Record<string, ModuleExports>>;
}

const place = new URL("./realm-script.json", import.meta.url);
let read: Promise<PrebuiltRealm | undefined> | undefined;

/** The prebuilt realm; `undefined` where the package runs from its sources. */
export function readPrebuiltRealm(): Promise<PrebuiltRealm | undefined> {
  read ??= existsSync(place)
    ? readFile(place, "utf8").then((text) => JSON.parse(text) as PrebuiltRealm)
    : Promise.resolve(undefined);
  return read;
}

const found = new Map<string, Promise<ModuleExports>>();

/** Export names of module `key` of the SDK. */
export function exportsOfSdk(key: string): Promise<ModuleExports> {
  let exports = found.get(key);
  if (exports === undefined) {
    exports = readPrebuiltRealm().then((prebuilt) => prebuilt?.exports[key] ?? exportsOf(resolve(sdkFile(key))));
    found.set(key, exports);
    exports.catch(() => found.delete(key));
  }
  return exports;
}
