import { definitionOf, type WorkflowDefinition } from "../workflow/definition.ts";
import { WorkflowDefinitionError } from "../workflow/definition-error.ts";
import { OptionsError } from "./worker-error.ts";
import type { WorkerDeploymentOptions, WorkflowClass } from "./worker-options.ts";

/** The workflows of a worker. */
export interface RegisteredWorkflows {
  readonly definitions: readonly WorkflowDefinition[];
  /** Whether the worker has code for workflows of this type. */
  readonly knows: (workflowType: string) => boolean;
}

/**
 * Collects workflow classes by name; `undefined` if there are none.
 *
 * @throws {OptionsError} With all faults found: classes without a definition, names used twice, and workflows that do not
 *   say when they move to another version on a worker that has one.
 */
export function registerWorkflows(
  classes: readonly WorkflowClass[],
  deployment?: WorkerDeploymentOptions,
): RegisteredWorkflows | undefined {
  if (classes.length === 0) return undefined;
  const faults: string[] = [];
  const definitions: WorkflowDefinition[] = [];
  const names = new Set<string | undefined>();
  classes.forEach((workflow, index) => {
    try {
      const definition = definitionOf(workflow);
      if (names.has(definition.name)) {
        const what = definition.name === undefined ? "dynamic workflow" : `workflow named "${definition.name}"`;
        faults.push(`workflows[${index}] is a second ${what}`);
      }
      if (lacksBehavior(definition, deployment)) {
        const advice = 'give it in its definition, or "deployment.defaultVersioningBehavior"';
        faults.push(`workflows[${index}] must specify a versioning behavior for a versioned worker: ${advice}`);
      }
      names.add(definition.name);
      definitions.push(definition);
    } catch (error) {
      if (!(error instanceof WorkflowDefinitionError)) throw error;
      faults.push(`workflows[${index}]: ${error.message}`);
    }
  });
  if (faults.length > 0) throw new OptionsError(`Cannot register workflows: ${faults.join("; ")}`);
  return { definitions, knows: (workflowType) => names.has(workflowType) || names.has(undefined) };
}

function lacksBehavior(
  { versioningBehavior, dynamicConfigMethod }: WorkflowDefinition,
  deployment: WorkerDeploymentOptions | undefined,
): boolean {
  return (
    deployment?.useWorkerVersioning === true &&
    (deployment.defaultVersioningBehavior ?? "unspecified") === "unspecified" &&
    versioningBehavior === "unspecified" &&
    dynamicConfigMethod === undefined
  );
}
