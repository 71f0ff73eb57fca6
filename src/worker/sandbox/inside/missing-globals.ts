import { ABSENT_GLOBALS } from "../../../refusals/globals.ts";
import type { RealmHost } from "./realm-host.ts";
import { realmState } from "./realm-state.ts";

/** Takes away what would make runs differ; it reads as `undefined`, so that libraries may still look for it. */
export function removeGlobals(host: RealmHost): void {
  for (const name of Object.keys(ABSENT_GLOBALS)) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get() {
        if (realmState.unrestrictedDepth > 0) return host.hostGlobal(name);
        if (realmState.loading === undefined) realmState.missingGlobal = name;
        return undefined;
      },
    });
  }
}

/** What to do about an error that came of a global which the sandbox has not; `undefined` if it came of something else. */
export function adviceFor(message: string): string | undefined {
  const name = realmState.missingGlobal;
  if (name === undefined) return undefined;
  const blamesName = new RegExp(
    `(^|[^\\w.])(globalThis\\.|self\\.|global\\.)?${name}\\b.* is not (a |defined|iterable)`,
  ).test(message);
  const blamesMember = /^Cannot (read|destructure) propert|undefined \(reading /.test(message);
  if (!blamesName && !blamesMember) return undefined;
  return `"${name}" is not there in workflow code, ${ABSENT_GLOBALS[name]}`;
}
