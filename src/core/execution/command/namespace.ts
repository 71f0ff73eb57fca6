import { invalidArgument, notFound } from "../execution-error.ts";
import type { CommandBatch } from "./batch.ts";

/**
 * The id of a namespace that a command names. Only the run's own is allowed, as by default in the service.
 *
 * @throws {ExecutionError} If there is no such namespace, or it is another one.
 */
export function targetNamespaceId({ t, state }: CommandBatch, namespace: string): string {
  if (namespace === "" || namespace === state.namespace) return state.namespaceId;
  const id = t.context.namespaceId?.(namespace);
  if (id === undefined) throw notFound(`Namespace ${namespace} is not found.`);
  if (id !== state.namespaceId) throw invalidArgument("cross namespace commands are not allowed");
  return id;
}
