import { defineClass } from "./class-scan.ts";
import { isAsync, isLowered, toFacts, toHandlerMark, type WorkflowOptions } from "./decorators.ts";
import { WorkflowDefinitionError } from "./definition-error.ts";
import { captureSource } from "./definition-source.ts";
import { markMethod, markOf, type MethodMark } from "./marks.ts";
import type { AnyFunction, ClassOf, Instance, QueryName, SignalName, UpdateName } from "./types.ts";

/** Which methods of a class are for what, by their names. */
export interface WorkflowHandlers<I> extends WorkflowOptions {
  readonly signals?: readonly SignalName<I>[];
  readonly queries?: readonly QueryName<I>[];
  readonly updates?: readonly UpdateName<I>[];
  /** From an update to its validator. */
  readonly validators?: Readonly<Partial<Record<UpdateName<I>, UpdateName<I>>>>;
  /** The method that gets the workflow's arguments before any handler is called. */
  readonly init?: UpdateName<I>;
}

/**
 * Makes a class a workflow without decorators: for plain JavaScript, and for runtimes that strip types.
 *
 * @throws {WorkflowDefinitionError} If the class cannot be one, with all the reasons.
 */
export function declareWorkflow<I extends Instance>(target: ClassOf<I>, handlers: WorkflowHandlers<I> = {}): void {
  const methods = new Map<string, MethodMark>([["run", { kind: "run" }]]);
  const add = (name: string, mark: MethodMark): void => {
    const earlier = methods.get(name);
    if (earlier !== undefined)
      throw new WorkflowDefinitionError(
        `Cannot declare workflow "${target.name}": method "${name}" is named as ${earlier.kind} and as ${mark.kind}`,
      );
    methods.set(name, mark);
  };
  for (const kind of ["signal", "query", "update"] as const) {
    const names = kind === "signal" ? handlers.signals : kind === "query" ? handlers.queries : handlers.updates;
    for (const name of names ?? []) add(name, toHandlerMark(kind, {}));
  }
  if (handlers.init !== undefined) add(handlers.init, { kind: "init" });
  for (const [update, validator] of Object.entries(handlers.validators ?? {}))
    add(String(validator), { kind: "validator", update });
  for (const [name, mark] of methods) markNamed(target, name, mark);
  const run = (target.prototype as Readonly<Record<string, unknown>>)["run"] as AnyFunction;
  if (!isAsync(run) && !isLowered(run))
    throw new WorkflowDefinitionError(`Cannot declare workflow "${target.name}": its run method is not async`);
  defineClass(target, toFacts(handlers, captureSource(declareWorkflow)));
}

function markNamed(target: ClassOf<Instance>, name: string, mark: MethodMark): void {
  const { prototype } = target as { readonly prototype: Readonly<Record<string, unknown>> };
  const method = prototype[name];
  if (typeof method !== "function")
    throw new WorkflowDefinitionError(`Cannot declare workflow "${target.name}": it has no method "${name}"`);
  // A subclass may name what the class it extends has declared.
  if (markOf(method) === undefined) markMethod(method as (...args: never[]) => unknown, name, mark);
}
