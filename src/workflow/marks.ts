import type { CallSchemas } from "../payload/schema.ts";
import { WorkflowDefinitionError } from "./definition-error.ts";

/**
 * What becomes of a handler that still runs when its workflow ends.
 *
 * - `warnAndAbandon`: it is given up, and a warning is logged.
 * - `abandon`: it is given up.
 */
export const HandlerUnfinishedPolicy = { warnAndAbandon: "warnAndAbandon", abandon: "abandon" } as const;
export type HandlerUnfinishedPolicy = keyof typeof HandlerUnfinishedPolicy;

/** What a method of a workflow class is for. */
export type MethodMark =
  | { readonly kind: "run"; readonly schemas?: CallSchemas | undefined }
  | { readonly kind: "init" | "dynamicConfig" }
  | {
      readonly kind: "signal" | "query" | "update";
      readonly name?: string | undefined;
      readonly dynamic: boolean;
      readonly description?: string | undefined;
      readonly unfinishedPolicy: HandlerUnfinishedPolicy;
      readonly schemas?: CallSchemas | undefined;
    }
  /** `update` is the name of the method, not of the wire. */
  | { readonly kind: "validator"; readonly update: string };

// A registered symbol, so that two copies of this package read each other's marks.
const MARK = Symbol.for("perdure.workflow.method");

type Markable = ((...args: never[]) => unknown) & { [MARK]?: MethodMark };

/**
 * Says what a method is for.
 *
 * @throws {WorkflowDefinitionError} If it is for something already.
 */
export function markMethod(method: (...args: never[]) => unknown, methodName: string, mark: MethodMark): void {
  const earlier = markOf(method);
  if (earlier !== undefined) {
    throw new WorkflowDefinitionError(
      `Cannot mark method "${methodName}" as ${mark.kind}: it is marked as ${earlier.kind} already, expected one mark for a method`,
    );
  }
  Object.defineProperty(method, MARK, { value: mark });
}

/** What a method is for, if anything was said. */
export function markOf(method: unknown): MethodMark | undefined {
  return typeof method === "function" && Object.hasOwn(method, MARK) ? (method as Markable)[MARK] : undefined;
}
