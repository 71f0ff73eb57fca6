import { decodeWithAsync } from "../payload/schema.ts";
import type { WorkflowDefinition } from "../workflow/definition.ts";

/** Reads a result by the schema that its workflow's class gives for it, if there is one. */
export type ReadResult = (value: unknown) => Promise<unknown>;

/** How to read the result of a workflow. */
export function workflowResultReader(definition: WorkflowDefinition | undefined): ReadResult {
  const schema = definition?.schemas?.result;
  return (value) => decodeWithAsync(schema, value, `the result of workflow "${definition?.name ?? ""}"`);
}

/** How to read the answer of a handler. @param name On the wire. */
export function handlerResultReader(
  definition: WorkflowDefinition | undefined,
  kind: "query" | "update",
  name: string,
): ReadResult {
  const handlers = kind === "query" ? definition?.queries : definition?.updates;
  const schema = handlers?.named.get(name)?.schemas?.result;
  return (value) => decodeWithAsync(schema, value, `the result of ${kind} "${name}"`);
}
