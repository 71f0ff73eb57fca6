import type { RealmHost } from "./realm-host.ts";
import { realmState } from "./realm-state.ts";

const NETWORK = "do network calls in an activity";
const MEMORY = "what it shows depends on garbage collection, which no replay repeats";
const THREADS = "workflow code runs in one thread; leave parallel work to activities";

/** Globals of the host that workflow code has not, with what to do instead. */
const MISSING_GLOBALS: Readonly<Record<string, string>> = {
  process: "pass what the workflow needs as an argument, or read it in an activity",
  require: "import modules at the top of the file",
  Buffer: "use Uint8Array, TextEncoder and TextDecoder",
  fetch: NETWORK,
  Request: NETWORK,
  Response: NETWORK,
  Headers: NETWORK,
  WebSocket: NETWORK,
  XMLHttpRequest: NETWORK,
  EventSource: NETWORK,
  navigator: "ask for the host's properties in an activity",
  setImmediate: "use setTimeout or workflow.sleep",
  clearImmediate: "use clearTimeout",
  WeakRef: MEMORY,
  FinalizationRegistry: MEMORY,
  SharedArrayBuffer: THREADS,
  Atomics: THREADS,
  Worker: THREADS,
  MessageChannel: THREADS,
  BroadcastChannel: THREADS,
  WebAssembly: "run compiled code in an activity",
};

/** Takes away what would make runs differ; it reads as `undefined`, so that libraries may still look for it. */
export function removeGlobals(host: RealmHost): void {
  for (const name of Object.keys(MISSING_GLOBALS)) {
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
  return `"${name}" is not there in workflow code, ${MISSING_GLOBALS[name]}`;
}
