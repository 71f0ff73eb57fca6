import { ContinueAsNewError, type ContinueAsNewInput, type ContinueAsNewOptions } from "./continue-as-new-options.ts";
import { definitionOf } from "./definition.ts";
import { inGroups } from "./event-groups.ts";
import { callThrough } from "./interceptors.ts";
import { keepGroupsOfEnd } from "./runtime/active-groups.ts";
import { writableFrame } from "./runtime/current.ts";
import type { ClassOf, Instance, WithArgs, WorkflowArgs } from "./types.ts";
import { WorkflowUsageError } from "./workflow-error.ts";

/**
 * Ends this run and goes on in a new one, with an empty history: `continueAsNew<Poller>({ args: [cursor] })`.
 *
 * The new run is of this workflow's type, or of that of `workflow`. It works by throwing an error: let it pass.
 */
export function continueAsNew<I extends Instance>(
  options: ContinueAsNewOptions & WithArgs<WorkflowArgs<I>> & { readonly workflow?: ClassOf<I> },
): never;
export function continueAsNew(
  options?: ContinueAsNewOptions & { readonly args?: readonly unknown[]; readonly workflow?: string },
): never;
export function continueAsNew(
  options: ContinueAsNewOptions & { readonly args?: readonly unknown[]; readonly workflow?: unknown } = {},
): never {
  const { run } = writableFrame("continue as new");
  const { args, workflow, ...rest } = options;
  const input: ContinueAsNewInput = { workflow: typeName(workflow), args: args ?? [], options: rest, headers: {} };
  return callThrough(run.outbound, "continueAsNew", input, (current): never => {
    const error = new ContinueAsNewError(current);
    inGroups(current.options.eventGroups, () => keepGroupsOfEnd(error, run.eventGroupMarkers));
    throw error;
  });
}

function typeName(workflow: unknown): string | undefined {
  if (workflow === undefined || typeof workflow === "string") return workflow;
  const { name } = definitionOf(workflow as ClassOf<Instance>);
  if (name === undefined)
    throw new WorkflowUsageError("Cannot continue as a dynamic workflow: give the name of the type to run");
  return name;
}
