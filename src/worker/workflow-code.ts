import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkflowDefinition } from "../workflow/definition.ts";
import { bundleWorkflows } from "./sandbox/bundle.ts";
import type { SandboxedWorkflows } from "./tasks/sandboxed-runner.ts";
import { OptionsError } from "./worker-error.ts";
import type { SandboxOptions } from "./worker-options.ts";

/**
 * Bundles the modules that define workflow classes.
 *
 * @throws {OptionsError} If it is not known where a class was defined.
 * @throws {WorkflowBundleError} If a module cannot be bundled.
 */
export async function bundleDefinitions(
  definitions: readonly WorkflowDefinition[],
  options: SandboxOptions = {},
): Promise<SandboxedWorkflows> {
  const workingDirectory = process.cwd();
  const bundle = await bundleWorkflows({ ...options, modules: definitions.map(fileOf), workingDirectory });
  const keys = new Map(bundle.modules.map(({ key, file }) => [resolve(workingDirectory, file), key]));
  const modules: Record<string, string> = {};
  let dynamicModule: string | undefined;
  for (const definition of definitions) {
    const key = keys.get(fileOf(definition));
    if (definition.name === undefined) dynamicModule = key;
    else if (key !== undefined) modules[definition.name] = key;
  }
  return { bundle, modules, dynamicModule };
}

/** Path of the file that defines a class. */
function fileOf({ source, name, cls }: WorkflowDefinition): string {
  if (source === undefined) {
    throw new OptionsError(`Cannot bundle workflow "${name ?? cls.name}": the module that defines it is not known`);
  }
  const path = source.startsWith("file:") ? fileURLToPath(source.replace(/[?#].*$/, "")) : source.replace(/\?.*$/, "");
  return resolve(path);
}
