import { TemporalError } from "../core/errors.ts";
import { type ActivityContract, type ActivityFacts, attachFacts, factsOf } from "../payload/activity-contract.ts";
import type { CallSchemas } from "../payload/schema.ts";

/** Any function that may be an activity. */
export type ActivityFunction = (...args: never[]) => unknown;

/** What {@link defn} may be told. */
export interface ActivityDefinitionOptions extends CallSchemas {
  /** The activity's type on the wire. @default the function's name */
  readonly name?: string;
  /** Called for every type no other activity has, with an array of `RawValue`s. @default false */
  readonly dynamic?: boolean;
}

/** A function cannot be an activity as it is. */
export class ActivityDefinitionError extends TemporalError {
  static override readonly code: string = "TEMPORAL_ACTIVITY_DEFINITION";
  override readonly name = "ActivityDefinitionError";
}

type Decorator = <F extends ActivityFunction>(target: F, context?: ClassMethodDecoratorContext) => F;

/**
 * Names a function or method as an activity. It may decorate a method, or be called with a function.
 *
 * Any function can be an activity without it, under its own name.
 *
 * @throws {ActivityDefinitionError} If the function has no name and none is given, or a dynamic one is named.
 */
export function defn<F extends ActivityFunction>(target: F, context?: ClassMethodDecoratorContext): F;
export function defn(options: ActivityDefinitionOptions): Decorator;
export function defn(
  target: ActivityFunction | ActivityDefinitionOptions,
  context?: ClassMethodDecoratorContext,
): ActivityFunction | Decorator {
  if (typeof target === "function") return define(target, {}, context);
  const decorate: Decorator = (fn, decorated) => define(fn, target, decorated);
  return decorate;
}

/** What {@link defn} said of a function; `undefined` when it said nothing. */
export function definitionOf(fn: ActivityFunction): ActivityFacts | undefined {
  return factsOf(fn);
}

/** Implements what `defineActivity` has defined: under its name, with arguments that its schemas have read. */
export function implement<A extends unknown[], R>(
  contract: ActivityContract<A, R>,
  fn: (...args: A) => R | Promise<R>,
): (...args: A) => Promise<R> {
  const facts = factsOf(contract);
  if (facts === undefined)
    throw new ActivityDefinitionError(
      `Cannot implement activity "${contract.name}": it is no contract, make one with defineActivity()`,
    );
  const implementation = async (...args: A): Promise<R> => fn(...args);
  attachFacts(implementation, facts);
  return implementation;
}

function define<F extends ActivityFunction>(
  fn: F,
  options: ActivityDefinitionOptions,
  context: ClassMethodDecoratorContext | undefined,
): F {
  const { args, result } = options;
  const schemas = args === undefined && result === undefined ? undefined : { args, result };
  attachFacts(fn, { name: definedName(fn, options, context), schemas });
  return fn;
}

function definedName(
  fn: ActivityFunction,
  options: ActivityDefinitionOptions,
  context: ClassMethodDecoratorContext | undefined,
): string | undefined {
  if (options.dynamic === true) {
    if (options.name === undefined) return undefined;
    throw new ActivityDefinitionError(
      `Cannot define activity "${options.name}": it is dynamic, so it must have no name`,
    );
  }
  const ownName = typeof context?.name === "string" ? context.name : fn.name;
  const name = options.name ?? ownName;
  if (name === "") {
    throw new ActivityDefinitionError(`Cannot define an activity: the function has no name, give one in "name"`);
  }
  return name;
}
