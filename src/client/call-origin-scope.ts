import { AsyncLocalStorage } from "node:async_hooks";
import { type CallOrigin, findOriginsBy } from "./call-origin.ts";

const storage = new AsyncLocalStorage<CallOrigin>();
findOriginsBy(() => storage.getStore());

/** Calls a function whose calls of any client carry an origin; what it awaits does too. */
export function runFromOrigin<T>(origin: CallOrigin, run: () => T): T {
  return storage.run(origin, run);
}
