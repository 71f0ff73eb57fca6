import type { WorkflowDefinition } from "../workflow/definition.ts";
import { definitionOf } from "../workflow/definition.ts";
import type { ClassOf, Instance } from "../workflow/types.ts";
import { ClientUsageError } from "./client-error.ts";

/** A workflow as a caller names it, resolved. */
export interface NamedWorkflow {
  readonly workflowType: string;
  /** Absent for a workflow given by its name. */
  readonly definition: WorkflowDefinition | undefined;
}

/**
 * A workflow's type on the wire.
 *
 * @throws {WorkflowDefinitionError} If a class is no workflow.
 * @throws {ClientUsageError} If it is a dynamic one, which has no type of its own.
 */
export function nameWorkflow(workflow: string | ClassOf<Instance>): NamedWorkflow {
  if (typeof workflow === "string") return { workflowType: workflow, definition: undefined };
  const definition = definitionOf(workflow);
  if (definition.name === undefined) {
    throw new ClientUsageError(
      `Cannot start workflow "${workflow.name}": it is dynamic and has no type of its own, give the type's name instead of the class`,
    );
  }
  return { workflowType: definition.name, definition };
}
