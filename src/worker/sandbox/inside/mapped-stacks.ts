import { runOfContext } from "../../../workflow/runtime/current.ts";
import { wantsRawStack } from "../../../workflow/runtime/trace.ts";
import type { RealmHost } from "./realm-host.ts";

/**
 * Has `error.stack` name the user's files and lines where workflow code reads it, as what leaves a workflow does anyway.
 *
 * V8 makes the text of a stack when it is first read, so that errors whose stack nobody reads cost nothing.
 */
export function mapStacks({ context }: RealmHost): void {
  const prepareStackTrace = (error: unknown, sites: readonly unknown[]): string => {
    const stack = [headOf(error), ...sites.map((site) => `    at ${String(site)}`)].join("\n");
    const run = wantsRawStack() ? undefined : runOfContext(context.getStore());
    return run === undefined ? stack : run.host.mapStack(stack);
  };
  Object.defineProperty(Error, "prepareStackTrace", { value: prepareStackTrace });
}

/** Reading its name or message may run code of the user's that throws. */
function headOf(error: unknown): string {
  try {
    return Error.prototype.toString.call(error as Error);
  } catch {
    return "Error";
  }
}
