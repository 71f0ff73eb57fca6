import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { definedAs, type WorkflowDefinition } from "../workflow/definition.ts";
import { bundleWorkflows } from "./sandbox/bundle.ts";
import { Realm } from "./sandbox/realm.ts";
import type { WorkflowBundle } from "./sandbox/workflow-bundle.ts";
import type { SandboxedWorkflows } from "./tasks/sandboxed-runner.ts";
import { OptionsError } from "./worker-error.ts";
import type { SandboxOptions } from "./worker-options.ts";

/**
 * Finds workflow classes in a bundle: one made before, or one made now of the modules that define them.
 *
 * @throws {OptionsError} If it is not known where a class was defined, or the bundle given lacks it.
 * @throws {WorkflowBundleError} If a module cannot be bundled.
 */
export async function bundleDefinitions(
  definitions: readonly WorkflowDefinition[],
  { bundle: made, ...options }: SandboxOptions = {},
): Promise<SandboxedWorkflows> {
  if (made !== undefined) return findInBundle(definitions, made);
  for (const definition of definitions) refuseNamesake(definition);
  const workingDirectory = process.cwd();
  const bundle = await bundleWorkflows({ ...options, modules: definitions.map(fileOf), workingDirectory });
  const keys = new Map(bundle.modules.map(({ key, file }) => [resolve(workingDirectory, file), key]));
  return toWorkflows(bundle, definitions, (definition) => keys.get(fileOf(definition)));
}

// The files of a bundle made elsewhere may have other names here, so its modules are asked what they define.
function findInBundle(definitions: readonly WorkflowDefinition[], bundle: WorkflowBundle): SandboxedWorkflows {
  const realm = new Realm(bundle);
  const keys = new Map<string | undefined, string>();
  for (const { key } of bundle.modules) for (const { name } of realm.definitions(bundle, key)) keys.set(name, key);
  return toWorkflows(bundle, definitions, ({ name }) => keys.get(name));
}

function toWorkflows(
  bundle: WorkflowBundle,
  definitions: readonly WorkflowDefinition[],
  keyOf: (definition: WorkflowDefinition) => string | undefined,
): SandboxedWorkflows {
  const modules: Record<string, string> = {};
  let dynamicModule: string | undefined;
  for (const definition of definitions) {
    const key = keyOf(definition);
    if (key === undefined) {
      throw new OptionsError(
        `Cannot find workflow "${definition.name ?? definition.cls.name}" in bundle "${bundle.id}": it defines no such workflow`,
      );
    }
    if (definition.name === undefined) dynamicModule = key;
    else modules[definition.name] = key;
  }
  return { bundle, modules, dynamicModule };
}

/** A run knows its class by module and name, so that two of one name cannot be told apart. */
function refuseNamesake(definition: WorkflowDefinition): void {
  const { name, cls } = definition;
  const source = definition.source();
  // A module that was evaluated twice, as tests do, defines the same class again.
  const namesake = definedAs(name).find(
    (other) => other.cls !== cls && other.source() === source && String(other.cls) !== String(cls),
  );
  if (namesake === undefined) return;
  const what = name === undefined ? "dynamic workflow" : `workflow "${name}"`;
  throw new OptionsError(
    `Cannot bundle ${what}: classes "${cls.name}" and "${namesake.cls.name}" of "${source}" both define it, give one of them another name or another module`,
  );
}

/** Path of the file that defines a class. */
function fileOf({ source: findSource, name, cls }: WorkflowDefinition): string {
  const source = findSource();
  if (source === undefined) {
    throw new OptionsError(`Cannot bundle workflow "${name ?? cls.name}": the module that defines it is not known`);
  }
  const path = source.startsWith("file:") ? fileURLToPath(source.replace(/[?#].*$/, "")) : source.replace(/\?.*$/, "");
  return resolve(path);
}
