import { builtinModules } from "node:module";

const builtins = new Set(builtinModules);

const TEST_FRAMEWORK =
  /^(vitest|jest|mocha|chai|ava|tape|sinon|playwright|@jest\/globals|@playwright\/test|bun:test)(\/|$)/;

/** Subpaths of this package that run in the sandbox. */
export const SHARED_SUBPATHS: ReadonlySet<string> = new Set(["workflow", "common", "exceptions", "converter"]);

/**
 * Subpaths of which a part runs in the sandbox, with the key of that part.
 *
 * Activity code runs outside, but workflow code names activities by reference, so their marks must work inside. So it is
 * with the contracts of Nexus services.
 */
export const PARTLY_SHARED: ReadonlyMap<string, string> = new Map([
  ["activity", "activity/definition"],
  ["nexus", "nexus/contract"],
  ["opentelemetry", "workflow/tracing"],
  ["workflow-streams", "workflow/streams"],
]);

/** True for modules that a JavaScript runtime brings along, with and without "node:". */
export function isBuiltin(specifier: string): boolean {
  return /^(node|bun|deno):/.test(specifier) || builtins.has(specifier);
}

/** True for packages that only tests use. */
export function isTestFramework(specifier: string): boolean {
  return TEST_FRAMEWORK.test(specifier) || specifier === "node:test";
}

/** True for subpaths of this package that exist only outside of the sandbox: what imports them is a program. */
export function isHostSubpath(specifier: string): boolean {
  if (specifier === "perdure") return true;
  const [, subpath] = /^perdure\/([^/]+)$/.exec(specifier) ?? [];
  return subpath !== undefined && !SHARED_SUBPATHS.has(subpath) && !PARTLY_SHARED.has(subpath);
}
