import { fileURLToPath } from "node:url";
import { bundleSource } from "../threads/thread-script.ts";

/** How to start a thread or process for activities. */
export interface PlacedScript {
  /** Script that begins it; absent if a file does. */
  readonly code: string | undefined;
  readonly entry: URL;
  /** URL of the user's module; absent when it is part of the script. */
  readonly module: string | undefined;
}

const scripts = new Map<string, Promise<PlacedScript>>();

/**
 * Finds out how to start what runs a module's activities.
 *
 * Built code is loaded from its files. Of TypeScript sources, for which a thread has no loader, one script is made.
 */
export function placedScript(module: URL): Promise<PlacedScript> {
  let script = scripts.get(module.href);
  if (script === undefined) {
    script = makeScript(module);
    scripts.set(module.href, script);
    script.catch(() => scripts.delete(module.href));
  }
  return script;
}

async function makeScript(module: URL): Promise<PlacedScript> {
  const isBuilt = import.meta.url.endsWith(".js") && !/\.[cm]?ts$/.test(module.pathname);
  if (isBuilt) return { code: undefined, entry: new URL("./placed-entry.js", import.meta.url), module: module.href };
  const serve = fileURLToPath(
    new URL(`./serve-placed${import.meta.url.endsWith(".js") ? ".js" : ".ts"}`, import.meta.url),
  );
  const code = await bundleSource(
    [
      `import { servePlaced } from ${JSON.stringify(serve)};`,
      `import * as activities from ${JSON.stringify(fileURLToPath(module))};`,
      `servePlaced(() => activities);`,
    ].join("\n"),
  );
  return { code, entry: module, module: undefined };
}
