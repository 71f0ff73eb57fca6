import type { RegisteredWorkflows } from "./registered-workflows.ts";
import { bundleWorkflows } from "./sandbox/bundle.ts";
import { Realm } from "./sandbox/realm.ts";
import { OptionsError } from "./worker-error.ts";
import type { WorkflowRunnerOptions } from "./worker-options.ts";

/** Workflows of modules that only the sandbox has loaded. */
export interface LoadedWorkflows {
  readonly workflows: RegisteredWorkflows;
  /** Runs them. */
  readonly workflowRunner: WorkflowRunnerOptions;
}

/**
 * Compiles modules for the sandbox and asks them which workflows they define.
 *
 * @param runner How else workflow code runs. @default in a sandbox
 * @throws {OptionsError} If they define none, or code is to run without a sandbox.
 * @throws {WorkflowBundleError} If a module cannot be bundled.
 * @throws {WorkflowLoadError} If a module cannot be evaluated.
 */
export async function loadWorkflowModules(
  modules: readonly string[],
  runner: WorkflowRunnerOptions = { kind: "sandboxed" },
): Promise<LoadedWorkflows> {
  if (runner.kind === "unsandboxed") {
    throw new OptionsError(
      `Cannot load workflow modules: "workflowRunner" is "unsandboxed", import the classes and give them as "workflows"`,
    );
  }
  const { bundle: made, ...options } = runner;
  const bundle = made ?? (await bundleWorkflows({ ...options, modules }));
  const realm = new Realm(bundle);
  // A module that exports another's workflows on defines them too, as each is evaluated by itself.
  const definitions = new Map(
    bundle.modules.flatMap(({ key }) => realm.definitions(bundle, key).map((found) => [found.name, found] as const)),
  );
  if (definitions.size === 0) {
    const files = bundle.modules.map(({ file }) => `"${file}"`).join(", ");
    throw new OptionsError(`Cannot load workflow modules: ${files} define no workflow, define at least one`);
  }
  return {
    workflows: {
      // These classes belong to the sandbox, whatever they say of themselves.
      definitions: [...definitions.values()].map((definition) => ({ ...definition, sandboxed: true })),
      knows: (workflowType) => definitions.has(workflowType) || definitions.has(undefined),
    },
    workflowRunner: { ...runner, bundle },
  };
}
